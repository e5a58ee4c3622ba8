"""What the store keeps: charges, the counted register, documents, departures, the audit chain."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from chassis.store import audit_log, settings
from node.store import NodeStore, budget, egress_log, records
from privacy.accounting.ledger import Charge, ChargeKey
from privacy.accounting.register import Entry
from schemas.cohort import Cohort
from schemas.record import Trajectory
from schemas.units import MicroRho

Q1 = Cohort.parse("2025Q1")
KEY = ChargeKey("wellbeing", "12m", "2025Q1")


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    return NodeStore.create(tmp_path / "centre")


def trajectory(number: int, day: date = date(2025, 2, 1)) -> Trajectory:
    return Trajectory(
        client_ref=f"c{number}", trajectory_ref=f"t{number}", started_on=day, status="running",
        wellbeing={"intake": {"meaning": (4, None, 2)}},
    )  # fmt: skip


def test_records_come_back_as_they_were_kept(store: NodeStore) -> None:
    later = trajectory(2, date(2025, 4, 1))
    with store.begin() as connection:
        assert records.keep(connection, [trajectory(1), later], 1) == 2
        assert records.of_cohort(connection, Q1) == [trajectory(1)]
        assert records.of_cohort(connection, Q1.next()) == [later]
        assert records.of_trajectories(connection, ["t2", "gone"]) == [later]


def test_a_record_that_is_kept_again_moves_to_its_new_cohort(store: NodeStore) -> None:
    with store.begin() as connection:
        records.keep(connection, [trajectory(1)], 1)
        assert records.keep(connection, [trajectory(1, date(2025, 4, 1))], 2) == 0
        assert records.of_cohort(connection, Q1) == []
        assert len(records.of_cohort(connection, Q1.next())) == 1


def test_more_trajectories_than_a_statement_takes_are_found(store: NodeStore) -> None:
    many = [trajectory(number) for number in range(1203)]
    with store.begin() as connection:
        records.keep(connection, many, 1)
        found = records.of_trajectories(connection, [t.trajectory_ref for t in many])
    assert {t.trajectory_ref for t in found} == {t.trajectory_ref for t in many}


def test_keeping_nothing_is_no_error(store: NodeStore) -> None:
    with store.begin() as connection:
        assert records.keep(connection, [], 1) == 0


def test_pseudonyms_differ_by_key_and_by_kind() -> None:
    names = {
        records.pseudonym(key, kind, "412")
        for key in (b"a" * 32, b"b" * 32)
        for kind in ("client", "trajectory")
    }
    assert len(names) == 4


def test_a_charge_stands_until_its_round_is_refunded(store: NodeStore) -> None:
    with store.begin() as connection:
        budget.add_charges(connection, {KEY: Charge("aa", MicroRho(4000))})
        assert budget.ledger(connection, MicroRho(10_000)).charges[KEY].price == 4000
        assert budget.refund(connection, "bb") == 0
        assert budget.refund(connection, "aa") == 1
        assert budget.ledger(connection, MicroRho(10_000)).charges == {}


def test_the_same_key_is_never_charged_twice_and_the_transaction_dies(store: NodeStore) -> None:
    with store.begin() as connection:
        budget.add_charges(connection, {KEY: Charge("aa", MicroRho(4000))})

    def charge_again() -> None:
        with store.begin() as connection:
            settings.put(connection, "k", b"v")
            budget.add_charges(connection, {KEY: Charge("bb", MicroRho(1))})

    with pytest.raises(IntegrityError):
        charge_again()
    with store.begin() as connection:
        assert settings.get(connection, "k") is None


def test_the_counted_register_survives_the_record(store: NodeStore) -> None:
    with store.begin() as connection:
        records.keep(connection, [trajectory(1)], 1)
        budget.enter(connection, [Entry(Q1, "c1", "t1")])
        connection.exec_driver_sql("DELETE FROM record")
        assert budget.register(connection) == [Entry(Q1, "c1", "t1")]


def test_a_client_is_entered_once_for_a_cohort(store: NodeStore) -> None:
    with pytest.raises(IntegrityError), store.begin() as connection:
        budget.enter(connection, [Entry(Q1, "c1", "t1"), Entry(Q1, "c1", "t2")])


def test_departures_are_kept_byte_for_byte(store: NodeStore) -> None:
    with store.begin() as connection:
        egress_log.departed(connection, 5, "contribution", 7, b"\0\1\2")
        (left,) = egress_log.departures(connection)
    assert (left.at, left.kind, left.number, left.size, left.body) == (
        5,
        "contribution",
        7,
        3,
        b"\0\1\2",
    )


def test_the_audit_chain_holds_and_shows_a_change(store: NodeStore) -> None:
    with store.begin() as connection:
        for number in range(3):
            audit_log.note(connection, number, "event", number=number)
        assert audit_log.check(connection) == 3
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET details = '{}' WHERE id = 2")
        with pytest.raises(audit_log.BrokenLog, match="entry 2"):
            audit_log.check(connection)


def test_the_audit_chain_shows_an_entry_that_was_taken_out(store: NodeStore) -> None:
    with store.begin() as connection:
        for number in range(3):
            audit_log.note(connection, number, "event", number=number)
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit WHERE id = 2")
        with pytest.raises(audit_log.BrokenLog):
            audit_log.check(connection)


def test_bytes_that_left_stay_out_of_the_logs(store: NodeStore) -> None:
    with store.begin() as connection:
        egress_log.departed(connection, 5, "contribution", 7, b"sentinel-bytes")
        assert "sentinel" not in repr(egress_log.departures(connection))
