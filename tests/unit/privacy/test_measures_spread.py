"""Standard deviations from sums of squares, and tables in the unit of the figure."""

import math
from typing import Any

import pytest
from ask_tables import NATIONAL, adjusted, tables_of

from privacy.inference.reach import Z95
from privacy.measures.adjusted import AskTables
from privacy.measures.spread import Deviation, deviation, in_units
from schemas.measures import Mean


def mean(**fields: Any) -> Mean:
    stated: dict[str, Any] = {
        "value": "level", "variables": ("meaning", "balance"), "centres": (3_000, 3_000),
        "lower": -2_000, "upper": 1_000, "norm": 2_500, **fields,
    }  # fmt: skip
    return Mean(**stated)


def tables(
    squares: tuple[float, float], variances: tuple[float, float, float], n: float = 100.0
) -> AskTables:
    """Sums 50 and -20 of n people; variances of sums, squares and counts."""
    var_sum, var_square, var_count = variances
    return tables_of(mean(), {
        "sum": adjusted([[[50.0, -20.0]]], var_sum),
        "answered": adjusted([[[n, 10.0]]], var_count),
        "square": adjusted([[list(squares)]], var_square),
    })  # fmt: skip


def error(found: AskTables, lane: int) -> float:
    measured = deviation(found, lane).measured
    assert measured is not None
    return measured.se


def test_a_variance_below_four_standard_errors_is_told_by_its_own_interval() -> None:
    """0.06 with an SE of 0.02: the roots of what it may be; sampling errors take one SE more."""
    found = deviation(tables((31.0, 40.0), (0.0, 4.0, 0.0)), 0)
    assert found.sd == pytest.approx(math.sqrt(0.08))
    assert found.measured is not None
    assert found.measured.value == pytest.approx(math.sqrt(0.06))
    low, high = (math.sqrt(0.06 + side * Z95 * 0.02) for side in (-1, 1))
    assert found.measured.noise == pytest.approx((low, high))


def test_a_deviation_is_the_root_of_the_mean_square_about_the_mean() -> None:
    """Means 0.5 and -0.2; mean squares 1.25 and 0.4: variances 1 and 0.36."""
    found = tables((125.0, 40.0), (1e-9, 1e-9, 1e-9))
    assert deviation(found, 0).sd == pytest.approx(1)
    assert deviation(found, 1).sd == pytest.approx(0.6)


def test_its_noise_is_that_of_the_delta_method() -> None:
    """Of f(S, Q, n) = sqrt(Q/n - (S/n)^2) by its slopes 1, -2r and (2r^2 - q), over 2 sd n."""
    r, q = 0.5, 1.25
    noise = 4.0 * 1 + 0.25 * (2 * r) ** 2 + 1.0 * (2 * r * r - q) ** 2
    found = tables((125.0, 40.0), (0.25, 4.0, 1.0))
    assert error(found, 0) == pytest.approx(math.sqrt(noise) / 100 / 2)
    r, q = -0.2, 0.4
    noise = 4.0 * 1 + 0.25 * (2 * r) ** 2 + 1.0 * (2 * r * r - q) ** 2
    assert error(found, 1) == pytest.approx(math.sqrt(noise) / 100 / 1.2)


def test_a_variance_that_drowns_is_one_standard_error_more_than_it_is() -> None:
    """0.01 with an SE of 0.02 of squares alone: not published, and 0.03 for sampling."""
    found = deviation(tables((26.0, 40.0), (0.0, 4.0, 0.0)), 0)
    assert found == Deviation(pytest.approx(math.sqrt(0.03)), None)


def test_a_negative_variance_is_taken_as_0() -> None:
    found = deviation(tables((15.0, 40.0), (0.0, 4.0, 0.0)), 0)
    assert found == Deviation(pytest.approx(math.sqrt(0.02)), None)


def test_no_variable_spreads_wider_than_half_its_range() -> None:
    """From -2 to 1: nobody is further than 1.5 from the middle."""
    assert deviation(tables((26.0, 40.0), (0.0, 1e8, 0.0)), 0) == Deviation(1.5, None)


def test_without_people_the_widest_is_taken() -> None:
    assert deviation(tables((125.0, 40.0), (0.0, 0.0, 1.0), n=3.9), 0) == Deviation(1.5, None)


def test_the_deviation_is_national() -> None:
    found = tables_of(mean(), {
        "sum": adjusted([[[30.0, 0.0]] * 4, [[50.0, 0.0]]], 1e-9),
        "answered": adjusted([[[25.0, 1.0]] * 4, [[100.0, 4.0]]], 1e-9),
        "square": adjusted([[[125.0, 1.0]]], 1e-9),
    }, views=(("gender",), ()))  # fmt: skip
    assert deviation(found, 0).sd == pytest.approx(1)


def test_tables_in_points_stay_as_they_are() -> None:
    found = tables((125.0, 40.0), (1.0, 1.0, 1.0))
    assert in_units(found) is found


def test_money_is_brought_from_its_scale_to_euro() -> None:
    """In units of 250 euro: sums and outcomes x flags times 250, squares times 62,500."""
    price = Mean(value="public_price", variables=("public",), centres=(0,), lower=-1_000,
                 upper=1_000, norm=1_000, scale=250_000)  # fmt: skip
    roles = {
        role: adjusted([[[2.0]]], 3.0)
        for role in ("sum", "square", "cross", "answered", "margin", "moment")
    }
    found = in_units(tables_of(price, roles, views=NATIONAL, unit="euro")).roles
    numbers = {
        role: (float(made.table[0, 0]), float(made.variance[0]), made.unit)
        for role, made in found.items()
    }
    assert numbers == {
        "sum": (500, 3 * 250**2, 250**2),
        "cross": (500, 3 * 250**2, 250**2),
        "square": (125_000, 3 * 250**4, 250**4),
        "answered": (2, 3, 1),
        "margin": (2, 3, 1),
        "moment": (2, 3, 1),
    }
