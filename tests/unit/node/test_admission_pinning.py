"""Documents from outside: signed by the pinned authority, and never older than what is held."""

from pathlib import Path

import pytest
from cast import tape
from region import DAY, NOW
from small_region import small_programme

from chassis.store import settings
from node.admission.pinned_authority import OldDocument, take_programme, take_roster
from node.admission.refusal import NotEnrolled
from node.store import NodeStore, signed_documents
from privacy.secure_sum.keys import Identity
from schemas.document import Document
from schemas.roster import Centre, Roster
from schemas.signed import BadSignature, Signed

AUTHORITY, STRANGER = Identity.new(tape("authority")), Identity.new(tape("stranger"))
CENTRE = Centre(
    id=1, name="A", key=Identity.new(tape("a")).public_hex, organisation="o", recognised_number="1"
)


def roster(epoch: int, previous: Roster | None, seed: str = "33") -> Roster:
    return Roster(
        epoch=epoch, previous=previous.digest() if previous else None, seed=seed * 32,
        coordinator="44" * 32, valid_from=NOW - DAY, valid_until=NOW + DAY, centres=(CENTRE,),
    )  # fmt: skip


FIRST = roster(1, None)
SECOND = roster(2, FIRST)
THIRD = roster(3, SECOND)


def signed(body: Document, by: Identity = AUTHORITY) -> Signed:
    return Signed.seal(body, by.private)


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    made = NodeStore.create(tmp_path / "centre")
    with made.begin() as connection:
        settings.put(connection, "authority", AUTHORITY.public_hex.encode())
    return made


def held(store: NodeStore) -> tuple[int, int]:
    """(epoch of the roster, version of the programme)."""
    with store.begin() as connection:
        found = [signed_documents.latest(connection, kind) for kind in ("roster", "programme")]  # type: ignore[arg-type]
    return tuple(document.version if document else 0 for document in found)  # type: ignore[return-value]


def take(store: NodeStore, *rosters: Roster) -> None:
    for one in rosters:
        with store.begin() as connection:
            take_roster(connection, signed(one))


def test_rosters_follow_each_other(store: NodeStore) -> None:
    take(store, FIRST, SECOND, THIRD)
    assert held(store) == (3, 0)


def test_the_same_roster_again_changes_nothing(store: NodeStore) -> None:
    take(store, FIRST, SECOND, SECOND)
    assert held(store) == (2, 0)


def test_a_centre_that_was_away_takes_a_later_roster(store: NodeStore) -> None:
    take(store, FIRST, THIRD)
    assert held(store) == (3, 0)


@pytest.mark.parametrize(
    "next_one",
    [FIRST, roster(2, FIRST, seed="55"), roster(3, roster(2, FIRST, seed="55"))],
    ids=["older", "another one of the same epoch", "of another chain"],
)
def test_a_roster_that_does_not_follow_is_refused_and_the_old_one_stays(
    store: NodeStore, next_one: Roster
) -> None:
    take(store, FIRST, SECOND)
    with pytest.raises(OldDocument):
        take(store, next_one)
    with store.begin() as connection:
        document = signed_documents.latest(connection, "roster")
    assert document is not None
    assert document.digest == SECOND.digest()


def test_papers_of_another_authority_are_refused(store: NodeStore) -> None:
    with store.begin() as connection:
        with pytest.raises(BadSignature):
            take_roster(connection, signed(FIRST, STRANGER))
        with pytest.raises(BadSignature):
            take_programme(connection, signed(small_programme(), STRANGER))
    assert held(store) == (0, 0)


def test_a_programme_is_not_taken_for_a_roster(store: NodeStore) -> None:
    with store.begin() as connection, pytest.raises(BadSignature):
        take_roster(connection, signed(small_programme()))


def test_before_joining_there_is_no_authority_to_believe(tmp_path: Path) -> None:
    with NodeStore.create(tmp_path / "new").begin() as connection:
        for take_one, body in ((take_roster, FIRST), (take_programme, small_programme())):
            with pytest.raises(NotEnrolled):
                take_one(connection, signed(body))


def test_a_newer_programme_is_kept_without_the_owners_approval(store: NodeStore) -> None:
    with store.begin() as connection:
        take_programme(connection, signed(small_programme(1)))
        signed_documents.approve(connection, "programme", 1, NOW)
        take_programme(connection, signed(small_programme(2)))
        document = signed_documents.latest(connection, "programme")
    assert document is not None
    assert (document.version, document.approved_at) == (2, None)


def test_the_same_programme_again_keeps_its_approval(store: NodeStore) -> None:
    with store.begin() as connection:
        take_programme(connection, signed(small_programme(1)))
        signed_documents.approve(connection, "programme", 1, NOW)
        take_programme(connection, signed(small_programme(1)))
        document = signed_documents.latest(connection, "programme")
    assert document is not None
    assert document.approved_at == NOW


@pytest.mark.parametrize(
    "next_one",
    [small_programme(1), small_programme(2).model_copy(update={"region": "Elders"})],
    ids=["older", "another one of the same version"],
)
def test_a_programme_that_is_not_newer_is_refused(store: NodeStore, next_one: Document) -> None:
    with store.begin() as connection:
        take_programme(connection, signed(small_programme(2)))
        with pytest.raises(OldDocument):
            take_programme(connection, signed(next_one))
    assert held(store) == (0, 2)
