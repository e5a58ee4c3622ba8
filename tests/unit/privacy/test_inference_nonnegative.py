"""Intervals of counts that cannot be below 0: what they hold, by the normal density itself."""

import numpy as np
import pytest

from privacy.inference.nonnegative import interval_of_count

GRID = np.arange(-7.995, 13, 0.01)
"""Measurements, in standard errors."""


@pytest.mark.parametrize("count", [0.0, 0.25, 0.7, 1.3, 1.9, 2.6, 3.4, 3.95, 5.0])
def test_a_count_is_held_in_95_of_100_cases_whether_it_is_nobody_or_many(count: float) -> None:
    """Adding up the density of every measurement whose interval holds the count."""
    density = np.exp(-((GRID - count) ** 2) / 2) / np.sqrt(2 * np.pi)
    ends = [interval_of_count(x, 1.0) for x in GRID.tolist()]
    held = np.array([low <= count <= high for low, high in ends])
    assert (density * held).sum() * 0.01 == pytest.approx(0.95, abs=0.002)


@pytest.mark.parametrize("measured", [-3.0, -1.0, -0.3, 0.5, 1.8, 2.4, 3.1, 3.8])
def test_it_admits_what_ordering_by_likelihood_admits(measured: float) -> None:
    """A belt made on a grid: for each count the measurements by ratio to the best count."""
    best = np.maximum(GRID, 0)
    admitted = []
    for count in np.arange(0, 7, 0.01):
        density = np.exp(-((GRID - count) ** 2) / 2) / np.sqrt(2 * np.pi)
        ratio = (GRID - best) ** 2 - (GRID - count) ** 2
        order = np.argsort(-ratio)
        taken = order[: int(np.searchsorted(np.cumsum(density[order]) * 0.01, 0.95)) + 1]
        if GRID[taken].min() <= measured <= GRID[taken].max():
            admitted.append(count)
    found = interval_of_count(measured * 10, 10.0)
    assert found == pytest.approx((10 * admitted[0], 10 * admitted[-1]), abs=0.25)


def test_far_from_0_it_is_that_of_the_measurement() -> None:
    assert interval_of_count(60.0, 10.0) == pytest.approx((40.4, 79.6), abs=0.01)
    assert interval_of_count(-400.0, 10.0)[1] > 0
