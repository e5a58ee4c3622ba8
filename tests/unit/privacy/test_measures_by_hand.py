"""What each kind of measure declares, and what it makes of a few people, worked by hand."""

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from encode_asked import parts, rows
from encode_people import trajectory

from privacy.measures.mean import clipped, split_for
from privacy.measures.parts import Floats, Part, Role
from schemas.measures import (
    Choice,
    Count,
    Histogram,
    Mean,
    Share,
    Survival,
)
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory

ONE = Fraction(1)


def lanes_of(table: Floats) -> list[int]:
    """The lane of each person, each of whom is in one."""
    assert (table.sum(axis=1) == 1).all()
    assert (table.max(axis=1) == 1).all()
    return [int(lane) for lane in table.argmax(axis=1)]


def straight(*scores: int) -> dict[str, tuple[int, ...]]:
    """Answers that say the same in each item; one score for all dimensions, or one for each."""
    each = scores * len(DIMENSIONS) if len(scores) == 1 else scores
    return {
        d: tuple(6 - score if item.reversed else score for item in built_in().items_of(d))
        for d, score in zip(DIMENSIONS, each, strict=True)
    }


def felt(start: Sequence[int], later: Sequence[int], **fields: Any) -> Trajectory:
    return trajectory(wellbeing={"intake": straight(*start), "12m": straight(*later)}, **fields)


# one entry for each person

WAGES = Histogram(of="wage_change", edges=(-100, 0, 200, 500))
JOBS = Survival(months=3, at=(1, 3))
TRAINED = Choice(of="training", options=("started", "not_started", "completed"))


@pytest.mark.parametrize(
    ("measure", "role", "lanes"),
    [
        (Count(), "count", 1),
        (Share(outcome="completed"), "outcome", 3),
        (TRAINED, "outcome", 4),
        (WAGES, "outcome", 4),
        (JOBS, "outcome", 8),
    ],
    ids=["count", "share", "choice", "histogram", "survival"],
)
def test_who_adds_1_to_one_entry_of_each_view_pays_by_the_view(
    measure: Any, role: Role, lanes: int
) -> None:
    """The national total takes a fifth of the price: a quarter of what the other table takes."""
    assert parts(measure) == [
        Part(role, (), lanes, Fraction(1, 5), ONE, ONE, ONE),
        Part(role, ("gender",), lanes, Fraction(4, 5), ONE, ONE, ONE),
    ]


def test_everyone_counts() -> None:
    assert rows(Count(), trajectory(), trajectory(status="running")) == {
        "count": pytest.approx(np.ones((2, 1)))
    }


def test_a_share_is_yes_no_or_not_answered() -> None:
    people = [trajectory(employer_involved=said) for said in ("no", None, "yes")]
    assert lanes_of(rows(Share(outcome="employer_involved"), *people)["outcome"]) == [1, 2, 0]


def test_options_stand_in_the_order_of_the_declaration_and_not_answered_last() -> None:
    people = [
        trajectory(training_started=started, training_completed=done)
        for started, done in (("no", None), ("yes", None), ("yes", "yes"), (None, None))
    ]
    assert lanes_of(rows(TRAINED, *people)["outcome"]) == [1, 0, 2, 3]


@pytest.mark.parametrize(
    ("change", "lane"),
    [(-500, 0), (-1, 0), (0, 1), (199, 1), (200, 2), (499, 2), (500, 2), (9_000, 2), (None, 3)],
)
def test_a_number_is_in_the_bin_from_its_edge_on_and_beyond_in_the_outer_ones(
    change: int | None, lane: int
) -> None:
    after = None if change is None else 2_000 + change
    person = trajectory(wage_before=2_000, wage_12m=after)
    assert lanes_of(rows(WAGES, person)["outcome"]) == [lane]


@pytest.mark.parametrize(
    ("fields", "lane"),
    [
        pytest.param({"job_ended_on": date(2024, 5, 20)}, 0, id="ended in the first month"),
        pytest.param({"job_ended_on": date(2024, 7, 1)}, 2, id="ended after two"),
        pytest.param({"job_ended_on": date(2024, 8, 1)}, 6, id="held for the three, then ended"),
        pytest.param({"last_seen_on": date(2024, 5, 20)}, 3, id="seen in the first month"),
        pytest.param({}, 6, id="seen after four"),
        pytest.param({"job_started_on": date(2024, 8, 20)}, 4, id="seen after one"),
        pytest.param({"labour_status_6m": None, "job_ended_on": date(2024, 5, 20)}, 7,
                     id="never seen"),
        pytest.param({"job_started_on": None}, 7, id="no job"),
    ],
)  # fmt: skip
def test_a_job_is_in_its_months_ended_or_held(fields: dict[str, Any], lane: int) -> None:
    """Ended after 0, 1 or 2 months, held for 0, 1, 2 or 3, not watched; guidance ended on 31 March,
    and after six months she was at work."""
    usual = {"job_started_on": date(2024, 5, 1), "labour_status_6m": "employed"}
    person = trajectory(**usual | fields)
    assert lanes_of(rows(JOBS, person, population="completed")["outcome"]) == [lane]


# means

POINTS = Mean(value="level", variables=DIMENSIONS[:2], centres=(3_000, 2_000), lower=-1_500,
              upper=2_000, norm=2_500)  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "clip"),
    [
        ((3.0, 2.0), (0.0, 0.0)),
        ((4.0, 1.0), (1.0, -1.0)),
        ((1.0, 5.0), (-1.5, 2.0)),
        ((5.0, 4.0), (2 * 2.5 / math.sqrt(8), 2 * 2.5 / math.sqrt(8))),
    ],
)
def test_scores_lose_their_centre_then_each_is_clipped_then_their_length(
    scores: tuple[float, float], clip: tuple[float, float]
) -> None:
    """The last is (2, 2), of length 2.83 against 2.5; (-1.5, 2) is exactly 2.5 long."""
    assert clipped(POINTS, [scores])[0] == pytest.approx(clip, rel=1e-12)


def test_a_norm_below_1_shrinks_short_rows_too() -> None:
    """(0.6, 0.8) is 1 long against a half; (0.3, 0.4) is a half exactly."""
    short = POINTS.model_copy(update={"norm": 500})
    found = clipped(short, [(3.6, 2.8), (3.3, 2.4), (3.06, 1.92)])
    wanted = [(0.3, 0.4), (0.3, 0.4), (0.06, -0.08)]
    assert found == pytest.approx(np.array(wanted), rel=1e-12)


def test_a_mean_adds_points_their_squares_and_who_answered() -> None:
    people = [felt((3,), (4, 1, 3, 3, 3, 3)), trajectory(), felt((3,), (3, 5, 3, 3, 3, 3))]
    found = rows(POINTS, *people)
    assert found["sum"].tolist() == [[1, -1], [0, 0], [0, 2]]
    assert found["square"].tolist() == [[1, 1], [0, 0], [0, 4]]
    assert found["people"].tolist() == [[1], [1], [1]]
    assert found["known"].tolist() == [[1, 1], [-1, -1], [1, 1]]
    assert found.keys() == {"sum", "square", "people", "known"}


def test_who_has_one_of_two_variables_counts_in_that_one() -> None:
    found = rows(POINTS, trajectory(wellbeing={"12m": {"autonomy": (3, 3, 3)}}))
    assert found["known"].tolist() == [[-1, 1]]
    assert found["sum"].tolist() == [[0, 1]]
    assert found["square"].tolist() == [[0, 1]]


def test_nobody_who_answered_adds_nothing_to_a_mean() -> None:
    found = rows(POINTS, trajectory())
    assert found["sum"].tolist() == [[0, 0]]
    assert found["known"].tolist() == [[-1, -1]]


def test_money_is_counted_in_units_of_its_scale() -> None:
    """700 euro is 50 below a centre of 750, and half a unit of 100 euro."""
    price = Mean(value="public_price", variables=("public",), centres=(750_000,), lower=-750_000,
                 upper=500_000, norm=750_000, scale=100_000)  # fmt: skip
    found = rows(price, trajectory(price_public=70_000), unit="euro")
    assert found["sum"].tolist() == [[-0.5]]
    assert found["square"].tolist() == [[0.25]]


def test_a_mean_pays_for_sums_counts_and_squares() -> None:
    """Entries reach 2 and rows 2.5; |x|_1 <= min(2 x 2, 2.5 x 2) and sum x^4 <= 4 x 6.25."""
    c2, two = Fraction(25, 4), Fraction(2)
    made = split_for(POINTS)
    assert sum((made.sums, made.people, made.known, made.squares)) == 1
    assert parts(POINTS) == [
        Part("sum", (), 2, made.sums / 5, Fraction(4), c2, two),
        Part("people", (), 1, made.people / 5, ONE, ONE, ONE),
        Part("known", (), 2, made.known / 5, two, two, ONE),
        Part("sum", ("gender",), 2, made.sums * 4 / 5, Fraction(4), c2, two),
        Part("people", ("gender",), 1, made.people * 4 / 5, ONE, ONE, ONE),
        Part("known", ("gender",), 2, made.known * 4 / 5, two, two, ONE),
        Part("square", (), 2, Fraction(2, 100), c2, 4 * c2, Fraction(4)),
    ]


def test_a_short_norm_bounds_entries_and_their_sum() -> None:
    """Five entries within 1 of length together: none beyond 1, sums within ceil(sqrt 5) = 3."""
    short = Mean(value="level", variables=DIMENSIONS[:5], centres=(3_000,) * 5, lower=-2_000,
                 upper=2_000, norm=1_000)  # fmt: skip
    part = parts(short, views=((),))[0]
    assert (part.unit_d1, part.unit_d2_squared, part.unit_entry) == (3, 1, 1)
    four = short.model_copy(update={"variables": DIMENSIONS[:4], "centres": (3_000,) * 4})
    assert parts(four, views=((),))[0].unit_d1 == 2


def test_bounds_of_money_are_in_units_of_its_scale() -> None:
    price = Mean(value="public_price", variables=("public",), centres=(750_000,), lower=-750_000,
                 upper=500_000, norm=800_000, scale=250_000)  # fmt: skip
    part, _, _, square = parts(price, views=((),), unit="euro")
    assert (part.unit_d1, part.unit_entry) == (3, 3)
    assert part.unit_d2_squared == 9  # the norm of 3.2 is beyond what one entry reaches
    assert (square.unit_d1, square.unit_entry) == (9, 9)
    assert square.unit_d2_squared == 81
