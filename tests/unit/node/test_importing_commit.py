"""Records into the store: all or nothing, and what was recorded here is not undone by a file."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from chassis.store import audit_log, settings
from node.importing.commit import Source, commit, reference_key
from node.importing.refusal import NothingToImport, OtherClient
from node.store import NodeStore, records
from node.store.tables import batch
from schemas.cohort import Cohort
from schemas.record import Consent, Trajectory

COHORT = Cohort.parse("2025Q4")
SOURCE = Source("klanten.csv", "ab" * 32)


def zeros(count: int) -> bytes:
    return bytes(count)


def trajectory(
    number: int, *, client: int | None = None, consent: Consent | None = None
) -> Trajectory:
    return Trajectory(
        client_ref=f"client-{number if client is None else client}",
        trajectory_ref=f"2025-{number}",
        started_on=date(2025, 11, 3),
        status="running",
        consent=consent or Consent(statistics=True),
    )


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    return NodeStore.create(tmp_path / "centre")


def test_references_are_replaced_by_hmacs_under_the_stores_own_key(store: NodeStore) -> None:
    with store.begin() as connection:
        commit(connection, [trajectory(1)], SOURCE, 1, zeros)
        key = settings.get(connection, "reference_key")
        (kept,) = records.of_cohort(connection, COHORT)
    assert key == bytes(32)
    assert kept.client_ref == records.pseudonym(bytes(32), "client", "client-1")
    assert kept.trajectory_ref == records.pseudonym(bytes(32), "trajectory", "2025-1")


def test_the_key_of_the_references_is_made_once(store: NodeStore) -> None:
    with store.begin() as connection:
        first = reference_key(connection, zeros)
        assert reference_key(connection, lambda count: b"\1" * count) == first


def test_a_failure_after_the_records_leaves_nothing(store: NodeStore) -> None:
    def fail() -> None:
        with store.begin() as connection:
            commit(connection, [trajectory(1)], SOURCE, 1, zeros)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.begin() as connection:
        assert records.count(connection) == 0
        assert connection.execute(select(batch)).all() == []
        assert settings.get(connection, "reference_key") is None


def test_only_new_and_changed_records_are_written(store: NodeStore) -> None:
    with store.begin() as connection:
        commit(connection, [trajectory(1), trajectory(2)], SOURCE, 1, zeros)
        changed = trajectory(2).model_copy(update={"status": "completed"})
        done = commit(connection, [trajectory(1), changed, trajectory(3)], SOURCE, 2, zeros)
        assert records.count(connection) == 3
    assert (done.new, done.changed, done.same) == (1, 1, 1)


def test_an_old_export_does_not_sign_up_who_withdrew_here(store: NodeStore) -> None:
    signed = Consent(statistics=True, given_on=date(2025, 11, 3))
    withdrawn = signed.model_copy(update={"withdrawn_on": date(2026, 1, 5)})
    with store.begin() as connection:
        commit(connection, [trajectory(1, consent=withdrawn)], SOURCE, 1, zeros)
        commit(connection, [trajectory(1, consent=signed)], SOURCE, 2, zeros)
        (kept,) = records.of_cohort(connection, COHORT)
        assert not kept.consent.counts
        anew = Consent(statistics=True, given_on=date(2026, 2, 1))
        commit(connection, [trajectory(1, consent=anew)], SOURCE, 3, zeros)
        (kept,) = records.of_cohort(connection, COHORT)
        assert kept.consent.counts


def test_a_trajectory_of_another_client_is_not_overwritten(store: NodeStore) -> None:
    with store.begin() as connection:
        commit(connection, [trajectory(1)], SOURCE, 1, zeros)
    with (
        pytest.raises(OtherClient, match="1 trajectory number of this file belongs"),
        store.begin() as connection,
    ):
        commit(connection, [trajectory(2), trajectory(1, client=9)], SOURCE, 2, zeros)
    with store.begin() as connection:
        assert records.count(connection) == 1


def test_nothing_right_is_nothing_to_import(store: NodeStore) -> None:
    with pytest.raises(NothingToImport), store.begin() as connection:
        commit(connection, [], SOURCE, 1, zeros)


def test_the_audit_log_notes_numbers_and_no_names(store: NodeStore) -> None:
    with store.begin() as connection:
        commit(connection, [trajectory(1)], Source("Jan Peeters.csv", "ab" * 32), 1, zeros)
        assert audit_log.check(connection) == 1
        details = connection.exec_driver_sql("SELECT details FROM audit").scalar()
    assert '"new":1' in details
    assert "Jan" not in details
    assert "client-1" not in details


def test_who_withdraws_in_one_trajectory_withdraws_with_all_she_agreed_to_before(
    store: NodeStore,
) -> None:
    withdrawn = Consent(statistics=True, withdrawn_on=date(2026, 1, 5))
    later = Consent(statistics=True, given_on=date(2026, 2, 1))
    with store.begin() as connection:
        commit(connection, [trajectory(1, client=7), trajectory(2)], SOURCE, 1, zeros)
        done = commit(connection, [trajectory(3, client=7, consent=withdrawn)], SOURCE, 2, zeros)
        assert (done.new, done.changed, done.same) == (1, 1, 0)
        old = commit(connection, [trajectory(4, client=7)], SOURCE, 3, zeros)
        assert old.new == 1
        commit(connection, [trajectory(5, client=7, consent=later)], SOURCE, 4, zeros)
        found = records.of_cohort(connection, COHORT)
    numbers = {records.pseudonym(bytes(32), "trajectory", f"2025-{n}"): n for n in range(1, 6)}
    counted = {numbers[one.trajectory_ref] for one in found if one.consent.counts}
    assert counted == {2, 5}
