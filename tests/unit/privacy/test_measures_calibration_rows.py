"""The moments that a figure is weighted by, of a few people worked by hand."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from encode_people import declared, trajectory

from privacy.measures import calibration
from privacy.measures.calibration import (
    BASELINE,
    GROUPS,
    MOST,
    NEEDED,
    PAIRS,
    TERMS,
    Bounds,
    covariates,
)
from privacy.measures.kinds import MEASURES
from privacy.measures.parts import Part, one_hot
from privacy.people.population import Asked
from schemas.measures import Mean, Share
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory
from schemas.statistic import Statistic

ONE = Fraction(1)
MATCH = declared("matched", Share(outcome="durable_match", calibrate=True), views=((),))
FELT = declared(
    "felt",
    Mean(value="level", variables=("meaning", "balance"), centres=(3_000, 3_000), lower=-2_000,
         upper=2_000, norm=2_500, calibrate=True),
    views=((),),
)  # fmt: skip


def asked(*people: Trajectory, statistic: Statistic = MATCH) -> Asked:
    return Asked(people, statistic, "12m", {"werkgeluk-1": built_in()})


def feeling(score: int) -> dict[str, tuple[int, ...]]:
    """Answers that say the same in each item."""
    return {
        d: tuple(6 - score if item.reversed else score for item in built_in().items_of(d))
        for d in DIMENSIONS
    }


def flags(**fields: Any) -> set[str]:
    """The flags that somebody has, beside the constant and the baseline."""
    row = covariates(asked(trajectory(**fields)))[0, :-1]
    assert set(row) <= {0.0, 1.0}
    found = {name for name, flag in zip(TERMS[:-1], row, strict=True) if flag}
    assert "constant" in found
    return found - {"constant"}


def baseline(**fields: Any) -> float:
    return float(covariates(asked(trajectory(**fields)))[0, BASELINE])


def test_terms_are_named_by_dimension_and_codes() -> None:
    assert TERMS == (
        "constant", "age_band <25 25-34", "age_band 45-54", "age_band 55+", "gender m",
        "education low", "education high", "nuts1 BE1", "nuts1 BE3", "baseline",
    )  # fmt: skip
    assert GROUPS == (0, 1, 1, 1, 2, 3, 3, 4, 4, 5)
    assert BASELINE == 9
    assert {1, 2, 3, 5} == NEEDED
    assert MOST == 6


def test_products_are_kept_of_terms_that_somebody_may_have_both() -> None:
    """45 pairs of the ten, less those of one group (3 + 1 + 1); the constant and the baseline by
    themselves."""
    assert (PAIRS[0], PAIRS[-1]) == ((0, 0), (9, 9))
    assert len(PAIRS) == 1 + 45 - 5 + 1
    assert (1, 2) not in PAIRS
    assert (1, 4) in PAIRS


@pytest.mark.parametrize(
    ("fields", "terms"),
    [
        ({}, set()),
        ({"birth_year": 2002}, {"age_band <25 25-34"}),
        ({"birth_year": 1992}, {"age_band <25 25-34"}),
        ({"birth_year": 1982}, set()),
        ({"birth_year": 1974}, {"age_band 45-54"}),
        ({"birth_year": 1960}, {"age_band 55+"}),
        ({"gender": "m", "education": "low"}, {"gender m", "education low"}),
        ({"gender": "f", "education": "medium"}, set()),
        ({"gender": "x", "education": "high"}, {"education high"}),
        ({"residence": "BE100"}, {"nuts1 BE1"}),
        ({"residence": "BE351"}, {"nuts1 BE3"}),
        ({"residence": "BE211"}, set()),
    ],
)
def test_each_code_has_its_term_and_the_rest_is_the_reference(
    fields: dict[str, Any], terms: set[str]
) -> None:
    assert flags(**fields) == terms


@pytest.mark.parametrize(
    ("scores", "found"),
    [((3, 3), -0.2), ((4, 3), 0.3), ((4,), 0.8), ((5,), 1), ((2, 2), -1), ((3, 2), -0.7)],
)
def test_the_baseline_is_the_mean_of_the_scores_there_are_from_the_middle(
    scores: tuple[int, ...], found: float
) -> None:
    """From 3.2, and cut at one point on each side."""
    felt = {d: feeling(s)[d] for d, s in zip(DIMENSIONS, scores, strict=False)}
    assert baseline(wellbeing={"intake": felt}) == pytest.approx(found)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"wellbeing": {"12m": feeling(4)}},
        {"wellbeing": {"intake": feeling(4)}, "questionnaire": "another"},
    ],
)
def test_without_a_score_at_intake_the_baseline_is_the_middle(fields: dict[str, Any]) -> None:
    assert baseline(**fields) == 0


def test_margins_count_everyone_and_products_those_who_answered() -> None:
    """A man who found work, a woman who did not, and a man who is silent."""
    people = (
        trajectory(gender="m", labour_status_12m="employed"),
        trajectory(gender="f", education="low", labour_status_12m="inactive"),
        trajectory(gender="m"),
    )
    table = MEASURES["share"].rows(asked(*people))
    man, low = TERMS.index("gender m"), TERMS.index("education low")
    assert table.keys() == {"outcome", "margin", "moment", "cross"}
    assert table["margin"].sum(axis=0)[[0, man, low]].tolist() == [3, 2, 1]
    wanted = [(0, 0), (0, man), (0, low), (man, low)]
    moments = table["moment"][:, [PAIRS.index(pair) for pair in wanted]]
    assert moments.tolist() == [[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    cross = table["cross"][:, [0, man, low]]
    assert cross.tolist() == [[0.5, 0.5, 0], [-0.5, 0, -0.5], [0, 0, 0]]
    assert table["cross"].shape == (3, len(TERMS))


def test_each_flag_repeats_every_outcome_of_a_mean() -> None:
    """Outcomes stand side by side, term after term."""
    said = {"12m": feeling(4) | {"balance": feeling(2)["balance"]}}
    person = trajectory(gender="m", wellbeing=said)
    table = MEASURES["mean"].rows(asked(person, trajectory(gender="m"), statistic=FELT))
    assert table.keys() == {
        "sum", "people", "known", "square", "margin", "moment", "cross",
    }  # fmt: skip
    cross = table["cross"].reshape(2, len(TERMS), 2)
    man = TERMS.index("gender m")
    assert cross[0, [0, man]].tolist() == [[1, -1], [1, -1]]
    assert np.abs(cross).sum() == 4
    assert table["moment"][:, 0].tolist() == [1, 0]
    assert table["margin"][:, 0].tolist() == [1, 1]


def test_calibration_takes_a_third_of_a_price() -> None:
    """Half of it for 1 + 5 + 10 products and a square, a third for 6 terms x outcome, a sixth for
    the 6 terms."""
    outcome = Bounds(2, Fraction(4), Fraction(25, 4), Fraction(2))
    found = calibration.beside([one_hot("outcome", (), 3, Fraction(3, 5))], outcome)
    assert found == [
        Part("outcome", (), 3, Fraction(2, 5), ONE, ONE, ONE),
        Part("margin", (), 10, Fraction(1, 18), Fraction(6), Fraction(6), ONE, 6),
        Part("moment", (), 42, Fraction(1, 6), Fraction(17), Fraction(17), ONE, 17),
        Part("cross", (), 20, Fraction(1, 9), Fraction(24), Fraction(75, 2), Fraction(2), 12),
    ]


def test_a_calibrated_share_sees_halves() -> None:
    found = {part.role: part for part in MEASURES["share"].parts(MATCH)}
    assert found["outcome"] == Part("outcome", (), 3, Fraction(2, 3), ONE, ONE, ONE)
    cross = found["cross"]
    assert (cross.lanes, cross.unit_d1, cross.unit_d2_squared) == (10, 3, Fraction(3, 2))
    assert cross.unit_entry == Fraction(1, 2)


def test_the_shares_of_a_calibrated_mean_add_up() -> None:
    found = MEASURES["mean"].parts(FELT)
    assert [part.role for part in found] == [
        "sum", "people", "known", "square", "margin", "moment", "cross",
    ]  # fmt: skip
    assert sum(part.rho_share for part in found) == 1
