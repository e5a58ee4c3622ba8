"""What became of one person, as the encoders of measures read it from her record."""

from datetime import date
from typing import Any

import pytest
from encode_people import trajectory

from privacy.encode.outcomes import CHOICES, NUMBERS, OUTCOMES


@pytest.mark.parametrize(
    ("status", "expected"),
    [("employed", True), ("self_employed", True), ("unemployed", False), ("inactive", False),
     ("student", False), (None, None)],
)  # fmt: skip
def test_who_is_at_work_is_so_whatever_became_of_the_first_job(
    status: str | None, expected: bool | None
) -> None:
    lost = {"job_started_on": date(2024, 4, 2), "job_ended_on": date(2024, 5, 2)}
    for months in ("6m", "12m"):
        then = {f"labour_status_{months}": status}
        assert OUTCOMES["at_work"](trajectory(**then, **lost), months) is expected
        assert OUTCOMES["at_work"](trajectory(**then), months) is expected
        durable = OUTCOMES["durable_match"](trajectory(**then, **lost), months)
        assert durable is (None if status is None else False)


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
