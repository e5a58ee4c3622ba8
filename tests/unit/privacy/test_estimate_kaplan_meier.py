"""Ten jobs followed for three months: who is at risk, what stays, and its two errors."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.estimate.kaplan_meier import Followed
from privacy.estimate.reach import Z95

Floats = NDArray[np.float64]
ENDED, HELD = [2.0, 1.0, 1.0], [1.0, 0.0, 2.0, 3.0]


def followed(variance: float, ended: list[float] = ENDED, held: list[float] = HELD) -> Followed:
    return Followed(np.array(ended), np.array(held), variance)


def product(counts: Floats, month: int) -> float:
    """S by its definition, of ended and held in one list: 3 and 4 numbers."""
    ended, held = counts[:3], counts[3:]
    found = 1.0
    for m in range(month):
        risk = ended[m:].sum() + held[m:].sum()
        found *= 1 - ended[m] / risk
    return float(found)


def test_at_risk_is_whoever_held_a_job_that_long() -> None:
    assert followed(0.0).at_risk.tolist() == [10, 7, 6, 3]


@pytest.mark.parametrize(("month", "wanted"), [(1, 0.8), (2, 24 / 35), (3, 4 / 7)])
def test_the_share_that_stays_is_the_product_over_the_months(month: int, wanted: float) -> None:
    """8 of 10 stay the first month, 6 of 7 the second, 5 of 6 the third."""
    found = followed(1e-6).survival(month)
    assert found is not None
    assert found.value == found.shown == pytest.approx(wanted)


@pytest.mark.parametrize("month", [1, 2, 3])
def test_noise_is_that_of_the_delta_method(month: int) -> None:
    """Slopes of the definition itself, by small steps in each of the seven counts."""
    counts, step = np.array(ENDED + HELD), 1e-5
    slopes = [
        (product(counts + step * e, month) - product(counts - step * e, month)) / (2 * step)
        for e in np.eye(7)
    ]
    found = followed(0.01).survival(month)
    assert found is not None
    half = Z95 * 0.1 * math.hypot(*slopes)
    assert found.noise == pytest.approx((found.value - half, found.value + half), rel=1e-6)


@pytest.mark.parametrize("month", [1, 2, 3])
def test_sampling_is_that_of_greenwood(month: int) -> None:
    """S^2 x the sum of d / (n (n - d))."""
    terms = [2 / (10 * 8), 1 / (7 * 6), 1 / (6 * 5)][:month]
    found = followed(1e-12).survival(month)
    assert found is not None
    half = Z95 * found.value * math.sqrt(sum(terms))
    assert found.wide == pytest.approx((found.value - half, found.value + half), rel=1e-5)


def test_each_month_needs_people_clearly_above_the_noise_of_their_cells() -> None:
    """Month 0 sums 7 cells, month 1 sums 5: 10 >= 4 sqrt(7 v) and 7 >= 4 sqrt(5 v)."""
    first, second = 100 / (16 * 7), 49 / (16 * 5)
    assert followed(first * 0.999).survival(1) is not None
    assert followed(first * 1.001).survival(1) is None
    assert followed(second * 0.999).survival(2) is not None
    assert followed(second * 1.001).survival(2) is None
    assert followed(second * 1.001).survival(1) is not None


def test_noise_may_push_a_share_past_1_but_not_what_is_shown() -> None:
    """Minus one ended: 11 of 10 stay."""
    found = followed(1e-6, ended=[-1.0, 0.0, 0.0], held=[0.0, 0.0, 0.0, 11.0]).survival(1)
    assert found is not None
    assert found.value == pytest.approx(1.1)
    assert found.shown == 1
    # Who cannot have ended adds no sampling error.
    assert found.wide == pytest.approx(found.noise)


def test_noise_may_push_a_share_below_0_but_not_what_is_shown() -> None:
    found = followed(1e-6, ended=[11.0, 0.0, 0.0], held=[0.0, 0.0, 0.0, -1.0]).survival(1)
    assert found is not None
    assert found.value == pytest.approx(-0.1)
    assert found.shown == 0
    assert found.wide == pytest.approx(found.noise)
