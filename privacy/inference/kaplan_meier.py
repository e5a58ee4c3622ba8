"""Kaplan-Meier from noisy counts of (month, ended or held).

A job that ended after m whole months, or was last known to be held at m, was at risk in months
0 to m. With d(m) ended and n(m) at risk, the share that holds a job for t months is

    S(t) = product over m < t of 1 - d(m) / n(m).

Noise: delta method on the counts, which carry independent noise of one variance. Sampling:
Greenwood 1926.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.inference.intervals import widen
from privacy.inference.published import SHARE, Judged
from privacy.inference.reach import reach, together

Floats = NDArray[np.float64]

_AT_LEAST = 1.5
"""Standard errors that those at risk in a month count at least: fewer may well be nobody. With
more, what noise does to a share is near enough to linear: simulated intervals hold 93 to 99%."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Jobs by month: `ended` after 0 .. M-1 months, `held` for 0 .. M, noise of `variance`.

    `excess`: the excess kurtosis of that noise.
    """

    ended: Floats = field(repr=False)
    held: Floats = field(repr=False)
    variance: float
    excess: float = 0.0

    @property
    def at_risk(self) -> Floats:
        """Jobs held for at least 0 .. M months, by suffix sums."""
        together = self.held.copy()
        together[:-1] += self.ended
        risk: Floats = np.cumsum(together[::-1])[::-1]
        return risk

    def survival(self, month: int) -> Judged | None:
        """The share that holds a job for so many months; its error says how well it is told.

        None only where that error cannot be stated, since a month may have nobody at risk.
        """
        n, d = self.at_risk[:month], self.ended[:month]
        spread = self.variance * (2 * (len(self.held) - 1 - np.arange(month)) + 1)
        if (n <= 0).any() or (n < _AT_LEAST * np.sqrt(spread)).any():
            return None
        kept = 1 - d / n
        value = float(np.prod(kept))
        before = np.concatenate([[1.0], np.cumprod(kept[:-1])])
        others = before * np.concatenate([np.cumprod(kept[:0:-1])[::-1], [1.0]])
        effects = self._effects(others, n, d)
        se = math.sqrt(self.variance * effects.sum())
        likely = np.clip(kept, 0.0, 1.0)
        greenwood = math.sqrt(float((others**2 * likely * (1 - likely) / n).sum()))
        half = reach(together([(float(effect), self.excess) for effect in effects])) * se
        noise = (value - half, value + half)
        shown, wide = min(max(value, 0.0), 1.0), widen(value, noise, greenwood)
        return Judged(value, shown, noise, wide, ends=SHARE)

    def _effects(self, others: Floats, n: Floats, d: Floats) -> Floats:
        """(dS / d count)^2 of every count; `others`: S without the factor of m."""
        month, last = len(n), len(self.held) - 1
        through = np.cumsum(others * d / n**2)
        held = np.concatenate([through, np.full(last + 1 - month, through[-1])])
        ended = held[:-1].copy()
        ended[:month] -= others / n
        return np.concatenate([held, ended]) ** 2
