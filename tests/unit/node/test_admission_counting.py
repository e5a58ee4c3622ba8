"""Who counts in a round: the register decides once, and consent decides what counts."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from region import sample_records
from small_region import ASK, small_programme

from node.admission import charging
from node.admission.check import Standing, charges_of
from node.store import NodeStore, budget, records
from privacy.accounting.ledger import AlreadyCharged, BudgetExceeded, Charge, ChargeKey
from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from schemas.record import Consent, Trajectory

PROGRAMME = small_programme()
LAYOUT = make_layout(PROGRAMME, [ASK])
HERE = Standing(1, None, PROGRAMME)  # type: ignore[arg-type] # counting looks at the programme only
YEAR = ("2024Q1", "2024Q2", "2024Q3", "2024Q4")
PEOPLE = sample_records(1, 8)


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    made = NodeStore.create(tmp_path / "centre")
    keep(made, *PEOPLE)
    return made


def keep(store: NodeStore, *people: Trajectory) -> None:
    with store.begin() as connection:
        records.keep(connection, people, 1)


def count(store: NodeStore, cohorts: tuple[str, ...] = YEAR) -> np.ndarray:  # type: ignore[type-arg]
    with store.begin() as connection:
        return charging.count(connection, HERE, LAYOUT, cohorts, bytes)


def registered(store: NodeStore) -> set[str]:
    with store.begin() as connection:
        return {entry.trajectory for entry in budget.register(connection)}


def expected(people: list[Trajectory]) -> np.ndarray:  # type: ignore[type-arg]
    return encode(people, LAYOUT, PROGRAMME, bytes)


def changed(one: Trajectory, **changes: object) -> Trajectory:
    return one.model_copy(update=changes)


def test_everybody_who_agreed_counts_once(store: NodeStore) -> None:
    assert np.array_equal(count(store), expected(PEOPLE))
    assert registered(store) == {one.trajectory_ref for one in PEOPLE}


def test_counting_again_counts_the_same_people(store: NodeStore) -> None:
    assert np.array_equal(count(store), count(store))
    assert len(registered(store)) == len(PEOPLE)


def test_who_never_agreed_is_not_counted_and_not_registered(store: NodeStore) -> None:
    keep(store, changed(PEOPLE[0], consent=Consent(statistics=False)))
    assert np.array_equal(count(store), expected(PEOPLE[1:]))
    assert PEOPLE[0].trajectory_ref not in registered(store)


def test_who_withdraws_after_being_counted_gives_no_values_but_stays_registered(
    store: NodeStore,
) -> None:
    count(store)
    withdrawn = Consent(statistics=True, withdrawn_on=date(2025, 1, 1))
    keep(store, changed(PEOPLE[0], consent=withdrawn))
    assert np.array_equal(count(store), expected(PEOPLE[1:]))
    assert PEOPLE[0].trajectory_ref in registered(store)


def test_an_erased_record_gives_no_values_but_its_entry_stays(store: NodeStore) -> None:
    count(store)
    with store.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM record WHERE trajectory = ?", (PEOPLE[0].trajectory_ref,)
        )
    assert np.array_equal(count(store), expected(PEOPLE[1:]))
    assert PEOPLE[0].trajectory_ref in registered(store)


def test_who_arrives_after_a_round_counts_in_the_next_one(store: NodeStore) -> None:
    count(store)
    late = changed(PEOPLE[0], client_ref="late", trajectory_ref="late")
    keep(store, late)
    assert np.array_equal(count(store), expected([*PEOPLE, late]))
    assert "late" in registered(store)


def test_a_second_trajectory_of_a_client_within_a_year_is_not_counted(store: NodeStore) -> None:
    count(store)
    keep(store, changed(PEOPLE[0], trajectory_ref="second", started_on=date(2024, 12, 1)))
    assert np.array_equal(count(store), expected(PEOPLE))
    assert "second" not in registered(store)


def test_a_corrected_record_counts_with_its_present_values(store: NodeStore) -> None:
    count(store)
    corrected = changed(PEOPLE[0], residence="BE255")
    keep(store, corrected)
    assert np.array_equal(count(store), expected([corrected, *PEOPLE[1:]]))
    assert not np.array_equal(count(store), expected(PEOPLE))


def test_only_the_cohorts_of_the_round_count(store: NodeStore) -> None:
    first = [one for one in PEOPLE if one.started_on < date(2024, 4, 1)]
    assert np.array_equal(count(store, ("2024Q1",)), expected(first))
    assert registered(store) == {one.trajectory_ref for one in first}


def test_a_centre_without_clients_counts_zeros(tmp_path: Path) -> None:
    vector = count(NodeStore.create(tmp_path / "empty"))
    assert vector.shape == (LAYOUT.length,)
    assert not vector.any()


def test_a_charge_is_written_for_each_cohort_under_the_round(store: NodeStore) -> None:
    with store.begin() as connection:
        charging.charge(connection, HERE, charges_of(LAYOUT, YEAR, b"\xab\xcd", 5))
        held = budget.ledger(connection, PROGRAMME.budget)
    assert {(key.cohort, charge.round_id) for key, charge in held.charges.items()} == {
        (cohort, "abcd") for cohort in YEAR
    }
    (event,) = {charge.event for charge in held.charges.values()}
    assert event == LAYOUT.event(LAYOUT.asks[0], 5)
    assert event is not None
    assert event.cost == LAYOUT.cost


def test_a_charge_that_is_refused_writes_nothing(store: NodeStore) -> None:
    poor = {ChargeKey("other", "start", "2024Q4"): Charge("aa", PROGRAMME.budget)}
    with store.begin() as connection:
        budget.add_charges(connection, poor)
        with pytest.raises(BudgetExceeded):
            charging.charge(connection, HERE, charges_of(LAYOUT, YEAR, b"\x01", 5))
        charging.charge(connection, HERE, charges_of(LAYOUT, YEAR[:3], b"\x02", 5))
        with pytest.raises(AlreadyCharged):
            charging.charge(connection, HERE, charges_of(LAYOUT, YEAR[2:], b"\x03", 5))
        rounds = {c.round_id for c in budget.ledger(connection, PROGRAMME.budget).charges.values()}
    assert rounds == {"aa", "02"}
