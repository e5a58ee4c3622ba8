"""What became of one person, as the encoders of measures read it from her record."""

from datetime import date
from typing import Any

import pytest
from encode_people import trajectory
from hypothesis import given
from hypothesis import strategies as st

from privacy.encode.outcomes import CHOICES, NUMBERS, OUTCOMES, job_held, whole_months
from privacy.encode.population import months_after

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))


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
    ("fields", "outcome", "expected"),
    [
        ({"status": "completed"}, "completed", True),
        ({"status": "stopped"}, "completed", False),
        ({"status": "running"}, "completed", None),
        ({"employer_involved": "yes"}, "employer_involved", True),
        ({"employer_involved": "no"}, "employer_involved", False),
        ({}, "employer_involved", None),
    ],
)
def test_outcomes_of_shares(fields: dict[str, Any], outcome: str, expected: bool | None) -> None:
    assert OUTCOMES[outcome](trajectory(**fields), "end") is expected


def moved(sectors: str, employer: str | None, role: str | None) -> dict[str, Any]:
    before, after = (None if code == "-" else code for code in sectors)
    return {"sector_before": before, "sector_12m": after,
            "employer_changed_12m": employer, "role_changed_12m": role}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (moved("CC", "no", "no"), "stayed"),
        (moved("CC", "no", "yes"), "new_role"),
        (moved("CC", "yes", "no"), "new_employer"),
        (moved("CC", "yes", None), "new_employer"),
        (moved("CG", "yes", "yes"), "new_sector"),
        (moved("CG", None, None), "new_sector"),
        (moved("C-", "no", "no"), None),
        (moved("-C", "yes", "yes"), None),
        (moved("CC", None, "yes"), None),
        (moved("CC", "no", None), None),
    ],
)
def test_the_furthest_step_counts_and_nothing_is_guessed(
    fields: dict[str, Any], expected: str | None
) -> None:
    assert CHOICES["reorientation"](trajectory(**fields), "12m") == expected


@pytest.mark.parametrize(
    ("started", "completed", "expected"),
    [
        ("no", None, "not_started"),
        ("no", "no", "not_started"),
        ("yes", None, "started"),
        ("yes", "no", "started"),
        ("yes", "yes", "completed"),
        (None, "yes", "completed"),
        (None, "no", None),
        (None, None, None),
    ],
)
def test_training_goes_from_not_started_to_completed(
    started: str | None, completed: str | None, expected: str | None
) -> None:
    person = trajectory(training_started=started, training_completed=completed)
    assert CHOICES["training"](person, "12m") == expected


def test_numbers_need_both_ends() -> None:
    assert NUMBERS["wage_change"](trajectory(wage_before=3_000, wage_12m=2_800)) == -200
    assert NUMBERS["wage_change"](trajectory(wage_12m=2_800)) is None
    assert NUMBERS["wage_change"](trajectory(wage_before=2_800)) is None
    soon = {"ended_on": date(2024, 3, 31), "job_started_on": date(2024, 6, 30)}
    assert NUMBERS["months_to_job"](trajectory(**soon)) == 3
    assert NUMBERS["months_to_job"](trajectory(**soon | {"job_started_on": None})) is None
    assert NUMBERS["months_to_job"](trajectory(**soon | {"ended_on": None})) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"job_started_on": None}, None, id="no job"),
        pytest.param({"job_started_on": None, "job_ended_on": date(2025, 1, 1)}, None,
                     id="an end alone"),
        pytest.param({"job_ended_on": date(2024, 7, 31)}, (2, "ended"), id="ended"),
        pytest.param({"job_ended_on": date(2024, 8, 1), "labour_status_12m": "employed"},
                     (3, "ended"), id="ended, whatever she does later"),
        pytest.param({"labour_status_6m": "employed", "labour_status_12m": "self_employed"},
                     (10, "held"), id="at work at 12 months"),
        pytest.param({"labour_status_6m": "employed"}, (4, "held"), id="last seen at 6 months"),
        pytest.param({"labour_status_6m": "employed", "labour_status_12m": "unemployed"},
                     (4, "held"), id="out of work at 12 months, no date"),
        pytest.param({"labour_status_6m": "unemployed", "labour_status_12m": "inactive"},
                     (0, "held"), id="never seen at work"),
        pytest.param({}, (0, "held"), id="never seen"),
        pytest.param({"labour_status_12m": "employed", "ended_on": None}, (0, "held"),
                     id="no date of the follow-up"),
        pytest.param({"labour_status_6m": "employed", "job_started_on": date(2024, 12, 1)},
                     (0, "held"), id="seen before the job began"),
    ],
)  # fmt: skip
def test_how_long_a_job_is_known_to_be_held(
    fields: dict[str, Any], expected: tuple[int, str] | None
) -> None:
    usual = {"ended_on": date(2024, 3, 31), "job_started_on": date(2024, 5, 1)}
    assert job_held(trajectory(**usual | fields)) == expected
