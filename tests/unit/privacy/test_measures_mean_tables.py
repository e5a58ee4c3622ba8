"""Means, their deviations and what is asked beside them, from tables worked by hand."""

import math
from typing import Any

import pytest
from ask_tables import BY_GENDER, CELLS, adjusted, by_name, figures, order, tables_of

from privacy.measures.adjusted import AskTables
from privacy.measures.calibration import PAIRS, TERMS
from privacy.measures.kinds import MEASURES
from schemas.measures import Mean

POINTS = Mean(value="level", variables=("meaning", "balance"), centres=(3_000, 3_500),
              lower=-2_000, upper=2_000, norm=2_500)  # fmt: skip


def scored(measure: Mean = POINTS, **fields: Any) -> AskTables:
    """Means 0.5 and -0.2 beyond the centres of 100 people; deviations 1 and 0.6."""
    roles = {
        "sum": adjusted([[[50.0, -20.0]]], 4.0),
        "answered": adjusted([[[100.0, 25.0]]], 1.0),
        "square": adjusted([[[125.0, 40.0]]], 0.25),
    }
    return tables_of(measure, roles, **fields)


def test_a_mean_is_its_centre_and_the_sum_over_the_count() -> None:
    found = figures(scored())
    assert order(found) == [
        ("mean", "meaning", ()), ("mean", "balance", ()), ("answered", "", ()),
        ("sd", "meaning", ()), ("sd", "balance", ()),
    ]  # fmt: skip
    for figure, centre, r, sd in ((found[0], 3.0, 0.5, 1.0), (found[1], 3.5, -0.2, 0.6)):
        assert figure.estimate == pytest.approx(centre + r)
        assert figure.noise_se == pytest.approx(math.sqrt(4 + r * r) / 100)
        assert figure.sampling_se == pytest.approx(sd / 10)
        assert (figure.n, figure.response) == (100, 0.8)
    assert (found[2].estimate, found[2].noise_se) == (100, 1)
    assert [f.estimate for f in found[3:]] == pytest.approx([1, 0.6])
    assert found[0].band == "D"  # a half-width of 0.2 of a quarter point


@pytest.mark.parametrize(
    ("fields", "bands"),
    [
        ({}, ["D", "C", "A"]),
        ({"resolution": 50}, ["F", "F", "C"]),
        ({"resolution": 500}, ["C", "B", "A"]),
        ({"unit": "euro"}, ["A", "A", "A"]),
    ],
)
def test_a_mean_is_judged_by_a_quarter_point_what_is_declared_or_its_size(
    fields: dict[str, Any], bands: list[str]
) -> None:
    """Half-widths of 0.2 and 0.12, and 0.02 of a deviation; 0.1 of 3.5 as its own size."""
    found = figures(scored(**fields))
    assert [found[k].band for k in (0, 1, 3)] == bands


def test_means_of_each_cell_have_the_national_deviation() -> None:
    sums = [[[50.0, -20.0]], [[30.0, -10.0], [20.0, -10.0], [0.0, 0.0], [0.0, 0.0]]]
    counts = [[[100.0, 25.0]], [[64.0, 5.0], [36.0, 20.0], [0.0, 0.0], [0.0, 0.0]]]
    roles = {
        "sum": adjusted(sums, 4.0),
        "answered": adjusted(counts, 1.0),
        "square": adjusted([[[125.0, 40.0]]], 0.25),
    }
    found = by_name(MEASURES["mean"].figures(tables_of(POINTS, roles, views=BY_GENDER)))
    women = found["mean", "meaning", CELLS[1]]
    assert women.estimate == pytest.approx(3 + 30 / 64)
    assert women.sampling_se == pytest.approx(1 / 8)
    assert (women.n, women.response) == (64, pytest.approx(64 / 69))
    assert found["mean", "balance", CELLS[2]].estimate == pytest.approx(3.5 - 10 / 36)
    assert found["answered", "", CELLS[2]].estimate == 36
    assert found["mean", "meaning", CELLS[4]].estimate is None


def test_what_is_asked_beside_a_mean_comes_after_it() -> None:
    views = [[[125.0, 40.0]]]
    roles = {
        "sum": adjusted([[[50.0, -20.0]], [[30.0, -10.0], [20.0, -10.0], [0.0, 0.0], [0.0, 0.0]]],
                        4.0),
        "answered": adjusted([[[100.0, 25.0]], [[64.0, 5.0], [36.0, 20.0], [0.0, 0.0],
                                                [0.0, 0.0]]], 1.0),
        "square": adjusted(views, 0.25),
        "margin": adjusted([[[0.0] * len(TERMS)]], 1.0),
        "moment": adjusted([[[0.0] * len(PAIRS)]], 1.0),
        "cross": adjusted([[[0.0] * 2 * len(TERMS)]], 1.0),
    }  # fmt: skip
    measure = POINTS.model_copy(update={"gaps": True, "calibrate": True})
    found = figures(tables_of(measure, roles, views=BY_GENDER))
    kinds = list(dict.fromkeys(f.measure for f in found))
    assert kinds == ["mean", "answered", "sd", "gap", "weighted", "bound_lo", "bound_hi"]
    assert {f.variable for f in found if f.measure == "gap"} == {"meaning", "balance"}
    bound = next(f for f in found if (f.measure, f.variable) == ("bound_lo", "balance"))
    assert bound.estimate == pytest.approx(3.5 + (-20 - 2 * 25) / 125)
    weighted = [f for f in found if f.measure == "weighted"]
    assert [(f.variable, f.estimate, f.n) for f in weighted] == [
        ("meaning", None, 100), ("balance", None, 100),
    ]  # fmt: skip
