"""Quantiles of whole numbers from noisy counts in bins.

Let D(i) = (people in the bins below edge i) - q (all people). The quantile lies in a bin at whose
lower edge D <= 0 and at whose upper edge D >= 0. The noise of D(i) has a variance that is known
exactly, whatever the counts are, so a bin may hold the quantile unless D is significantly above 0
at its lower edge or below 0 at its upper one. The interval runs from the least number of the
first such bin to the largest of the last: it holds the exact quantile in 95% of cases or more,
however people are heaped within bins. Two tests of 2.5%, each at one edge, decide; the width of a
bin is what makes it more. Source: Woodruff 1952, with noise for sampling.

Nothing is drawn at random: whoever repeats it finds the same interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.inference.reach import Z95

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Binned:
    """Noisy counts in the bins between ascending edges, each with noise of `variance`.

    Bin k holds the whole numbers from edge k up to, and without, edge k + 1.
    """

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
        """Whether there are people at all; how well they tell a quantile its interval says."""
        return self.people > 0

    def quantile(self, q: float) -> float:
        """Where D is 0; midway between the first and the last such point. Needs `enough`.

        Between the edges of a bin people are taken to be spread evenly over its numbers.
        """
        first, last = self._crossings(q)
        return (self._at(*first) + self._at(*last)) / 2

    def interval(self, q: float, *, sampling: bool = False) -> Interval:
        """95% or more for the noise, or with sampling as well. Needs `enough`."""
        below = np.arange(len(self.edges))
        noise = below * (1 - q) ** 2 + (len(self.counts) - below) * q**2
        drawn = self.people * q * (1 - q) if sampling else 0.0
        room = Z95 * np.sqrt(self.variance * noise + drawn)
        d = self._distance(q)
        first = int(np.flatnonzero(d[1:] >= -room[1:])[0])
        last = int(np.flatnonzero(d[:-1] <= room[:-1])[-1])
        return self._at(first, 0.0), self._at(last, 1.0)

    def tells(self, interval: Interval) -> bool:
        """Whether an interval stays out of the outer bins, which hold all that lies beyond."""
        return bool(self.edges[1] <= interval[0] and interval[1] < self.edges[-2])

    def _distance(self, q: float) -> Floats:
        """D at each edge; below 0 at the first and above 0 at the last."""
        below = np.concatenate([[0.0], np.cumsum(self.counts)])
        distance: Floats = below - q * self.people
        return distance

    def _crossings(self, q: float) -> tuple[tuple[int, float], tuple[int, float]]:
        """The first and the last place where D is 0: (bin, part of it)."""
        d = self._distance(q)
        first = int(np.flatnonzero(d[1:] >= 0)[0])
        last = int(np.flatnonzero(d[:-1] <= 0)[-1])
        return self._crossing(d, first), self._crossing(d, last)

    def _crossing(self, d: Floats, k: int) -> tuple[int, float]:
        return k, float(-d[k] / (d[k + 1] - d[k]))

    def _at(self, k: int, part: float) -> float:
        """The number at this part of bin k."""
        least, most = self.edges[k], self.edges[k + 1] - 1
        return float(least + part * (most - least))
