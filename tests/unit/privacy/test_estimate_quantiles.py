"""Quantiles of a few people in three bins, and intervals where the count is just significant."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from privacy.estimate.quantiles import Binned
from privacy.estimate.reach import Z95

EDGES = (0, 10, 20, 40)


def binned(counts: Sequence[float], variance: float = 1.0) -> Binned:
    return Binned.of(EDGES, np.array(counts, dtype=np.float64), variance)


def drawn(counts: Sequence[float], q: float, point: float) -> float:
    """What sampling adds: one person adds 1 below the bin of the point, f in it, 0 above it."""
    people = sum(counts)
    for low, high, n in zip(EDGES, EDGES[1:], counts, strict=False):
        if low <= point < high:
            f = (point - low) / (high - low)
            here = min(max(n, 0.0), people * min(q, 1 - q))
            return q * (1 - q) * people - f * (1 - f) * here
    return q * (1 - q) * people


def distance(counts: Sequence[float], q: float, point: float) -> tuple[float, float]:
    """D at a point, and the sum of squares of the weights of its counts, by definition."""
    weights = []
    for low, high in pairwise(EDGES):
        below = min(1.0, max(0.0, (point - low) / (high - low)))
        weights.append(below - q)
    return float(np.dot(weights, counts)), sum(w * w for w in weights)


@pytest.mark.parametrize(
    ("counts", "q", "point"),
    [
        ([2, 4, 4], 0.5, 17.5),
        ([2, 4, 4], 0.1, 5),
        ([2, 4, 4], 0.2, 10),
        ([2, 4, 4], 0.75, 27.5),
        ([10, 0, 0], 0.5, 5),
        # Nobody between 10 and 20: anything there halves them, and the middle is taken.
        ([5, 0, 5], 0.5, 15),
        ([4, 3, 1], 0.5, 10),
        # A negative count: half are below a place in the first bin, and below one in the last.
        ([6, -3, 7], 0.5, (10 * 5 / 6 + 20 + 20 * 2 / 7) / 2),
    ],
)
def test_a_quantile_lies_where_so_many_people_are_below(
    counts: list[float], q: float, point: float
) -> None:
    assert binned(counts).quantile(q) == pytest.approx(point)


@pytest.mark.parametrize("q", [0.25, 0.5, 0.8])
@pytest.mark.parametrize("counts", [[60, 80, 70], [30, 150, 40], [90, 50, 80]], ids=str)
@pytest.mark.parametrize("sampling", [False, True])
def test_an_interval_ends_where_the_distance_is_just_significant(
    counts: list[float], q: float, sampling: bool
) -> None:
    found = binned(counts, 9.0).interval(q, sampling=sampling)
    for end in found:
        off, squares = distance(counts, q, end)
        extra = drawn(counts, q, end) if sampling else 0.0
        assert abs(off) == pytest.approx(Z95 * math.sqrt(9 * squares + extra), rel=1e-6)
    inside = binned(counts, 9.0).quantile(q)
    assert found[0] < inside < found[1]
    for outside in (found[0] - 0.5, found[1] + 0.5):
        off, squares = distance(counts, q, outside)
        extra = drawn(counts, q, outside) if sampling else 0.0
        assert abs(off) > Z95 * math.sqrt(9 * squares + extra)


def test_an_interval_of_no_noise_is_the_quantile() -> None:
    found = binned([2, 4, 4], 0.0).interval(0.5)
    assert found == pytest.approx((17.5, 17.5))


def test_an_interval_in_pieces_runs_from_the_first_to_the_last() -> None:
    """The distance is 0 in the first bin and again in the last."""
    counts = [60, -30, 70]
    found = binned(counts, 1.0).interval(0.5)
    first, last = 10 * 50 / 60, 20 + 20 * 20 / 70
    assert found[0] < first < last < found[1]
    for end in found:
        off, squares = distance(counts, 0.5, end)
        assert abs(off) == pytest.approx(Z95 * math.sqrt(squares))


def test_an_interval_may_reach_the_outer_edges() -> None:
    """Four people in one bin: under noise and sampling any point may halve them."""
    found = binned([0, 4, 0], 0.3).interval(0.5, sampling=True)
    assert found == (0, 40)


def test_an_interval_tells_when_it_stays_out_of_the_outer_bins() -> None:
    one = binned([1, 1, 1])
    assert one.tells((10, 20))
    assert one.tells((12, 15))
    assert not one.tells((9.9, 15))
    assert not one.tells((12, 20.1))
    five = Binned.of((0, 10, 20, 30, 40), np.ones(4), 1.0)
    assert five.tells((10, 30))
    assert not five.tells((12, 30.1))


def test_people_are_enough_when_they_stand_clearly_above_three_noisy_bins() -> None:
    """12 people: 4 sqrt(3 x 3) is 12."""
    assert binned([5, 4, 3], 3.0).enough
    assert not binned([5, 4, 3], 3.01).enough
    assert not binned([0, 0, 0], 0.0).enough
