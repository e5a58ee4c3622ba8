"""Who is asked and who is at work, from one record."""

from datetime import date
from typing import Any

import pytest
from encode_people import trajectory

from privacy.people.population import at_work, belongs, durable_match, months_after
from schemas.statistic import Population

WORK = {"labour_status_before": "self_employed", "labour_status_12m": "employed"}
JOB = {"job_started_on": date(2024, 5, 1)}
EVERYBODY = {"all", "ended", "completed", "in_work_both", "in_work_after"}


@pytest.mark.parametrize(
    ("fields", "populations"),
    [
        ({"status": "running"}, {"all"}),
        ({"status": "running", **WORK, **JOB}, {"all"}),
        ({"status": "stopped", **WORK, **JOB}, {"all", "ended"}),
        ({"status": "completed"}, {"all", "ended", "completed"}),
        ({"status": "completed", **JOB}, {"all", "ended", "completed"}),
        ({"status": "completed", **WORK, **JOB}, EVERYBODY),
        ({"status": "completed", **WORK, "labour_status_before": "student"},
         {"all", "ended", "completed", "in_work_after"}),
        ({"status": "completed", **WORK, "labour_status_12m": "inactive"},
         {"all", "ended", "completed"}),
    ],
)  # fmt: skip
def test_who_belongs_to_which_population(
    fields: dict[str, Any], populations: set[Population]
) -> None:
    person = trajectory(**fields)
    assert {p for p in EVERYBODY if belongs(person, p, "12m")} == populations  # type: ignore[arg-type]


def test_work_is_asked_at_the_horizon() -> None:
    person = trajectory(labour_status_6m="employed", labour_status_12m="unemployed")
    assert at_work(person, "6m")
    assert not at_work(person, "12m")
    assert not at_work(trajectory(), "6m")
    assert belongs(person, "in_work_after", "6m")
    assert not belongs(person, "in_work_after", "12m")


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 11, 30), 1, date(2024, 12, 30)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 1, 15), 0, date(2024, 1, 15)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
    ],
)
def test_months_are_counted_across_years_and_cut_at_short_ones(
    day: date, months: int, then: date
) -> None:
    assert months_after(day, months) == then


@pytest.mark.parametrize(
    ("fields", "matched"),
    [
        ({"labour_status_12m": "employed"}, True),
        ({"labour_status_12m": "self_employed"}, True),
        ({"labour_status_12m": "student"}, False),
        ({"labour_status_6m": "employed"}, None),
        ({"labour_status_12m": "employed", "ended_on": None}, None),
        ({"labour_status_12m": "employed", "job_ended_on": date(2025, 3, 30)}, False),
        ({"labour_status_12m": "employed", "job_ended_on": date(2025, 3, 31)}, True),
        ({"labour_status_12m": "inactive", "job_ended_on": date(2025, 3, 31)}, False),
    ],
)
def test_a_match_is_durable_when_she_works_then_and_lost_no_first_job(
    fields: dict[str, Any], matched: bool | None
) -> None:
    """Twelve months after 31 March 2024."""
    assert durable_match(trajectory(**fields), "12m") is matched
