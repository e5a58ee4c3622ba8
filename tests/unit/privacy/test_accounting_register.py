"""The counted register: a client counts once in any four quarters, decided once."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.accounting.register import Candidate, Entry, enter, enter_all
from schemas.cohort import Cohort

FIRST = Cohort.parse("2023Q1")


def at(client: str, trajectory: str, *day: int) -> Candidate:
    return Candidate(client, trajectory, date(*day))


PEOPLE = st.lists(
    st.builds(
        Candidate, st.sampled_from("pqrst"), st.text("0123456789abcdef", min_size=2, max_size=2),
        st.integers(0, 1_000).map(lambda day: date(2023, 1, 1) + timedelta(days=day)),
    ),
    max_size=25, unique_by=lambda c: c.trajectory,
)  # fmt: skip
PERIODS = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=6)


def by_cohort(people: list[Candidate], first: int, count: int) -> dict[Cohort, list[Candidate]]:
    cohorts = [FIRST.next(first + k) for k in range(count)]
    return {c: [p for p in people if Cohort.of(p.started_on) == c] for c in cohorts}


def played(people: list[Candidate], periods: list[tuple[int, int]]) -> list[Entry]:
    """The register after rounds about these periods."""
    register: list[Entry] = []
    for first, count in periods:
        register += enter_all(register, by_cohort(people, first, count))
    return register


@given(people=PEOPLE, periods=PERIODS)
def test_nobody_counts_in_two_cohorts_within_four_quarters(
    people: list[Candidate], periods: list[tuple[int, int]]
) -> None:
    register = played(people, periods)
    for client in "pqrst":
        quarters = sorted(e.cohort.index for e in register if e.client == client)
        assert all(b - a >= 4 for a, b in pairwise(quarters))


@given(people=PEOPLE, count=st.integers(1, 4))
def test_in_a_first_period_everyone_counts_with_her_earliest_trajectory(
    people: list[Candidate], count: int
) -> None:
    register = played(people, [(0, count)])
    there = [p for p in people if Cohort.of(p.started_on).index < FIRST.index + count]
    earliest = {
        client: min((p.started_on, p.trajectory) for p in there if p.client == client)
        for client in {p.client for p in there}
    }
    assert {e.client: e.trajectory for e in register} == {c: t for c, (_, t) in earliest.items()}


@given(people=PEOPLE, periods=PERIODS, data=st.data())
def test_the_order_of_records_does_not_matter(
    people: list[Candidate], periods: list[tuple[int, int]], data: st.DataObject
) -> None:
    assert played(data.draw(st.permutations(people)), periods) == played(people, periods)


@given(people=PEOPLE, late=PEOPLE, periods=PERIODS)
def test_late_arrivals_change_no_entry(
    people: list[Candidate], late: list[Candidate], periods: list[tuple[int, int]]
) -> None:
    before = played(people, periods)
    register = list(before)
    for first, count in periods:
        register += enter_all(register, by_cohort([*people, *late], first, count))
    assert register[: len(before)] == before
    for client in "pqrst":
        quarters = sorted(e.cohort.index for e in register if e.client == client)
        assert all(b - a >= 4 for a, b in pairwise(quarters))


@given(people=PEOPLE, periods=PERIODS)
def test_asking_about_the_same_cohorts_again_enters_nobody(
    people: list[Candidate], periods: list[tuple[int, int]]
) -> None:
    register = played(people, periods)
    for first, count in periods:
        assert enter_all(register, by_cohort(people, first, count)) == ()


def test_a_late_arrival_counts_when_she_counts_nowhere_near() -> None:
    cohort = Cohort.parse("2024Q1")
    known = [Entry(cohort, "p", "p1")]
    late = [at("q", "q1", 2024, 2, 1), at("p", "p0", 2024, 1, 1)]
    assert enter(known, late, cohort) == (Entry(cohort, "q", "q1"),)


@pytest.mark.parametrize(("quarter", "counts"), [
    ("2023Q1", True), ("2023Q2", False), ("2023Q4", False), ("2024Q1", False),
    ("2024Q4", False), ("2025Q1", True),
])  # fmt: skip
def test_an_entry_keeps_her_out_of_three_cohorts_before_and_after(
    quarter: str, counts: bool
) -> None:
    cohort = Cohort.parse(quarter)
    day = date(cohort.index // 4, 3 * (cohort.index % 4) + 2, 1)
    known = [Entry(Cohort.parse("2024Q1"), "p", "p1")]
    assert bool(enter(known, [Candidate("p", "p2", day)], cohort)) == counts


def test_on_the_same_day_the_smaller_hmac_counts() -> None:
    cohort = Cohort.parse("2024Q1")
    same = [at("p", "bb", 2024, 1, 9), at("p", "aa", 2024, 1, 9), at("p", "00", 2024, 1, 10)]
    assert enter([], same, cohort) == (Entry(cohort, "p", "aa"),)


def test_a_trajectory_of_another_quarter_is_not_entered() -> None:
    assert enter([], [at("p", "p1", 2024, 4, 1)], Cohort.parse("2024Q1")) == ()


def test_entries_do_not_print_whom_they_are_about() -> None:
    entry, candidate = Entry(FIRST, "secret", "hidden"), at("secret", "hidden", 2024, 1, 9)
    for shown in (repr(entry), repr(candidate)):
        assert "secret" not in shown
        assert "hidden" not in shown
        assert "2024" not in shown
