"""Quantiles from noisy counts in bins, people spread evenly within each bin.

At a point t let D(t) = (people below t) - q (all people), which is linear within a bin and 0 at
the quantile. Its noise variance at t is known exactly, whatever the counts are, so

    {t: |D(t)| <= z sd D(t)}

holds the exact quantile in 95% of cases, few people or many (Woodruff 1952, with noise for
sampling). Negative counts may break it in pieces; the interval runs from the first to the last.
Nothing is drawn at random: whoever repeats it finds the same interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.intervals import clearly_above
from privacy.estimate.reach import Z95

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Binned:
    """Noisy counts in the bins between ascending edges, each with noise of `variance`."""

    edges: Floats = field(repr=False)
    counts: Floats = field(repr=False)
    variance: float

    @classmethod
    def of(cls, edges: Sequence[int], counts: Floats, variance: float) -> "Binned":
        """Bin k lies between edges k and k + 1."""
        return cls(np.array(edges, dtype=np.float64), counts, variance)

    @property
    def people(self) -> float:
        """All bins together."""
        return float(self.counts.sum())

    @property
    def enough(self) -> bool:
        """Whether the people are clearly above their noise; without that no bin holds a line."""
        return clearly_above(self.people, self.variance * len(self.counts))

    def quantile(self, q: float) -> float:
        """Where D is 0; midway between the first and the last such point. Needs `enough`."""
        first, last = self._crossings(q)
        return (self._at(first) + self._at(last)) / 2

    def interval(self, q: float, *, sampling: bool = False) -> Interval:
        """95% for the noise, or with sampling as well. Needs `enough`.

        Sampling: at a share f of a bin one person adds 1 below the bin, f in it and 0 above it.
        Where these have mean q, D has variance q (1 - q) people - f (1 - f) (people in the bin).
        At most a share min(q, 1 - q) of all is taken for a bin: beyond that it is a bound.
        """
        n, d = self.counts, self._distance(q)[:-1]
        below = np.arange(len(n))
        others = below * (1 - q) ** 2 + (len(n) - below) * q**2
        drawn = self.people * q * (1 - q) if sampling else 0.0
        even = np.clip(n, 0.0, self.people * min(q, 1 - q)) if sampling else np.zeros_like(n)
        z2 = Z95**2
        a = n**2 - z2 * (self.variance + even)
        b = 2 * (d * n + z2 * q * self.variance) + z2 * even
        c = d**2 - z2 * (self.variance * others + drawn)
        ends = np.concatenate([self._crossings(q), _ends(a, b, c)])
        return self._at(float(ends.min())), self._at(float(ends.max()))

    def tells(self, interval: Interval) -> bool:
        """Whether an interval stays out of the outer bins, which hold all that lies beyond."""
        return bool(self.edges[1] <= interval[0] and interval[1] <= self.edges[-2])

    def _distance(self, q: float) -> Floats:
        """D at each edge; below 0 at the first and above 0 at the last."""
        below = np.concatenate([[0.0], np.cumsum(self.counts)])
        distance: Floats = below - q * self.people
        return distance

    def _crossings(self, q: float) -> tuple[float, float]:
        """The first and the last place where D is 0, in bins above the first edge."""
        d = self._distance(q)
        first = int(np.flatnonzero(d[1:] >= 0)[0])
        last = int(np.flatnonzero(d[:-1] <= 0)[-1])
        low, high = (float(k - d[k] / (d[k + 1] - d[k])) for k in (first, last))
        return low, high

    def _at(self, place: float) -> float:
        """The point this many bins above the first edge."""
        return float(np.interp(place, np.arange(len(self.edges)), self.edges))


def _ends(a: Floats, b: Floats, c: Floats) -> Floats:
    """The ends of where a f^2 + b f + c <= 0 with f in [0, 1], each k + f for entry k."""
    square = b * b - 4 * a * c
    # Both roots without cancellation (Numerical Recipes, 5.6).
    half = -(b + np.copysign(np.sqrt(np.maximum(square, 0.0)), b)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.stack([half / a, c / half])
    inside = (square >= 0) & (roots >= 0) & (roots <= 1)
    sides = np.stack([c <= 0, a + b + c <= 0])
    places = np.arange(len(a), dtype=np.float64)
    found: Floats = np.concatenate(
        [(places + roots)[inside], places[sides[0]], places[sides[1]] + 1]
    )
    return found
