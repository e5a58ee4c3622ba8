"""Quantiles of a few people in three bins, and intervals where the count is just significant."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.inference.quantiles import Binned

Values = NDArray[np.int64]
Drawn = Callable[[np.random.Generator, int], Values]

EDGES = (0, 10, 20, 40)


def binned(counts: Sequence[float], variance: float = 1.0) -> Binned:
    return Binned.of(EDGES, np.array(counts, dtype=np.float64), variance)


@pytest.mark.parametrize(
    ("counts", "q", "point"),
    [
        ([2, 4, 4], 0.5, 10 + 0.75 * 9),
        ([2, 4, 4], 0.1, 4.5),
        ([2, 4, 4], 0.2, 9.5),
        ([2, 4, 4], 0.75, 20 + 19 * 3 / 8),
        ([10, 0, 0], 0.5, 4.5),
        # Nobody between 10 and 20: anything there halves them, and the middle is taken.
        ([5, 0, 5], 0.5, 14.5),
        ([4, 3, 1], 0.5, 9.5),
        # A negative count: half are below a place in the first bin, and below one in the last.
        ([6, -3, 7], 0.5, (9 * 5 / 6 + 20 + 19 * 2 / 7) / 2),
    ],
)
def test_a_quantile_lies_where_so_many_people_are_below(
    counts: list[float], q: float, point: float
) -> None:
    assert binned(counts).quantile(q) == pytest.approx(point)


@pytest.mark.parametrize(
    ("counts", "variance", "sampling", "ends"),
    [
        ([60, 80, 70], 0.0, False, (10, 19)),  # without noise: the bin that holds it
        ([60, 80, 70], 400.0, False, (10, 19)),  # 35 above half at 20 is 2.02 of 20 sqrt(3/4)
        ([60, 80, 70], 450.0, False, (10, 39)),  # and 1.91 here; -45 at 10 is 2.45
        ([60, 80, 70], 710.0, False, (0, 39)),
        ([60, 80, 70], 370.0, True, (10, 39)),  # sampling adds 210 / 4 to the variance
        ([5, 0, 5], 0.0, False, (0, 39)),  # anything from the first to the last halves them
        ([60, -30, 70], 1.0, False, (0, 39)),  # half are below a place in either
    ],
)
def test_an_interval_runs_over_the_bins_that_may_hold_the_quantile(
    counts: list[float], variance: float, sampling: bool, ends: tuple[float, float]
) -> None:
    assert binned(counts, variance).interval(0.5, sampling=sampling) == ends


MONTHS, EUROS = tuple(range(-1, 26)), tuple(range(-1000, 1501, 100))


def durations(rng: np.random.Generator, people: int) -> Values:
    """Whole months, heaped at none, half a year and a year."""
    heaped = rng.choice([0, 6, 12], people)
    return np.where(rng.random(people) < 0.4, heaped, rng.geometric(0.2, people).clip(0, 24))


def raises(rng: np.random.Generator, people: int) -> Values:
    """Euro a month: a third earn the same, others in fifties."""
    changed = 50 * np.rint(rng.normal(2, 6, people)).astype(np.int64)
    return np.where(rng.random(people) < 0.35, 0, changed).clip(-1_000, 1_499)


def smooth(rng: np.random.Generator, people: int) -> Values:
    return np.rint(rng.normal(150, 300, people)).astype(np.int64).clip(-1_000, 1_499)


@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
@pytest.mark.parametrize(("people", "noise"), [(120, 4.0), (900, 12.0), (9_000, 12.0)])
@pytest.mark.parametrize(
    ("edges", "drawn"), [(MONTHS, durations), (EUROS, raises), (EUROS, smooth)]
)
def test_intervals_hold_the_quantile_of_the_raw_values(
    edges: tuple[int, ...], drawn: Drawn, people: int, noise: float, q: float
) -> None:
    """Numpy's on the values themselves, in 95% of 400 draws of noise or more."""
    rng = np.random.default_rng(people + round(100 * q))
    values = drawn(rng, people)
    exact, (counts, _) = np.quantile(values, q), np.histogram(values, edges)
    assert counts.sum() == people
    held = []
    for _ in range(400):
        noisy = counts + np.rint(rng.normal(0, noise, len(counts)))
        lo, hi = Binned.of(edges, noisy, noise**2).interval(q)
        held.append(lo <= exact <= hi)
    assert np.mean(held) >= 0.93


@pytest.mark.parametrize("q", [0.25, 0.5, 0.75])
def test_with_sampling_they_hold_the_quantile_of_whom_people_are_drawn_from(q: float) -> None:
    rng = np.random.default_rng(7)
    everybody, held = durations(rng, 200_000), []
    exact = np.quantile(everybody, q)
    for _ in range(400):
        counts, _ = np.histogram(rng.choice(everybody, 300), MONTHS)
        noisy = counts + np.rint(rng.normal(0, 3, len(counts)))
        lo, hi = Binned.of(MONTHS, noisy, 9.0).interval(q, sampling=True)
        held.append(lo <= exact <= hi)
    assert np.mean(held) >= 0.93


def test_whole_months_in_bins_of_a_month_are_told_exactly() -> None:
    """300 of 400 started in the fourth month: nothing but 4 can be the median."""
    counts = np.zeros(26)
    counts[5], counts[9] = 300, 100
    one = Binned.of(MONTHS, counts, 4.0)
    assert one.quantile(0.5) == 4
    assert one.interval(0.5, sampling=True) == (4, 4)


def test_an_interval_tells_when_it_stays_out_of_the_outer_bins() -> None:
    one = binned([1, 1, 1])
    assert one.tells((10, 19))
    assert not one.tells((9, 15))
    assert not one.tells((12, 20))


def test_a_quantile_needs_people() -> None:
    assert binned([5, 4, 3], 3.0).enough
    assert not binned([5, -4, -1], 1.0).enough
