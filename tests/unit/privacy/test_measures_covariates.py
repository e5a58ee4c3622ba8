"""The columns of a regression, each within -1 and 1, of one person."""

from typing import Any

import pytest
from encode_people import trajectory

from privacy.measures.covariates import TERMS, row
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS

FORM = built_in()


def feeling(*scores: int) -> dict[str, tuple[int, ...]]:
    """Answers that say the same in each item; one score for all dimensions, or one for each."""
    each = scores * len(DIMENSIONS) if len(scores) == 1 else scores
    return {
        d: tuple(6 - score if item.reversed else score for item in FORM.items_of(d))
        for d, score in zip(DIMENSIONS, each, strict=True)
    }


def columns(
    *terms: str, start: tuple[int, ...] = (3,), later: tuple[int, ...] = (3,), **fields: Any
) -> list[float] | None:
    known = {
        "guidance_quarters": 20,
        "wellbeing": {"intake": feeling(*start), "12m": feeling(*later)},
    }
    return row(trajectory(**{**known, **fields}), terms, "12m", FORM)


@pytest.mark.parametrize(
    ("quarters", "hours"), [(22, 0), (30, 0.5), (0, -1), (38, 1), (80, 1), (14, -0.5), (6, -1)]
)
def test_hours_are_counted_from_five_and_a_half_in_steps_of_four(
    quarters: int, hours: float
) -> None:
    assert columns("constant", "hours", guidance_quarters=quarters) == [1, hours, 0]


@pytest.mark.parametrize(
    ("start", "baseline"),
    [((1,), -1), ((5,), 1), ((3,), -0.2 / 1.25), ((4, 4, 4, 4, 4, 3), (23 / 6 - 3.2) / 1.25)],
)
def test_the_baseline_is_the_mean_score_at_intake(start: tuple[int, ...], baseline: float) -> None:
    found = columns("baseline", start=start, later=start)
    assert found == pytest.approx([baseline, 0])


@pytest.mark.parametrize(
    ("later", "gain"),
    [((4,), 2 / 3), ((2,), -2 / 3), ((4, 4, 4, 5, 5, 5), 1), ((5, 3, 3, 3, 3, 2), 1 / 9)],
)
def test_the_gain_is_the_mean_change_in_steps_of_one_and_a_half_points(
    later: tuple[int, ...], gain: float
) -> None:
    assert columns(later=later) == pytest.approx([gain])


def test_a_gain_of_more_than_one_and_a_half_points_is_cut() -> None:
    assert columns(start=(3,), later=(5,)) == columns(start=(1,), later=(5,)) == [1]
    assert columns(start=(3,), later=(1,)) == columns(start=(5,), later=(1,)) == [-1]


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({"birth_year": 2004}, {"age_under_35"}),
        ({"birth_year": 1994}, {"age_under_35"}),
        ({"birth_year": 1984}, set()),
        ({"birth_year": 1974}, {"age_45_54"}),
        ({"birth_year": 1964}, {"age_55_plus"}),
        *(({"sector_before": code}, {"sector_industry"}) for code in "BCDEF"),
        *(({"sector_before": code}, {"sector_trade"}) for code in "GHI"),
        ({"sector_before": "P"}, {"sector_public"}),
        ({"sector_before": "Q"}, {"sector_education"}),
        ({"sector_before": "R"}, {"sector_care"}),
        ({"sector_before": "N"}, set()),
        ({"education": "low", "gender": "m"}, {"education_low", "men"}),
        ({"education": "high", "gender": "f"}, {"education_high"}),
        ({"education": "medium"}, set()),
        ({}, set()),
    ],
)
def test_each_code_has_its_column_and_the_rest_is_the_reference(
    fields: dict[str, Any], terms: set[str]
) -> None:
    flags = [name for name in TERMS if name not in ("constant", "hours", "baseline")]
    found = columns(*flags, **fields)
    assert found is not None
    assert found == [float(name in terms) for name in flags] + [0]


@pytest.mark.parametrize(
    "fields",
    [
        {"guidance_quarters": None},
        {"wellbeing": {}},
        {"wellbeing": {"12m": feeling(3)}},
        {"wellbeing": {"intake": feeling(3)}},
        {"wellbeing": {"intake": feeling(3), "end": feeling(3)}},
    ],
)  # fmt: skip
def test_who_lacks_a_column_has_no_row(fields: dict[str, Any]) -> None:
    assert columns("constant", **fields) is None


def test_who_was_asked_three_dimensions_has_the_gain_and_the_first_score_of_these() -> None:
    """From 2 to 3.5, and her 5 in safety at intake is of no dimension that she has twice."""
    asked = ("autonomy", "competence", "relatedness")
    start = {d: feeling(2)[d] for d in asked} | {"safety": feeling(5)["safety"]}
    felt = {"intake": start, "12m": {d: feeling(3)[d] for d in asked}}
    found = columns("constant", "baseline", guidance_quarters=20, wellbeing=felt)
    assert found == pytest.approx([1, (2 - 3.2) / 1.25, 1 / 1.5])


def test_without_the_questionnaire_there_is_no_row() -> None:
    felt = {"intake": feeling(3), "12m": feeling(3)}
    person = trajectory(guidance_quarters=20, wellbeing=felt)
    assert row(person, ("constant",), "12m", None) is None
    assert row(person, ("constant",), "12m", FORM) == [1, 0]
