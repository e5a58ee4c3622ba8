"""Reliability and regression: the products of a few people, worked by hand."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from encode_asked import GENDER, parts, rows
from encode_people import trajectory

from privacy.measures import regression, reliability
from privacy.measures.covariates import GAIN_SCALE, TERMS
from privacy.measures.parts import Part
from schemas.measures import (
    Regression,
    Reliability,
)
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory
from schemas.statistic import Horizon

ONE = Fraction(1)


def straight(*scores: int) -> dict[str, tuple[int, ...]]:
    """Answers that say the same in each item; one score for all dimensions, or one for each."""
    each = scores * len(DIMENSIONS) if len(scores) == 1 else scores
    return {
        d: tuple(6 - score if item.reversed else score for item in built_in().items_of(d))
        for d, score in zip(DIMENSIONS, each, strict=True)
    }


def felt(start: Sequence[int], later: Sequence[int], **fields: Any) -> Trajectory:
    return trajectory(wellbeing={"intake": straight(*start), "12m": straight(*later)}, **fields)


# reliability

MEANING = Reliability(questionnaire="werkgeluk-1", variables=("meaning",), items=3)


def test_the_products_of_items_leave_out_the_constant_by_itself() -> None:
    assert reliability.pairs(2) == ((0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def test_reliability_pays_for_every_number_at_its_most() -> None:
    """Of each of two dimensions its people and nine numbers: each is at most 1."""
    both = MEANING.model_copy(update={"variables": ("meaning", "balance")})
    most = Fraction(20)
    assert parts(both, views=((),)) == [Part("moment", (), 20, ONE, most, most, ONE)]


@pytest.mark.parametrize(("horizon", "when"), [("intake", "intake"), ("12m", "12m")])
def test_items_are_turned_the_same_way_and_lie_between_minus_1_and_1(
    horizon: Horizon, when: str
) -> None:
    """Answers 5, 4 and 3 of which the third is reversed: 1, 0.5 and 0."""
    person = trajectory(wellbeing={when: {"meaning": (5, 4, 3)}})
    found = rows(MEANING, person, horizon=horizon)["moment"]
    assert found.tolist() == [[1, 1, 0.5, 0, 1, 0.5, 0, 0.25, 0, 0]]
    low = trajectory(wellbeing={when: {"meaning": (1, 3, 4)}})
    found = rows(MEANING, low, horizon=horizon)["moment"]
    assert found.tolist() == [[1, -1, 0, -0.5, 1, 0, 0.5, 0, 0, 0.25]]


def test_answers_beyond_the_scale_are_taken_as_its_ends() -> None:
    people = [trajectory(wellbeing={"12m": {"meaning": (7, 1, 7)}}),
              trajectory(wellbeing={"12m": {"meaning": (1, 7, 1)}})]  # fmt: skip
    found = rows(MEANING, *people)["moment"]
    assert found[:, 1:4].tolist() == [[1, -1, -1], [-1, 1, 1]]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"wellbeing": {"end": {"meaning": (5, 4, 3)}}},
        {"wellbeing": {"12m": {"balance": (5, 4, 3)}}},
        {"wellbeing": {"12m": {"meaning": (5, None, 3)}}},
        {"wellbeing": {"12m": {"meaning": (5, 4)}}},
        {"wellbeing": {"12m": {"meaning": (5, 4, 3, 3)}}},
        {"wellbeing": {"12m": {"meaning": (5, 4, 3)}}, "questionnaire": "another"},
    ],
)
def test_who_left_out_an_item_is_in_no_moment(fields: dict[str, Any]) -> None:
    answered = trajectory(wellbeing={"12m": {"meaning": (5, 4, 3)}})
    found = rows(MEANING, trajectory(**fields), answered)["moment"]
    assert not found[0].any()
    assert found[1, 0] == 1


def test_a_questionnaire_of_other_length_or_name_gives_no_moment() -> None:
    person = trajectory(wellbeing={"12m": {"meaning": (5, 4, 3)}})
    four = MEANING.model_copy(update={"items": 4})
    assert not rows(four, person)["moment"].any()
    unheard = MEANING.model_copy(update={"questionnaire": "unheard-of"})
    assert not rows(unheard, person)["moment"].any()


# regression

AGES = Regression(outcome="gain", terms=("constant", "age_under_35", "age_55_plus"), norm=2_000)
NUMBERS = Regression(outcome="gain", terms=("constant", "men"), norm=1_500)


def test_codes_of_one_group_have_no_product() -> None:
    """The outcome is last, at index 3; index 1 and 2 are both of age."""
    assert regression.pairs(AGES.terms) == (
        (0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 3), (2, 2), (2, 3), (3, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "products"),
    [
        # Groups: constant, age and outcome: at most three ones, fewer than the norm would allow.
        (AGES, (9, Fraction(6), Fraction(6), ONE)),
        # Groups: constant, gender and outcome; c^2 = 2.25 is two ones and a rest of 1/4.
        (NUMBERS, (6, Fraction(9, 2), Fraction(81, 32) + Fraction(33, 32), ONE)),
        # c^2 = 1/4: not even one entry of 1.
        (NUMBERS.model_copy(update={"norm": 500}),
         (6, Fraction(1, 2), Fraction(1, 16), Fraction(1, 4))),
    ],
)  # fmt: skip
def test_a_regression_pays_for_its_products(
    measure: Regression, products: tuple[int, Fraction, Fraction, Fraction]
) -> None:
    lanes, d1, d2_squared, entry = products
    assert parts(measure, views=((),)) == [
        Part("moment", (), lanes, Fraction(9, 10), d1, d2_squared, entry, 6),
        Part("answered", (), 2, Fraction(1, 10), ONE, ONE, ONE),
    ]


def test_products_are_those_of_the_row_cut_to_its_norm() -> None:
    """A man who gained 2 points is (1, 1, 1), cut to a length of 1.5: squares of 3/4."""
    gained = felt((3,), (5,), gender="m", guidance_quarters=8)
    lost = felt((3,), (2,), gender="f", guidance_quarters=8)
    silent = trajectory(gender="m", guidance_quarters=8)
    found = rows(NUMBERS, gained, silent, lost)
    loss = -1 / GAIN_SCALE
    assert found["moment"][0] == pytest.approx([0.75] * 6)
    assert found["moment"][1].tolist() == [0] * 6
    assert found["moment"][2] == pytest.approx([1, 0, loss, 0, 0, loss**2])
    assert found["answered"].tolist() == [[1, 0], [0, 1], [1, 0]]


@pytest.mark.parametrize(("norm", "factor"), [(2_000, 1.0), (500, 0.5 / math.sqrt(61 / 36))])
def test_numbers_are_cut_by_the_length_of_the_whole_row(norm: int, factor: float) -> None:
    """Three and a half hours are -1/2, a loss of a point -2/3: sqrt(61/36) with the constant."""
    measure = Regression(outcome="gain", terms=("constant", "hours"), norm=norm)
    found = rows(measure, felt((3,), (2,), guidance_quarters=14))["moment"][0]
    v = factor * np.array([1, -1 / 2, -2 / 3])
    assert found == pytest.approx([v[i] * v[j] for i in range(3) for j in range(i, 3)])


@pytest.mark.parametrize(
    ("terms", "views", "message"),
    [
        (("hours", "men"), ((),), "asked: terms are a constant"),
        (("constant", "luck"), ((),), "known columns"),
        (("constant", "men"), GENDER, "asked: a regression is national only"),
    ],
)
def test_a_regression_that_cannot_be_measured_is_refused(
    terms: tuple[str, ...], views: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        parts(Regression(outcome="gain", terms=terms, norm=2_000), views=views)


def test_all_columns_may_be_named_at_once() -> None:
    every = Regression(outcome="gain", terms=tuple(TERMS), norm=2_000)
    assert parts(every, views=((),))[0].lanes == len(regression.pairs(tuple(TERMS)))


def test_reliability_of_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="asked: reliability is measured nationally only"):
        parts(MEANING)


def test_nobody_with_all_columns_gives_no_products() -> None:
    found = rows(NUMBERS, trajectory())
    assert found["moment"].tolist() == [[0] * 6]
    assert found["answered"].tolist() == [[0, 1]]
