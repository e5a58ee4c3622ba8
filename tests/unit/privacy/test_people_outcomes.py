"""What became of one person, as the encoders of measures read it from her record."""

from datetime import date
from typing import Any

import pytest
from encode_people import trajectory
from hypothesis import given
from hypothesis import strategies as st

from privacy.people.outcomes import CHOICES, NUMBERS, OUTCOMES


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
        (moved("CC", "yes", "yes"), "new_employer"),
        (moved("CG", "yes", "yes"), "new_sector"),
        (moved("CG", "no", "no"), "new_sector"),
        (moved("CG", None, None), None),
        (moved("CG", "yes", None), None),
        (moved("CG", None, "no"), None),
        (moved("CC", "yes", None), None),
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
        (None, "yes", None),
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


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, 3, id="within the year"),
        pytest.param({"job_started_on": date(2024, 3, 1)}, -1, id="before the end"),
        pytest.param({"job_started_on": date(2025, 3, 30)}, 11, id="a day before the year is out"),
        pytest.param({"job_started_on": date(2025, 3, 31)}, 12, id="after a year"),
        pytest.param({"job_started_on": date(2026, 3, 31)}, 12, id="after two years"),
        pytest.param({"job_started_on": None}, 12, id="none yet"),
        pytest.param({"last_seen_on": date(2025, 3, 30)}, None, id="watched a day too short"),
        pytest.param({"last_seen_on": date(2025, 3, 30), "job_started_on": None}, None,
                     id="watched a day too short, none yet"),
        pytest.param({"last_seen_on": None, "labour_status_12m": "inactive"}, 3, id="asked"),
        pytest.param({"last_seen_on": None}, None, id="never asked"),
        pytest.param({"ended_on": None}, None, id="no end of guidance"),
    ],
)  # fmt: skip
def test_the_time_to_a_job_is_told_of_whoever_was_watched_for_a_year(
    fields: dict[str, Any], expected: int | None
) -> None:
    usual = {"ended_on": date(2024, 3, 31), "job_started_on": date(2024, 6, 30),
             "last_seen_on": date(2025, 6, 30)}  # fmt: skip
    assert NUMBERS["months_to_job"](trajectory(**usual | fields)) == expected


@pytest.mark.parametrize(
    ("sectors", "status", "changed", "reached"),
    [
        ("CGG", "employed", True, True),
        ("CCG", "employed", False, False),
        ("CCC", "self_employed", False, True),
        ("C-G", "employed", None, None),
        ("C-G", "unemployed", None, False),
        ("C-G", None, None, None),
        ("CG-", "employed", True, None),
        ("-GG", "employed", None, True),
        ("-GG", "inactive", None, False),
    ],
)
def test_a_sector_is_reached_at_work_alone_and_changed_where_both_are_known(
    sectors: str, status: str | None, changed: bool | None, reached: bool | None
) -> None:
    """Before, after and wanted; - is not known."""
    before, after, wanted = (None if code == "-" else code for code in sectors)
    person = trajectory(
        sector_before=before, sector_12m=after, sector_desired=wanted, labour_status_12m=status
    )
    assert OUTCOMES["changed_sector"](person, "12m") is changed
    assert OUTCOMES["reached_sector"](person, "12m") is reached


KNOWN = st.fixed_dictionaries({
    "sector_before": st.sampled_from(["C", "G"]), "employer_changed_12m": st.just("no"),
    "role_changed_12m": st.sampled_from(["yes", "no"]), "sector_12m": st.sampled_from(["C", "G"]),
    "training_started": st.sampled_from(["yes", "no"]), "labour_status_12m": st.just("employed"),
    "training_completed": st.sampled_from(["yes", "no"]), "sector_desired": st.just("C"),
})  # fmt: skip


@given(one=KNOWN, other=KNOWN, hidden=st.sets(st.sampled_from(
    ["sector_before", "sector_12m", "employer_changed_12m", "role_changed_12m", "sector_desired",
     "training_started", "training_completed"]
)))  # fmt: skip
def test_who_counts_depends_on_what_is_known_and_never_on_what_it_says(
    one: dict[str, str], other: dict[str, str], hidden: set[str]
) -> None:
    first, second = (
        trajectory(**{name: value for name, value in known.items() if name not in hidden})
        for known in (one, other)
    )
    for rule in (*CHOICES.values(), OUTCOMES["changed_sector"], OUTCOMES["reached_sector"]):
        assert (rule(first, "12m") is None) == (rule(second, "12m") is None)
