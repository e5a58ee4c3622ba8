"""Polya noise in shares, for a release that stands alone: pure differential privacy.

A share is NB(1/h, a) - NB(1/h, a). Any h honest shares add up to exactly a discrete Laplace
variable, P(k) proportional to a^|k|; further shares are independent noise, i.e. post-processing.
Source: Ghosh, Roughgarden, Sundararajan 2009 for the geometric mechanism; Harrison, Manurangsi
2025 (arXiv:2504.05202) for its division.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
from numpy.typing import NDArray

from privacy.noise.sampler import RandomBytes, distance_bound, draw
from privacy.noise.tables import CumulativeTable, negative_binomial_table
from schemas.units import MicroRho

_BITS = 192


def ratio_of(epsilon: Fraction, d1: Fraction) -> Fraction:
    """Return a = exp(-epsilon / D1), rounded up to a multiple of 2^-192: more noise, not less.

    Raises ValueError unless both are positive and a < 1 at that precision.
    """
    if epsilon <= 0 or d1 <= 0:
        raise ValueError("epsilon and sensitivity are positive")
    with mpmath.workprec(2 * _BITS):
        exponent = epsilon / d1
        exact = mpmath.exp(-mpmath.mpf(exponent.numerator) / exponent.denominator)
        scaled = int(mpmath.ceil(mpmath.ldexp(exact, _BITS))) + 1
    if scaled >= 1 << _BITS:
        raise ValueError("epsilon is too small to be told from 0")
    return Fraction(scaled, 1 << _BITS)


@dataclass(frozen=True, slots=True)
class Polya:
    """Noise that makes integer vectors of L1 sensitivity `d1` epsilon-DP with h honest shares."""

    epsilon: Fraction
    d1: Fraction
    honest: int

    def __post_init__(self) -> None:
        if self.honest < 1:
            raise ValueError("honest shares are at least 1")

    @property
    def ratio(self) -> Fraction:
        """`a` of the discrete Laplace distribution."""
        return ratio_of(self.epsilon, self.d1)

    @property
    def table(self) -> CumulativeTable:
        """The table of one half of a share."""
        return negative_binomial_table(self.ratio, Fraction(1, self.honest))

    @property
    def cost(self) -> MicroRho:
        """eps-DP is eps^2/2-zCDP. Source: Bun, Steinke 2016 (arXiv:1605.02065), Prop. 1.4."""
        return MicroRho(math.ceil(self.epsilon**2 / 2 * 1_000_000))

    def share(self, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return one centre's share for a vector of this length, int64."""
        plus = draw(self.table, length, random_bytes)
        return plus - draw(self.table, length, random_bytes)

    def variance_of_sum(self, contributors: int) -> Fraction:
        """Variance of an entry of the sum over so many contributing centres."""
        a = self.ratio
        return 2 * a / (1 - a) ** 2 * Fraction(contributors, self.honest)

    def delta_of_sampler(self, length: int, contributors: int) -> float:
        """What the tables' rounding adds to delta: (1 + e^eps) x distance over all draws."""
        draws = 2 * length * contributors
        return float((1 + math.exp(self.epsilon)) * draws * distance_bound(self.table))


def epsilon_if_fewer(noise: Polya, fraction: Fraction) -> float:
    """Epsilon when only this fraction of the h shares is honest.

    The sum is then NB(b, a) - NB(b, a) with b < 1: the worst log-ratio of neighbouring values is
    at 0 against D1, found by exact convolution of the two halves.
    """
    table = negative_binomial_table(noise.ratio, fraction)
    values = np.array([table.cumulative(k) for k in range(table.atoms)], dtype=object)
    masses = np.diff(np.concatenate([[0], values])).astype(np.float64) / 2.0**128
    reach = min(len(masses), 4096)
    both = np.correlate(masses[:reach], masses[:reach], mode="full")
    shift = max(1, round(noise.d1))
    left, right = both[:-shift], both[shift:]
    seen = np.minimum(left, right) > 1e-30  # the tables round what is less
    return float(np.abs(np.log(left[seen] / right[seen])).max())
