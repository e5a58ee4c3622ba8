"""Hostile witnesses, as many as are tolerated of nine, beside a hostile centre, say whatever they
like at every message.

Up to two of nine cost nobody but themselves the round. More can keep a quorum from signing, which
opens nothing: the round is given up, or stuck after its days. Whenever a quorum signed and
five honest witnesses have a seat, the sum is published, and it is the sum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from test_hostile_centre import PLAYS, SETTINGS, HostileCentre, unusable_prekeys

from coordinator.rounds import closing
from privacy.secure_sum import recover
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.wire import UnmaskResponse
from schemas.message import Kind


class HostileWitness(HostileCentre):
    """One or two of nine, and at times a centre."""

    WITNESSES, LYING, HOSTILE = 9, (1, 2), (0, 1)


class HostileWitnesses(HostileCentre):
    """As many of nine as a round tolerates."""

    WITNESSES, LYING, HOSTILE = 9, (3, 4), (0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [HostileWitness, HostileWitnesses])
def test_hostile_witnesses_cost_at_most_their_places_or_a_round_that_opens_nothing(
    machine: type[HostileCentre],
) -> None:
    some = settings(SETTINGS, max_examples=max(2, PLAYS // 20))
    run_state_machine_as_test(machine, settings=some)


# -- planted faults: each has to be found


def any_mark(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(closing, "check_mark", lambda *_: None)


def unsigned_shares(patch: pytest.MonkeyPatch) -> None:
    def read(view: Any, in_set: Any, raw: bytes, _: int) -> UnmaskResponse:
        return UnmaskResponse.from_bytes(raw, len(wanted(view, in_set)))

    patch.setattr(closing, "accept_response", read)


def decoded_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recover._Opener, "_searched", lambda *_: None)


@dataclass(frozen=True)
class Planted:
    """A fault, where it shows, and how many lying witnesses show it."""

    plant: Callable[[pytest.MonkeyPatch], None]
    phase: Kind
    only: str
    lying: tuple[int, int] = (1, 2)


PLANTED = [
    Planted(unusable_prekeys, Kind.ANNOUNCE, "ready: low order ch"),
    Planted(any_mark, Kind.CERTIFY, "mark: on"),
    Planted(unsigned_shares, Kind.UNMASK, "shares: shares unsigned"),
    Planted(decoded_only, Kind.UNMASK, "shares: false shares", (4, 4)),
]


@pytest.mark.slow
@pytest.mark.parametrize("fault", PLANTED, ids=lambda one: one.plant.__name__)
def test_a_planted_fault_is_found_by_hostile_witnesses(
    monkeypatch: pytest.MonkeyPatch, fault: Planted
) -> None:
    fault.plant(monkeypatch)

    class Focused(HostileWitness):
        PHASES, ONLY, LYING = (fault.phase,), fault.only, fault.lying
        HOSTILE: ClassVar[tuple[int, int]] = (0, 0)
        LINKED = fault.phase is not Kind.ANNOUNCE

    quick = settings(
        SETTINGS, max_examples=6, phases=(Phase.generate,), database=None, derandomize=True,
        print_blob=False,
    )  # fmt: skip
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it breaks
        run_state_machine_as_test(Focused, settings=quick)
