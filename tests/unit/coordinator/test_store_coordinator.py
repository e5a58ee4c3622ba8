import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.store import audit_log, settings
from chassis.store.errors import StoreExists, StoreMissing
from chassis.store.tables import audit
from coordinator.store import CoordinatorStore, centres, rounds
from coordinator.store.centres import Enrolled, Invited
from coordinator.store.rounds import StateChanged
from privacy.secure_sum.keys import Identity
from schemas.round import Announcement
from schemas.signed import Signed

COORDINATOR = Identity(b"\x05" * 32)


def _announcement(number: int) -> Signed:
    body = Announcement(
        round=number, roster="00" * 32, programme="11" * 32, period="year-2024",
        cohorts=("2024Q1",), asks=("trajectories@start",), length=9, width=64,
        announced_at=10, prekeys_until=20, deadline_latest=100,
    )  # fmt: skip
    return Signed.seal(body, COORDINATOR.private)


def _enrolled(number: int) -> Enrolled:
    return Enrolled(
        number, f"Centre {number}", "org", str(number), f"{number:064x}", b"key", "card",
        "pending", 5,
    )  # fmt: skip


def test_a_second_coordinator_is_not_made_over_the_first(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        settings.put(connection, "name", "Vlaanderen")
    with pytest.raises(StoreExists):
        CoordinatorStore.create(store.folder)
    with CoordinatorStore.open(store.folder).begin() as connection:
        assert settings.text(connection, "name") == "Vlaanderen"


def test_a_database_that_holds_a_coordinator_is_refused_and_no_url_is_left(
    store: CoordinatorStore, tmp_path: Path
) -> None:
    kept = store.folder / "database.url"
    if not kept.exists():
        pytest.skip("only a database that is elsewhere can be shared by mistake")
    with pytest.raises(StoreExists):
        CoordinatorStore.create(tmp_path / "other", kept.read_text())
    with pytest.raises(StoreMissing):
        CoordinatorStore.open(tmp_path / "other")


def test_opening_an_empty_folder_says_that_there_is_no_coordinator(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="holds no coordinator"):
        CoordinatorStore.open(tmp_path)


def test_only_the_owner_can_enter_the_folder(tmp_path: Path) -> None:
    store = CoordinatorStore.create(tmp_path / "new")
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_sqlite_keeps_a_write_ahead_log_and_syncs_it(tmp_path: Path) -> None:
    with CoordinatorStore.create(tmp_path / "new").begin() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_transaction_that_fails_leaves_nothing(store: CoordinatorStore) -> None:
    def fail() -> None:
        with store.begin() as connection:
            settings.put(connection, "name", "half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with store.begin() as connection:
        assert settings.text(connection, "name") is None


def test_an_error_of_the_database_quotes_no_values(store: CoordinatorStore) -> None:
    def twice() -> None:
        with store.begin() as connection:
            for _ in range(2):
                centres.invite(connection, Invited(1, "digest-1", "Secret name", "o", "n", 9))

    with pytest.raises(IntegrityError) as caught:
        twice()
    assert "Secret name" not in str(caught.value)


def test_ids_of_centres_are_never_given_out_twice(store: CoordinatorStore) -> None:
    given = []
    for k in range(3):
        with store.begin() as connection:
            number = centres.next_id(connection)
            centres.invite(connection, Invited(number, f"digest-{k}", "n", "o", "1", 9))
            given.append(number)
            centres.revoke(connection, number, 8)
    assert given == [1, 2, 3]


def test_only_an_unused_invitation_can_be_revoked_and_only_once(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        for number in (1, 2):
            centres.invite(connection, Invited(number, f"d{number}", "n", "o", "1", 9))
        centres.use(connection, "d1", 5)
        assert centres.revoke(connection, 1, 6) == 0
        assert [i.centre for i in centres.open_invitations(connection)] == [2]
        assert centres.revoke(connection, 2, 6) == 1
        assert centres.revoke(connection, 2, 7) == 0
        assert centres.open_invitations(connection) == []


def test_approval_moves_pending_centres_only(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        for number in (1, 2):
            centres.enrol(connection, _enrolled(number))
        assert centres.approve(connection, [1, 7]) == 1
        assert centres.approve(connection, [1]) == 0
        assert [c.state for c in centres.enrolled(connection)] == ["approved", "pending"]


def test_two_centres_cannot_have_one_identity(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        centres.enrol(connection, _enrolled(1))
    same = Enrolled(2, "n", "o", "2", f"{1:064x}", b"k", "card", "pending", 5)
    with pytest.raises(IntegrityError), store.begin() as connection:
        centres.enrol(connection, same)


def test_a_round_takes_a_step_once_however_often_it_is_tried(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        rounds.announce(connection, _announcement(1), 10)
        rounds.move(connection, 1, ("ANNOUNCED", "ABANDONED"), 11)
    with pytest.raises(StateChanged), store.begin() as connection:
        rounds.move(connection, 1, ("ANNOUNCED", "ABANDONED"), 12)


def test_the_first_answer_of_a_centre_stands(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        rounds.announce(connection, _announcement(1), 10)
        rounds.keep_answer(connection, 1, "shares", {3: b"first"}, 11)
        rounds.keep_answer(connection, 1, "shares", {3: b"second"}, 12)
        rounds.keep_answer(connection, 1, "prekey", {3: b"other"}, 12)
        assert rounds.answers(connection, 1, "shares") == {3: b"first"}
        assert rounds.who_answered(connection, 1, "shares") == (3,)


def test_round_numbers_beyond_32_bits_are_kept(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        rounds.announce(connection, _announcement(2**40), 2**35)
        assert rounds.next_number(connection) == 2**40 + 1


def test_the_audit_log_stays_one_chain_when_many_write_at_once(store: CoordinatorStore) -> None:
    def write(k: int) -> None:
        with store.begin() as connection:
            audit_log.note(connection, k, "tested", k=k)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    with store.begin() as connection:
        assert audit_log.check(connection) == 20


def test_a_changed_entry_of_the_audit_log_is_found(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        for k in range(3):
            audit_log.note(connection, k, "tested", k=k)
        connection.execute(update(audit).where(audit.c.id == 2).values(details='{"k":9}'))
    with store.begin() as connection, pytest.raises(audit_log.BrokenLog, match="2"):
        audit_log.check(connection)


def test_an_entry_taken_out_of_the_middle_is_found(tmp_path: Path) -> None:
    store = CoordinatorStore.create(tmp_path / "new")
    with store.begin() as connection:
        for k in range(3):
            audit_log.note(connection, k, "tested", k=k)
    with sqlite3.connect(store.folder / "coordinator.db") as raw:
        raw.execute("DELETE FROM audit WHERE id = 2")
    with store.begin() as connection, pytest.raises(audit_log.BrokenLog):
        audit_log.check(connection)


def test_who_reads_waits_for_no_writer_and_sees_what_was_finished(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        settings.put(connection, "name", "before")
    with store.begin() as writing:
        settings.put(writing, "name", "after")
        with store.read() as reading:
            assert settings.text(reading, "name") == "before"
    with store.read() as reading:
        assert settings.text(reading, "name") == "after"


def test_who_reads_cannot_write_and_the_next_writer_can(store: CoordinatorStore) -> None:
    with pytest.raises(DBAPIError), store.read() as connection:
        settings.put(connection, "name", "never")
    with store.begin() as connection:
        assert settings.text(connection, "name") is None
        settings.put(connection, "name", "now")
