"""How many standard errors hold 95% of noise that is not normal."""

import math

import numpy as np
import pytest

from privacy.inference.intervals import Ratio
from privacy.inference.reach import reach, together


def test_normal_noise_is_held_by_the_usual_number() -> None:
    assert reach(0.0) == pytest.approx(1.959964, abs=1e-6)
    assert reach(-0.1) == reach(0.0)


def test_a_laplace_variable_is_held_by_the_logarithm_of_twenty() -> None:
    """P(|X| > k s) = exp(-k sqrt 2) with standard deviation s; its excess kurtosis is 3."""
    assert reach(3.0) == pytest.approx(math.log(20) / math.sqrt(2), abs=1e-4)
    assert reach(3.6) == reach(3.0)


@pytest.mark.parametrize("shape", [1.25, 2.0, 4.0, 12.0])
def test_a_difference_of_gamma_variables_is_held_in_95_percent(shape: float) -> None:
    rng = np.random.default_rng(4)
    drawn = rng.gamma(shape, 1, 400_000) - rng.gamma(shape, 1, 400_000)
    held = np.abs(drawn) <= reach(3 / shape) * math.sqrt(2 * shape)
    assert held.mean() == pytest.approx(0.95, abs=0.0015)


@pytest.mark.parametrize("weights", [(1, 1), (1, 3), (1, 1, 1, 1), (5, 1, 1, 1, 1, 1, 1)])
def test_a_weighted_sum_of_laplace_variables_is_held_in_95_percent(
    weights: tuple[int, ...],
) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.laplace(size=(400_000, len(weights))) @ np.array(weights)
    parts = [(2.0 * weight**2, 3.0) for weight in weights]
    se = math.sqrt(sum(variance for variance, _ in parts))
    held = np.abs(drawn) <= reach(together(parts)) * se
    assert held.mean() == pytest.approx(0.95, abs=0.003)


def test_noises_together_are_less_peaked_than_each() -> None:
    assert together([(2.0, 3.0)] * 4) == pytest.approx(0.75)
    assert together([(1.0, 3.0), (0.0, 3.0)]) == pytest.approx(3.0)
    assert together([]) == 0.0


def test_the_interval_of_a_ratio_goes_by_the_noise_of_both() -> None:
    """Yes of yes and no: (1 - p) yes - p no; of 90% nearly all is the noise of no."""
    plain = Ratio(90, 100, 1, 2, covariance=1)
    peaked = Ratio(90, 100, 1, 2, covariance=1, excess=3.0)
    wanted = together([(0.1**2, 3.0), (0.9**2, 3.0)])
    ends, around = peaked.interval(), plain.interval()
    assert ends is not None
    assert around is not None
    assert (ends[1] - 0.9) / (around[1] - 0.9) == pytest.approx(reach(wanted) / reach(0), rel=1e-6)
    assert ends[0] + ends[1] == pytest.approx(1.8)
