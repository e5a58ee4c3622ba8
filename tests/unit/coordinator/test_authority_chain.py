import itertools
import stat
from pathlib import Path

import pytest

from chassis.errors import WrongInput
from coordinator.authority.signing import (
    OutOfChain,
    ReusedId,
    WorthlessDocument,
    read_candidate,
    read_programme,
    sign_programme,
    sign_roster,
)
from coordinator.authority.signing_history import SigningHistory
from coordinator.certificates import KeyExists, KeyUnusable
from schemas.catalogue.default import programme_of_year
from schemas.enrolment import RosterCandidate
from schemas.programme import Programme
from schemas.roster import Centre, Roster
from schemas.signed import BadSignature
from schemas.units import MicroRho, UnixSeconds

NOW = 1_760_000_000
_COUNT = itertools.count()


def _random(size: int) -> bytes:
    return next(_COUNT).to_bytes(4, "big").rjust(size, b"\x07")


def _centre(number: int, key: int | None = None) -> Centre:
    return Centre(
        id=number, name=f"Centre {number}", key=f"{key or number:064x}",
        organisation=f"org {number}", recognised_number=str(number),
    )  # fmt: skip


def _candidate(
    epoch: int, previous: str | None, *centres: Centre, **changes: str
) -> RosterCandidate:
    return RosterCandidate(
        epoch=epoch, previous=previous, coordinator=changes.get("coordinator", "aa" * 32),
        valid_from=UnixSeconds(NOW), valid_until=UnixSeconds(NOW + 1000), centres=centres,
    )  # fmt: skip


def _programme(**changes: object) -> Programme:
    made = programme_of_year(2024, "Vlaanderen", UnixSeconds(NOW - 10), UnixSeconds(NOW + 1000))
    return made.model_copy(update=changes)


@pytest.fixture
def memory(tmp_path: Path) -> SigningHistory:
    return SigningHistory.create(tmp_path / "authority", _random)


def test_the_key_is_for_its_owner_only_and_never_replaced(memory: SigningHistory) -> None:
    key = memory.folder / "authority.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = memory.key().public_hex
    with pytest.raises(KeyExists):
        SigningHistory.create(memory.folder, _random)
    assert memory.key().public_hex == before


def test_a_sealed_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    memory = SigningHistory.create(tmp_path / "authority", _random, "correct horse")
    assert len(memory.key("correct horse").public_hex) == 64
    for wrong in ("battery staple", None):
        with pytest.raises(KeyUnusable):
            memory.key(wrong)


def test_rosters_form_a_chain_that_tells_who_came_and_who_left(memory: SigningHistory) -> None:
    key = memory.key()
    first = sign_roster(memory, key, _candidate(1, None, _centre(1), _centre(2)), _random)
    assert [c.id for c in first.new] == [1, 2]
    second = sign_roster(
        memory, key, _candidate(2, first.roster.digest(), _centre(2), _centre(3)), _random
    )
    assert ([c.id for c in second.new], [c.id for c in second.left]) == ([3], [1])
    assert second.signed.open(Roster, key.public_hex).previous == first.roster.digest()
    assert second.roster.seed != first.roster.seed


def test_the_same_candidate_again_gives_the_same_paper(memory: SigningHistory) -> None:
    key, candidate = memory.key(), _candidate(1, None, _centre(1))
    once = sign_roster(memory, key, candidate, _random)
    assert sign_roster(memory, key, candidate, _random).signed == once.signed


@pytest.mark.parametrize(("epoch", "follows"), [(1, False), (2, False), (3, True), (1, True)])
def test_a_roster_out_of_its_chain_is_not_signed(
    memory: SigningHistory, epoch: int, follows: bool
) -> None:
    key = memory.key()
    first = sign_roster(memory, key, _candidate(1, None, _centre(1)), _random)
    previous = first.roster.digest() if follows else None
    with pytest.raises(OutOfChain):
        sign_roster(memory, key, _candidate(epoch, previous, _centre(1), _centre(2)), _random)
    assert len(memory.rosters(key)) == 1


def test_the_id_of_a_centre_that_left_is_not_given_to_another_key(memory: SigningHistory) -> None:
    key = memory.key()
    first = sign_roster(memory, key, _candidate(1, None, _centre(1), _centre(2)), _random)
    second = sign_roster(memory, key, _candidate(2, first.roster.digest(), _centre(1)), _random)
    back = _candidate(3, second.roster.digest(), _centre(1), _centre(2, key=99))
    with pytest.raises(ReusedId, match="id 2"):
        sign_roster(memory, key, back, _random)


def test_another_coordinator_key_is_told(memory: SigningHistory) -> None:
    key = memory.key()
    first = sign_roster(memory, key, _candidate(1, None, _centre(1)), _random)
    other = _candidate(2, first.roster.digest(), _centre(1), coordinator="bb" * 32)
    assert sign_roster(memory, key, other, _random).other_coordinator


def test_two_centres_with_one_key_are_refused_and_nothing_is_signed(
    memory: SigningHistory,
) -> None:
    with pytest.raises(WrongInput):
        sign_roster(
            memory, memory.key(), _candidate(1, None, _centre(1), _centre(2, key=1)), _random
        )
    assert memory.rosters(memory.key()) == []


def test_a_changed_memory_is_noticed(memory: SigningHistory) -> None:
    key = memory.key()
    sign_roster(memory, key, _candidate(1, None, _centre(1)), _random)
    path = memory.folder / "rosters" / "000001.json"
    path.write_bytes(path.read_bytes().replace(b"Centre 1", b"Centre 9"))
    with pytest.raises(BadSignature):
        memory.rosters(key)


def test_a_candidate_is_read_in_any_spelling_but_no_other_thing_is(memory: SigningHistory) -> None:
    candidate = _candidate(1, None, _centre(1))
    assert read_candidate(candidate.model_dump_json(indent=3).encode()) == candidate
    for wrong in (b"", b"{}", b"\xff", _programme().canonical()):
        with pytest.raises(WrongInput):
            read_candidate(wrong)


def test_a_programme_is_signed_once_for_each_version(memory: SigningHistory) -> None:
    key, programme = memory.key(), _programme()
    signed = sign_programme(memory, key, programme, NOW)
    assert signed.open(Programme, key.public_hex) == programme
    assert sign_programme(memory, key, programme, NOW) == signed
    with pytest.raises(OutOfChain):
        sign_programme(memory, key, _programme(region="Elders"), NOW)
    assert sign_programme(memory, key, _programme(version=2, region="Elders"), NOW) != signed


def test_an_expired_programme_is_not_signed(memory: SigningHistory) -> None:
    with pytest.raises(WorthlessDocument, match="expired"):
        sign_programme(memory, memory.key(), _programme(), NOW + 1000)


def test_prices_too_low_for_the_noise_are_not_signed(memory: SigningHistory) -> None:
    asks = tuple(ask.model_copy(update={"price": MicroRho(0)}) for ask in _programme().asks)
    with pytest.raises(WorthlessDocument, match="price"):
        sign_programme(memory, memory.key(), _programme(asks=asks), NOW)


def test_a_programme_that_is_no_programme_says_where(memory: SigningHistory) -> None:
    with pytest.raises(WrongInput, match="budget"):
        read_programme(_programme().canonical().replace(b'"budget":', b'"budgets":'))
