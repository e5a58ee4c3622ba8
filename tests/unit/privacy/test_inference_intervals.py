"""Standard errors, intervals and bands of single figures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.inference.intervals import (
    Z95,
    Ratio,
    band_of_count,
    band_of_width,
    clearly_above,
    told,
    widen,
)
from schemas.release import Band

DRAWS = 6_000


def simulated(top: float, bottom: float, covariance: tuple[float, float, float]) -> list[Ratio]:
    """Ratios of noisy numbers around the true ones; covariance: var top, var bottom, cov."""
    var_top, var_bottom, both = covariance
    drawn = np.random.default_rng(11).multivariate_normal(
        [top, bottom], [[var_top, both], [both, var_bottom]], DRAWS
    )
    return [Ratio(float(t), float(b), var_top, var_bottom, both) for t, b in drawn]


SHARE = (64.0, 128.0, 64.0)
"""Yes, and yes + no, each of variance 64."""


@pytest.mark.parametrize(
    ("top", "bottom", "covariance"),
    [
        pytest.param(300, 500, SHARE, id="share, delta method"),
        pytest.param(20, 500, SHARE, id="small share, delta method"),
        pytest.param(50, 70, SHARE, id="share, Fieller"),
        pytest.param(-40, 900, (100.0, 400.0, 0.0), id="mean, delta method"),
        pytest.param(60, 110, (90.0, 300.0, 0.0), id="mean, Fieller"),
        pytest.param(0, 100, (90.0, 300.0, 0.0), id="no difference, Fieller"),
    ],
)
def test_intervals_of_ratios_hold_the_truth_in_95_of_100(
    top: float, bottom: float, covariance: tuple[float, float, float]
) -> None:
    ratios = simulated(top, bottom, covariance)
    found = [interval for ratio in ratios if (interval := ratio.interval()) is not None]
    assert len(found) > 0.95 * DRAWS
    assert 0.94 <= np.mean([lo <= top / bottom <= hi for lo, hi in found]) <= 0.96


@pytest.mark.parametrize(
    ("top", "bottom", "covariance"), [(300, 500, SHARE), (-40, 900, (100.0, 400.0, 0.0))]
)
def test_the_delta_method_gives_the_spread_that_is_simulated(
    top: float, bottom: float, covariance: tuple[float, float, float]
) -> None:
    values = [ratio.top / ratio.bottom for ratio in simulated(top, bottom, covariance)]
    assert Ratio(top, bottom, *covariance).se == pytest.approx(np.std(values), rel=0.03)


POSITIVE = st.floats(0.1, 100.0)


@given(
    top=st.floats(-500, 500), var_top=POSITIVE, var_bottom=POSITIVE,
    lean=st.floats(-0.99, 0.99), times=st.floats(4.01, 9.99),
)  # fmt: skip
def test_fieller_ends_where_the_difference_is_just_significant(
    top: float, var_top: float, var_bottom: float, lean: float, times: float
) -> None:
    both = lean * math.sqrt(var_top * var_bottom)
    ratio = Ratio(top, times * math.sqrt(var_bottom), var_top, var_bottom, both)
    interval = ratio.interval()
    assert interval is not None
    assert ratio.value is not None
    assert interval[0] <= ratio.value <= interval[1]
    for end in interval:
        gap = (top - end * ratio.bottom) ** 2
        assert gap == pytest.approx(
            Z95**2 * (var_top - 2 * end * both + end**2 * var_bottom), rel=1e-6
        )


def test_both_intervals_nearly_agree_where_one_takes_over_from_the_other() -> None:
    fieller = Ratio(60, 100, 50, 100.0001).interval()
    delta = Ratio(60, 100, 50, 100).interval()
    assert fieller is not None
    assert delta is not None
    assert fieller[1] - fieller[0] == pytest.approx(delta[1] - delta[0], rel=0.03)


@pytest.mark.parametrize("bottom", [-50.0, 0.0, 39.9])
def test_a_ratio_over_people_not_clearly_above_their_noise_is_not_given(bottom: float) -> None:
    ratio = Ratio(10, bottom, 100, 100)
    assert (ratio.value, ratio.se, ratio.interval()) == (None, None, None)
    assert Ratio(10, 40, 100, 100).value == 0.25


def test_nothing_is_not_clearly_above_nothing() -> None:
    assert not clearly_above(0.0, 0.0)
    assert clearly_above(1e-9, 0.0)


@pytest.mark.parametrize(
    ("estimate", "band"),
    [(2197, "A"), (2195, "B"), (1197, "B"), (1195, "C"), (697, "C"), (695, "D"), (500, "D"),
     (498, "F"), (196, "F"), (0, "F"), (-5000, "F")],
)  # fmt: skip
def test_counts_are_judged_by_their_coefficient_of_variation_at_the_lower_end(
    estimate: float, band: Band
) -> None:
    """A standard error of 100: A from 100 / 0.05 above the half-width of 196, and so on."""
    assert band_of_count(estimate, 100.0 * Z95) == band
    assert told(estimate, 100.0 * Z95) == (band != "F")


@pytest.mark.parametrize(
    ("half", "band"),
    [(0.0199, "A"), (0.0201, "B"), (0.0399, "B"), (0.0401, "C"), (0.0799, "C"), (0.0801, "D"),
     (0.1499, "D"), (0.1501, "F"), (None, "F")],
)  # fmt: skip
def test_shares_and_means_are_judged_by_the_difference_that_matters(
    half: float | None, band: Band
) -> None:
    assert band_of_width(half, 0.1) == band


def test_sampling_widens_each_side_apart() -> None:
    lo, hi = widen(10.0, (7.0, 14.0), 3 / Z95)
    assert lo == pytest.approx(10 - math.hypot(3, 3))
    assert hi == pytest.approx(10 + 5)
    assert widen(10.0, (7.0, 14.0), 0.0) == (7.0, 14.0)
