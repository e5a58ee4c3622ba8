"""The numbers of one person that means are made of, worked by hand."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from encode_people import trajectory

from privacy.people.values import changes, level, moment, values
from schemas.measures import Mean, MeanValue
from schemas.questionnaire import Item, Questionnaire, Text, built_in
from schemas.record import DIMENSIONS
from schemas.statistic import Horizon

FORM = built_in()
Answers = dict[str, tuple[int | None, ...]]


def straight(*scores: int) -> Answers:
    """Answers that say the same in each item, for one score or for one of each dimension."""
    each = scores * len(DIMENSIONS) if len(scores) == 1 else scores
    return {
        d: tuple(6 - score if item.reversed else score for item in FORM.items_of(d))
        for d, score in zip(DIMENSIONS, each, strict=True)
    }


def mean_of(value: MeanValue, *variables: str) -> Mean:
    return Mean(value=value, variables=variables, centres=(0,) * len(variables), lower=-9_000,
                upper=9_000, norm=9_000)  # fmt: skip


def valued(
    value: MeanValue, *variables: str, horizon: Horizon = "12m", **fields: Any
) -> list[Fraction | None]:
    return values(trajectory(**fields), mean_of(value, *variables), horizon, FORM)


@pytest.mark.parametrize(
    ("horizon", "when"),
    [("start", "intake"), ("intake", "intake"), ("end", "end"), ("6m", "6m"), ("12m", "12m")],
)
def test_answers_of_the_start_are_those_of_the_intake(horizon: Horizon, when: str) -> None:
    assert moment(horizon) == when


def test_a_level_is_the_score_of_each_dimension_at_its_moment() -> None:
    felt = {"intake": straight(1, 2, 3, 4, 5, 3), "12m": {"balance": (4, 4, 4)}}
    person = trajectory(wellbeing=felt)
    assert level(person, "intake", FORM) == dict(zip(DIMENSIONS, (1, 2, 3, 4, 5, 3), strict=True))
    # The third item is reversed: 4, 4 and 2.
    assert level(person, "12m", FORM) == {"balance": pytest.approx(10 / 3)}
    assert level(person, "end", FORM) == {}


def test_a_dimension_that_was_not_answered_has_no_score() -> None:
    felt = {"intake": {"meaning": (5, 5, 1), "balance": (None, None, 1)}}
    assert level(trajectory(wellbeing=felt), "intake", FORM) == {"meaning": 5}


def test_without_the_questionnaire_nothing_is_scored() -> None:
    person = trajectory(wellbeing={"intake": straight(3), "12m": straight(4)})
    assert level(person, "12m", None) == {}
    assert changes(person, "12m", None) == {}


def test_a_change_is_known_where_both_scores_are() -> None:
    then = {"meaning": (4, 4, 2), "balance": (1, 1, 5)}
    start = {"meaning": (2, 2, 4), "safety": (3, 3, 3)}
    person = trajectory(wellbeing={"intake": start, "6m": then})
    assert changes(person, "6m", FORM) == {"meaning": 2}


def test_values_stand_in_the_order_of_the_variables() -> None:
    felt = {"12m": {"meaning": (4, 4, 2), "balance": (1, 1, 5)}}
    assert valued("level", "balance", "meaning", wellbeing=felt) == [1, 4]
    assert valued("level", "meaning", "safety", wellbeing=felt) == [4, None]


def test_half_a_point_is_an_improvement_and_less_is_none() -> None:
    """Of two answered items one rises by a point, or both do, or a third is answered as before."""
    start: Answers = dict.fromkeys(("meaning", "balance", "safety"), (3, 3, None))
    then = {"meaning": (3, 4, None), "balance": (4, 4, None), "safety": (3, 3, 3)}
    felt = {"intake": start, "12m": then}
    assert valued("improved", "meaning", "balance", "safety", wellbeing=felt) == [1, 1, 0]


def six_items(lowest: int = 1, highest: int = 5) -> Questionnaire:
    text = Text(nl="zes", fr="six", en="six")
    items = tuple(Item(id=f"item{k}", dimension="meaning", text=text) for k in range(6))
    return Questionnaire(
        id="six",
        title=text,
        lowest=lowest,
        highest=highest,
        licence="own",
        source="own",
        items=items,
    )


def improved(before: tuple[int, ...], after: tuple[int, ...], form: Questionnaire) -> bool:
    felt = {"intake": {"meaning": before}, "12m": {"meaning": after}}
    found = values(trajectory(wellbeing=felt), mean_of("improved", "meaning"), "12m", form)
    return bool(found[0])


def test_a_rise_of_exactly_half_a_point_counts_whatever_its_decimals() -> None:
    """10 to 13 of six items is 10/6 to 13/6: floats make that 0.4999999999999998."""
    assert improved((2, 2, 2, 2, 1, 1), (3, 2, 2, 2, 2, 2), six_items())
    assert not improved((2, 2, 2, 2, 1, 1), (2, 2, 2, 2, 2, 2), six_items())


@pytest.mark.parametrize(("highest", "least"), [(5, 3), (7, 5)])
def test_improved_is_a_matter_of_whole_points_of_the_items(highest: int, least: int) -> None:
    """Of six items 0.5 on 1 to 5 is 3 points; on 1 to 7, where a point is 4/6, it is 4.5."""
    form = six_items(highest=highest)
    for total in range(6, 6 * highest + 1):
        for rise in (least - 1, least):
            if total + rise <= 6 * highest:
                spread = [[t // 6 + (k < t % 6) for k in range(6)] for t in (total, total + rise)]
                assert improved(tuple(spread[0]), tuple(spread[1]), form) == (rise == least)


def outcome(change: tuple[int, ...], **fields: Any) -> list[Fraction | None]:
    """Gain, improved and durable of somebody who began at 3 in every dimension."""
    known = {"labour_status_12m": "employed", **fields}
    felt = {"intake": straight(3), "12m": straight(*(3 + step for step in change))}
    return valued("outcomes", "gain", "improved", "durable", **{"wellbeing": felt, **known})


def test_outcomes_are_the_mean_change_the_share_improved_and_the_match() -> None:
    assert outcome((2, 1, 0, 0, 0, -1)) == pytest.approx([2 / 6, 2 / 6, 1])
    assert outcome((1, 1, 1, 1, 1, 1), labour_status_12m="inactive") == [1, 1, 0]
    assert outcome((0, 0, 0, 0, 0, -2), job_ended_on=date(2024, 5, 1)) == pytest.approx(
        [-1 / 3, 0, 0]
    )


def test_half_a_point_counts_as_improved_among_outcomes() -> None:
    later = straight(3) | {"meaning": (3, 4, None)}
    found = outcome((0,) * 6, wellbeing={"intake": straight(3), "12m": later})
    assert found == pytest.approx([0.5 / 6, 1 / 6, 1])


def test_each_outcome_is_told_of_those_of_whom_it_is_known() -> None:
    assert outcome((1,) * 6, labour_status_12m=None) == [1, 1, None]
    assert outcome((0,) * 6, wellbeing={"12m": straight(3)}) == [None, None, 1]
    three = {d: straight(3)[d] for d in ("autonomy", "competence", "relatedness")}
    later = {d: straight(4)[d] for d in ("autonomy", "competence", "safety")}
    assert outcome((0,) * 6, wellbeing={"intake": three, "12m": later}) == [1, 1, 1]


def test_marks_of_fit_are_read_at_their_moment() -> None:
    marks = {"intake": {"team": 2}, "12m": {"team": 5, "culture": 1}}
    fields = {"context_fit": marks}
    assert valued("context_fit", "culture", "team", **fields) == [1, 5]
    assert valued("context_fit", "team", horizon="intake", **fields) == [2]
    assert valued("context_fit", "team", horizon="start", **fields) == [2]
    assert valued("context_fit", "team", horizon="end", **fields) == [None]
    assert valued("context_fit", "team", "leadership", **fields) == [5, None]


def test_the_public_price_is_in_euro() -> None:
    assert valued("public_price", "public", price_public=63_750) == [637.5]
    assert valued("public_price", "public", price_public=0) == [0]
    assert valued("public_price", "public") == [None]


@pytest.mark.parametrize(
    ("prices", "costs"),
    [
        ({"client": 100, "public": 2_000, "employer": 30_000}, [300, 21, 321]),
        ({"client": 100, "public": 0, "employer": 0}, [0, 1, 1]),
        ({"client": 0, "public": 0, "employer": 30_000}, [300, 0, 300]),
        ({"client": 0, "public": 0, "employer": 0}, [0, 0, 0]),
        ({"client": 100, "public": 2_000}, [None] * 3),
        ({"employer": 30_000}, [None] * 3),
        ({"client": 0}, [None] * 3),
        ({}, [None] * 3),
    ],
)
def test_what_the_employer_the_others_and_all_paid(
    prices: dict[str, int], costs: list[float] | None
) -> None:
    """Of a record with all three prices alone, whoever paid."""
    fields = {f"price_{who}": cents for who, cents in prices.items()}
    assert valued("employer_cost", "employer", "others", "total", **fields) == costs
