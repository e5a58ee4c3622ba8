"""How far noise can carry a number: a bound that holds for every family of noise.

Source: Chernoff's bound, P(X >= x) <= exp(K(s) - s x) for every s > 0, with K the cumulant
generating function. The x at which the right side is `chance` is (K(s) + ln(1/chance)) / s; the
least over any set of s is a bound.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam

FALSE_ALARM = 1e-6
"""Chance that a true release is held up, over all its comparisons together."""

_STEPS = np.geomspace(0.05, 20.0, 121)

Terms = Sequence[tuple[int, float]]
"""(how many entries of the sum, what each counts for): a sum of independent noise."""


@dataclass(frozen=True)
class Tail:
    """Bounds on the noise of a round's sum; `comparisons`: how many are made of the release."""

    noise: Skellam | Polya
    contributors: int
    comparisons: int

    def of(self, terms: Terms) -> float:
        """The noise of these entries together stays below this, on either side."""
        unlikely = math.log(2 * max(self.comparisons, 1) / FALSE_ALARM)
        variance = self._variance * sum(n * weight**2 for n, weight in terms)
        most = self._most_s / max(abs(weight) for _, weight in terms)
        usual = math.sqrt(2 * unlikely / variance)
        tried = np.minimum(usual * _STEPS, 0.999 * most)
        cumulants = sum(n * self._cumulant(tried * weight) for n, weight in terms)
        return float(np.min((cumulants + unlikely) / tried))

    @property
    def _variance(self) -> float:
        return float(self.noise.variance_of_sum(self.contributors))

    @property
    def _most_s(self) -> float:
        """Where the cumulants of one entry end; Skellam's do not, and 20 is far in its tail."""
        return -math.log(float(self.noise.ratio)) if isinstance(self.noise, Polya) else 20.0

    @property
    def _cumulant(self) -> "Callable[[np.ndarray], np.ndarray]":
        if isinstance(self.noise, Skellam):
            return lambda s: self._variance * (np.cosh(s) - 1)
        a, shape = float(self.noise.ratio), self.contributors / self.noise.honest
        both = 2 * math.log1p(-a)
        return lambda s: shape * (both - np.log1p(-a * np.exp(s)) - np.log1p(-a * np.exp(-s)))
