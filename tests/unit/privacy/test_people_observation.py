"""Until when somebody was watched, and what was seen of her first job by then."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from encode_people import programme_of, trajectory
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.people.observation import job_held, last_seen, whole_months
from privacy.people.population import months_after
from schemas.catalogue import job_retention
from schemas.measures import Survival
from schemas.record import Trajectory
from schemas.statistic import Statistic

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
END, START = date(2024, 3, 31), date(2024, 5, 1)


@given(first=DAYS, second=DAYS)
def test_whole_months_are_the_most_that_fit_between_two_days(first: date, second: date) -> None:
    months = whole_months(first, second)
    assert months_after(first, months) <= second < months_after(first, months + 1)


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2024, 1, 15), date(2025, 1, 14), 11),
        (date(2024, 1, 15), date(2025, 1, 15), 12),
        (date(2024, 5, 10), date(2024, 5, 9), -1),
        (date(2024, 5, 10), date(2024, 4, 10), -1),
        (date(2024, 5, 10), date(2024, 4, 9), -2),
    ],
)
def test_whole_months_of_known_days(first: date, second: date, months: int) -> None:
    assert whole_months(first, second) == months


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, None, id="nothing is known"),
        pytest.param({"labour_status_6m": "inactive"}, date(2024, 9, 30), id="answered at 6"),
        pytest.param({"labour_status_6m": "employed", "labour_status_12m": "unemployed"},
                     date(2025, 3, 31), id="answered at both"),
        pytest.param({"labour_status_12m": "employed", "ended_on": None}, None,
                     id="no date of the follow-up"),
        pytest.param({"sector_12m": "C", "wage_12m": 3_000, "workplace_12m": "BE211"}, None,
                     id="what only workers have"),
        pytest.param({"labour_status_12m": "employed", "last_seen_on": date(2024, 6, 1)},
                     date(2024, 6, 1), id="the centre says so"),
        pytest.param({"job_ended_on": date(2024, 8, 1)}, None, id="an end says nothing"),
    ],
)  # fmt: skip
def test_a_client_is_watched_until_the_day_that_is_said_or_her_last_answer(
    fields: dict[str, Any], expected: date | None
) -> None:
    person = trajectory(**{"ended_on": END, "job_started_on": START} | fields)
    assert last_seen(person) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"job_started_on": None}, None, id="no job"),
        pytest.param({"job_started_on": None, "job_ended_on": date(2025, 1, 1)}, None,
                     id="an end alone"),
        pytest.param({"job_ended_on": date(2024, 7, 31)}, (2, "ended"), id="ended"),
        pytest.param({"job_ended_on": date(2024, 8, 1), "labour_status_12m": "employed"},
                     (3, "ended"), id="ended, whatever she does later"),
        pytest.param({"job_ended_on": date(2025, 3, 1)}, (10, "ended"), id="on the last day"),
        pytest.param({"job_ended_on": date(2025, 3, 2)}, (10, "held"), id="a day too late"),
        pytest.param({"job_ended_on": date(2027, 3, 2)}, (10, "held"), id="years too late"),
        pytest.param({}, (10, "held"), id="no end"),
        pytest.param({"last_seen_on": date(2028, 6, 1)}, (49, "held"), id="long held"),
        pytest.param({"last_seen_on": date(2024, 5, 1)}, (0, "held"), id="seen as it began"),
        pytest.param({"last_seen_on": date(2024, 4, 30)}, None, id="seen before it began"),
        pytest.param({"last_seen_on": date(2024, 4, 30), "job_ended_on": date(2024, 7, 31)},
                     None, id="seen before it began, ended"),
        pytest.param({"labour_status_12m": "unemployed", "last_seen_on": date(2026, 1, 1)},
                     (10, "ended"), id="out of work when asked"),
        pytest.param({"labour_status_6m": "student", "labour_status_12m": "employed"},
                     (4, "ended"), id="out of work at 6 months, another job at 12"),
        pytest.param({"labour_status_6m": "inactive", "labour_status_12m": "employed",
                      "job_started_on": date(2024, 10, 15)}, (5, "held"),
                     id="out of work before the job"),
        pytest.param({"labour_status_12m": "unemployed", "job_ended_on": date(2025, 1, 1)},
                     (8, "ended"), id="the day goes before the answer"),
    ],
)  # fmt: skip
def test_an_end_counts_until_she_was_last_seen_and_any_other_job_was_held_until_then(
    fields: dict[str, Any], expected: tuple[int, str] | None
) -> None:
    usual = {"ended_on": END, "job_started_on": START, "last_seen_on": date(2025, 3, 1)}
    if "labour_status_6m" in fields:
        usual |= {"last_seen_on": None}
    assert job_held(trajectory(**usual | fields)) == expected


@given(start=DAYS, held=st.integers(0, 1_500), more=st.integers(1, 1_500), at=st.integers(0, 1_500))
def test_what_becomes_of_a_job_after_the_last_day_changes_nothing(
    start: date, held: int, more: int, at: int
) -> None:
    seen = start + timedelta(days=at)
    usual = {"started_on": start, "ended_on": start, "job_started_on": start, "last_seen_on": seen}
    still = job_held(trajectory(**usual))
    late = trajectory(**usual, job_ended_on=seen + timedelta(days=more))
    assert job_held(late) == still == (whole_months(start, seen), "held")
    told = job_held(trajectory(**usual, job_ended_on=start + timedelta(days=held)))
    assert told is not None
    assert (told[1] == "ended") == (held <= at)


# against lifelines


def survival(people: Sequence[Trajectory], at: Sequence[int]) -> dict[str, float | None]:
    """What the real encoder and estimator say, without noise, at the months asked."""
    statistic = Statistic.model_validate(
        job_retention.STATISTIC.model_copy(
            update={"measure": Survival(at=tuple(at)), "views": ((),)}
        ).model_dump()
    )
    programme = programme_of((statistic, 10_000_000))
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    centres = [people[k : k + 4_000] for k in range(0, len(people), 4_000)]
    total = np.sum([encode(centre, layout, programme) for centre in centres], axis=0)
    found = estimate(total, layout, contributors=6, honest=6)
    return {f.variable: f.unadjusted for f in found if f.measure == "survival"}


def hundred(seen: date | None) -> list[Trajectory]:
    """All start a job on the last day, at work at 6 and 12 months; 10 end it after 18 months."""
    work = {"labour_status_6m": "employed", "labour_status_12m": "employed"}
    usual = {"ended_on": END, "job_started_on": END, "last_seen_on": seen, **work}
    ended = [trajectory(**usual, job_ended_on=date(2025, 9, 30)) for _ in range(10)]
    return [*ended, *(trajectory(**usual) for _ in range(90))]


def test_ten_of_a_hundred_who_left_after_18_months_leave_nine_tenths_at_24() -> None:
    found = survival(hundred(date(2026, 3, 31)), (18, 19, 24))
    assert found == {"18m": 1, "19m": pytest.approx(0.9), "24m": pytest.approx(0.9)}


def test_a_centre_that_looked_for_a_year_says_nothing_of_later_months() -> None:
    found = survival(hundred(None), (12, 19, 24))
    assert found == {"12m": 1, "19m": None, "24m": None}


def lives(count: int, seed: int) -> list[tuple[int, int]]:
    """(days a job lasts, days it is watched): windows do not depend on what becomes of it."""
    rng = np.random.default_rng(seed)
    lasts, watched = rng.exponential(900, count), rng.integers(0, 1_100, count)
    return [(int(a), int(b)) for a, b in zip(lasts, watched, strict=True)]


def watched(lasts: int, seen: int, k: int) -> Trajectory:
    start = START + timedelta(days=k % 90)
    return trajectory(
        ended_on=END, job_started_on=start, job_ended_on=start + timedelta(days=lasts),
        last_seen_on=start + timedelta(days=seen),
    )  # fmt: skip


def whole(people: Sequence[Trajectory]) -> tuple[list[int], list[bool]]:
    """Whole months until the end or the last day, whichever came first, counted one by one."""
    months, ends = [], []
    for person in people:
        assert person.job_started_on
        assert person.job_ended_on
        assert person.last_seen_on
        last = min(person.job_ended_on, person.last_seen_on)
        count = 0
        while months_after(person.job_started_on, count + 1) <= last:
            count += 1
        months.append(count)
        ends.append(person.job_ended_on <= person.last_seen_on)
    return months, ends


@pytest.mark.parametrize("seed", range(5))
def test_survival_is_that_of_lifelines_on_the_same_windows(seed: int) -> None:
    people = [watched(*life, k) for k, life in enumerate(lives(2_000, seed))]
    curve = KaplanMeierFitter().fit(*whole(people))
    found = survival(people, (1, 6, 12, 18, 24))
    assert found == {
        f"{m}m": pytest.approx(float(curve.predict(m - 0.5))) for m in (1, 6, 12, 18, 24)
    }


def test_months_instead_of_days_cost_less_than_a_hundredth() -> None:
    """Lifelines knows the days; jobs watched for part of a month count in it whole."""
    made = lives(20_000, seed=9)
    people = [watched(*life, k) for k, life in enumerate(made)]
    lasts, seen = np.array(made).T
    exact = KaplanMeierFitter().fit(np.minimum(lasts, seen), lasts <= seen)
    for name, value in survival(people, (6, 12, 24)).items():
        assert value == pytest.approx(
            float(exact.predict(int(name[:-1]) * 30.4375 - 0.5)), abs=0.01
        )


@pytest.mark.heavy
def test_whoever_is_watched_longer_does_not_fail_more() -> None:
    """Half is watched for 9 months and half for 30; the chance to leave is the same."""
    rng = np.random.default_rng(3)
    lasts = rng.exponential(900, 20_000)
    people = [watched(int(d), (270, 915)[k % 2], k) for k, d in enumerate(lasts)]
    found = survival(people, (6, 12, 24))
    for month in (6, 12, 24):
        assert found[f"{month}m"] == pytest.approx(np.exp(-month * 30.4375 / 900), abs=0.015)
