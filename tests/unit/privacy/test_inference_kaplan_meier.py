"""Ten jobs followed for three months: who is at risk, what stays, and its two errors."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.inference.kaplan_meier import Followed
from privacy.inference.published import Named, judged_figure
from privacy.inference.reach import Z95
from schemas.programme import Ask
from schemas.units import MicroRho

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


def test_each_month_needs_people_who_are_hardly_nobody() -> None:
    """Month 0 sums 7 cells, month 1 sums 5: 10 >= 1.5 sqrt(7 v) and 7 >= 1.5 sqrt(5 v)."""
    first, second = 100 / (2.25 * 7), 49 / (2.25 * 5)
    assert followed(first * 0.999).survival(1) is not None
    assert followed(first * 1.001).survival(1) is None
    assert followed(second * 0.999).survival(2) is not None
    assert followed(second * 1.001).survival(2) is None
    assert followed(second * 1.001).survival(1) is not None


@pytest.mark.parametrize(("people", "month"), [(300, 6), (300, 12), (600, 18), (600, 24)])
def test_a_thin_month_leaves_a_share_that_holds_as_often_as_it_says(
    people: int, month: int
) -> None:
    """Those at risk are 2.5 to 3.7 standard errors of their noise: the share says how well."""
    se = 10.0 if people == 300 else 5.0
    ended, held, left = np.zeros(24), np.zeros(25), people
    for m in range(24):
        ended[m], held[m] = round(0.04 * left), round((0.75 if m == 12 else 0.02) * left)
        left -= int(ended[m] + held[m])
    held[24] = left
    risk = Followed(ended, held, 0.0).at_risk
    exact = float(np.prod(1 - ended[:month] / risk[:month]))
    rng, inside = np.random.default_rng(month), []
    for _ in range(1_500):
        noisy = ended + rng.normal(0, se, 24), held + rng.normal(0, se, 25)
        found = Followed(*noisy, se**2).survival(month)
        if found is not None:
            inside.append(found.noise[0] <= exact <= found.noise[1])
    assert len(inside) > 0.6 * 1_500
    assert np.mean(inside) >= 0.92


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


def test_a_share_near_one_is_judged_by_what_it_can_be() -> None:
    """99 of 100 stay a month, SE .099: 80% to 118% is as narrow as 80% to 100%."""
    found = followed(50.0, [1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 199.0]).survival(1)
    assert found is not None
    assert found.noise[1] > 1
    named = Named(Ask(statistic="held", horizon="12m", price=MicroRho(1)), "survival", (), "1m")
    figure = judged_figure(named, found, (200, 0), 0.1)
    uncut = judged_figure(named, replace(found, ends=(-9, 9)), (200, 0), 0.1)
    assert figure.hi == figure.noise_hi == 1
    assert (figure.lo, figure.noise_se) == (uncut.lo, uncut.noise_se)
    assert uncut.hi == found.wide[1] > 1
    bands = "ABCDF"
    assert bands.index(figure.band) < bands.index(uncut.band)
