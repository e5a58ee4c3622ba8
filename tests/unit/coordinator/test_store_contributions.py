"""Contributions in parts, on both databases: a piece of a part is that piece of its bytes."""

import os

import pytest

from coordinator.store import CoordinatorStore, contributions, rounds
from privacy.secure_sum.keys import Identity
from schemas.round import Announcement
from schemas.signed import Signed
from schemas.units import UnixSeconds

NODES = (2, 3, 250)


@pytest.fixture
def sent(store: CoordinatorStore) -> dict[int, bytes]:
    """Slots of three centres as they were kept: every byte value, and the last centre's cut off."""
    announced = Announcement(
        round=1, roster="11" * 32, programme="22" * 32, period="year", cohorts=("2024Q1",),
        asks=("a@start",), length=8, width=32, announced_at=UnixSeconds(0),
        prekeys_until=UnixSeconds(1), deadline_latest=UnixSeconds(2),
    )  # fmt: skip
    found = {node: bytes(range(256)) + os.urandom(70_000) for node in NODES[:-1]}
    found[NODES[-1]] = b"\0\xff\\x00'" * 5
    with store.begin() as connection:
        identity = Identity.new(os.urandom)
        rounds.announce(connection, Signed.seal(announced, identity.private), 1)
        for node, slots in found.items():
            parts: dict[contributions.Part, bytes] = {
                "header": b"{}", "commitments": b"c" * 96, "slots": slots, "vector": slots[::-1],
            }  # fmt: skip
            contributions.keep(connection, 1, node, parts, 1)
    return found


@pytest.mark.parametrize(
    "piece", [slice(0, 1), slice(0, 48), slice(48, 96), slice(251, 260), slice(69_990, 70_400),
              slice(90_000, 90_048)],
)  # fmt: skip
def test_a_piece_of_every_contribution_is_read_by_its_range(
    store: CoordinatorStore, sent: dict[int, bytes], piece: slice
) -> None:
    with store.read() as connection:
        assert dict(contributions.cut(connection, 1, "slots", piece)) == {
            node: slots[piece] for node, slots in sent.items()
        }
        vectors = dict(contributions.cut(connection, 1, "vector", piece))
        other = list(contributions.cut(connection, 2, "slots", piece))
    assert vectors == {node: slots[::-1][piece] for node, slots in sent.items()}
    assert other == []
