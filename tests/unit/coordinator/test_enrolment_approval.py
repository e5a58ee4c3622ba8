import time
from pathlib import Path

import pytest
from region_home import DAY, FakeClock, Region, request_of

from chassis.errors import NotYet, WrongInput
from chassis.store.errors import StoreExists
from coordinator.enrolment import approval
from coordinator.enrolment.invitations import Guest
from coordinator.home import Address, Founding, Home, found
from privacy.secure_sum.keys import Identity
from schemas.roster import Roster
from schemas.signed import Signed

EVERYWHERE = "0.0.0.0"  # noqa: S104 - never bound


@pytest.fixture
def region(tmp_path: Path) -> Region:
    made = Region(tmp_path / "coordinator", FakeClock(int(time.time())))
    made.enrol(request_of(made.invite("A"), 1), request_of(made.invite("B"), 2))
    return made


def _resigned(region: Region, signed: Signed, **changes: object) -> Signed:
    body = signed.peek(Roster).model_copy(update=changes)
    return Signed.seal(body, region.authority.private)


def test_a_candidate_names_approved_centres_only(region: Region) -> None:
    with region.store.begin() as connection:
        with pytest.raises(NotYet):
            approval.candidate(connection, region.clock())
        assert approval.approve(connection, [2], region.clock()) == (2,)
        made = approval.candidate(connection, region.clock())
    assert [c.id for c in made.centres] == [2]
    assert (made.epoch, made.previous) == (1, None)


def test_only_who_waits_can_be_approved(region: Region) -> None:
    with region.store.begin() as connection:
        with pytest.raises(WrongInput, match="centre 9"):
            approval.approve(connection, [1, 9], region.clock())
        approval.approve(connection, None, region.clock())
        with pytest.raises(NotYet):
            approval.approve(connection, None, region.clock())


def test_the_next_candidate_follows_the_installed_roster_and_may_leave_one_out(
    region: Region,
) -> None:
    region.approve()
    first = region.sign_roster()
    region.install(roster=first)
    with region.store.begin() as connection:
        made = approval.candidate(connection, region.clock(), without=frozenset({1}))
    assert (made.epoch, made.previous) == (2, first.peek(Roster).digest())
    assert [c.id for c in made.centres] == [2]


def test_installing_the_same_paper_again_changes_nothing(region: Region) -> None:
    region.approve()
    roster, programme = region.sign_roster(), region.sign_programme()
    for _ in range(2):
        region.install(roster, programme)


def test_a_paper_of_another_authority_is_refused(region: Region) -> None:
    region.approve()
    stranger = Signed.seal(region.sign_roster().peek(Roster), Identity(b"\x99" * 32).private)
    with pytest.raises(approval.WrongDocument, match="authority"):
        region.install(roster=stranger)


def test_a_programme_is_not_taken_for_a_roster(region: Region) -> None:
    with pytest.raises(approval.WrongDocument):
        region.install(roster=region.sign_programme())
    region.approve()
    roster = region.sign_roster()
    with pytest.raises(approval.WrongDocument):
        region.install(programme=roster)


@pytest.mark.parametrize(
    "changes",
    [{"coordinator": "ee" * 32}, {"epoch": 2, "previous": "00" * 32}],
    ids=["another coordinator", "a gap in the chain"],
)
def test_a_roster_that_does_not_fit_is_refused(region: Region, changes: dict[str, object]) -> None:
    region.approve()
    with pytest.raises((approval.WrongDocument, approval.OldDocument)):
        region.install(roster=_resigned(region, region.sign_roster(), **changes))


def test_a_roster_with_a_centre_that_is_not_approved_here_is_refused(region: Region) -> None:
    region.approve()
    signed = region.sign_roster()
    first, second = signed.peek(Roster).centres
    other = second.model_copy(update={"key": "ab" * 32})
    with pytest.raises(approval.WrongDocument, match="not approved"):
        region.install(roster=_resigned(region, signed, centres=(first, other)))


def test_an_older_roster_does_not_come_back(region: Region) -> None:
    region.approve()
    first = region.sign_roster()
    region.install(roster=first)
    region.install(roster=region.sign_roster())
    with pytest.raises(approval.OldDocument):
        region.install(roster=first)


def test_a_programme_needs_a_higher_version_and_a_date_ahead(region: Region) -> None:
    region.install(programme=region.sign_programme(version=2))
    for version in (1, 2):
        with pytest.raises(approval.OldDocument):
            region.install(programme=region.sign_programme(version=version, region="Elders"))
    late = region.sign_programme(version=3, days=10)
    region.clock.now += 11 * DAY
    with pytest.raises(approval.OldDocument, match="expired"):
        region.install(programme=late)


@pytest.mark.parametrize("raw", [b"", b"{}", b"\x00", b"wegwijs1:abc"])
def test_what_the_authority_did_not_write_is_not_a_paper(raw: bytes) -> None:
    with pytest.raises(WrongInput):
        approval.read_signed(raw)


@pytest.mark.parametrize(
    "guest",
    [
        Guest("", "o", "1"),
        Guest("n", " ", "1"),
        Guest("n" * 121, "o", "1"),
        Guest("n", "o", "1", 0),
    ],
)
def test_a_guest_without_a_name_or_with_an_endless_invitation_is_refused(guest: Guest) -> None:
    with pytest.raises(WrongInput):
        guest.check()


def test_a_coordinator_is_founded_once(region: Region) -> None:
    before = Home(region.folder).identity()
    with pytest.raises(StoreExists):
        found(
            region.folder,
            Founding("x", region.authority.public_hex, Address("127.0.0.1", 1)),
            region.random,
            region.clock(),
        )
    assert Home(region.folder).identity() == before == region.coordinator


@pytest.mark.parametrize("key", ["", "abc", "zz" * 32, "ab" * 33])
def test_a_wrong_authority_key_founds_nothing(tmp_path: Path, key: str) -> None:
    with pytest.raises(WrongInput):
        found(tmp_path / "new", Founding("x", key, Address("127.0.0.1", 1)), bytes, 0)
    assert not (tmp_path / "new").exists()


def test_an_address_for_every_interface_needs_a_public_name(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="public-name"):
        found(tmp_path / "new", Founding("x", "ab" * 32, Address(EVERYWHERE, 1)), bytes, 0)
    assert Address(EVERYWHERE, 8443, ("regio.example",)).url == "https://regio.example:8443"
    assert Address("::1", 8443).url == "https://[::1]:8443"
