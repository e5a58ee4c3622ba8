"""Polya noise in shares, for a release that stands alone: pure differential privacy.

A share is NB(1/h, a) - NB(1/h, a). Any h honest shares add up to exactly a discrete Laplace
variable, P(k) proportional to a^|k|; further shares are independent noise, i.e. post-processing.
Source: Ghosh, Roughgarden, Sundararajan 2009 for the geometric mechanism; Harrison, Manurangsi
2025 (arXiv:2504.05202) for its division.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import mpmath
import numpy as np
from numpy.typing import NDArray

from privacy.noise.cumulative import CumulativeTable, negative_binomial_table
from privacy.noise.family import HELD, Sensitivity
from privacy.noise.sampler import RandomBytes, distance_bound, draw
from schemas.round import NoiseFamily
from schemas.units import MicroRho

_BITS = 192
_FINE = 400
"""Variance from which the lattice no longer shows in an interval: a step is a twentieth of it."""


def pure_cost(epsilon: Fraction) -> MicroRho:
    """Return micro-rho of a pure epsilon: eps^2/2. Source: Bun, Steinke 2016, Prop. 1.4."""
    return MicroRho(math.ceil(epsilon**2 / 2 * 1_000_000))


@lru_cache(maxsize=64)
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
    def family(self) -> NoiseFamily:
        """Its name in a programme."""
        return "polya"

    def cost(self, moved: Sensitivity) -> MicroRho:
        """What a vector costs that one person moves so far, in micro-rho, rounded up."""
        return pure_cost(self.epsilon * moved.d1 / self.d1)

    @property
    def ratio(self) -> Fraction:
        """`a` of the discrete Laplace distribution."""
        return ratio_of(self.epsilon, self.d1)

    def half(self, size: Fraction) -> CumulativeTable:
        """The table of one half of a part of the noise."""
        return negative_binomial_table(self.ratio, size)

    def part(self, size: Fraction, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return this part of the whole noise for a vector of this length, int64."""
        plus = draw(self.half(size), length, random_bytes)
        return plus - draw(self.half(size), length, random_bytes)

    def share(self, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return one centre's share for a vector of this length, int64."""
        return self.part(Fraction(1, self.honest), length, random_bytes)

    def variance_of_sum(self, contributors: int) -> Fraction:
        """Variance of an entry of the sum over so many contributing centres."""
        a = self.ratio
        return 2 * a / (1 - a) ** 2 * Fraction(contributors, self.honest)

    def excess_of_sum(self, contributors: int) -> float:
        """Excess kurtosis of an entry of the sum: (1 + 4a + a^2) / (2 r a), r of 1/h shares."""
        a = self.ratio
        return float((1 + 4 * a + a * a) / (2 * Fraction(contributors, self.honest) * a))

    def holding(self, contributors: int) -> int | None:
        """The least k with 95% of an entry of the sum within -k..k; None where steps are fine."""
        variance = float(self.variance_of_sum(contributors))
        if variance > _FINE:
            return None
        size = contributors / self.honest
        k = np.arange(1, 40 * math.isqrt(math.ceil(variance)) + 200)
        logs = np.log((size + k - 1) / k * float(self.ratio))
        half = np.exp(np.concatenate([[0.0], np.cumsum(logs)]))
        masses = np.convolve(half, half[::-1])
        middle = len(half) - 1
        within = masses[middle] + 2 * np.cumsum(masses[middle + 1 :])
        return 1 + int(np.searchsorted(within, HELD * masses.sum()))

    def error_of_draw(self, size: Fraction) -> float:
        """Bound on the statistical distance to the ideal of one of the two draws in a part."""
        return distance_bound(self.half(size))


def epsilon_if_fewer(noise: Polya, fraction: Fraction, shifts: Mapping[int, int]) -> float:
    """Epsilon when only this fraction of the h shares is honest. `shifts`: how many entries one
    person changes by how much, at the most; a bound may count ones instead.

    The sum is then NB(b, a) - NB(b, a) with b < 1, a mixture of discrete Laplace variables. Its
    logarithm is convex on either side of 0, so that the worst ratio is that of 0 to the shift.
    """
    table = negative_binomial_table(noise.ratio, fraction)
    masses = np.diff(table.high.astype(np.float64) / 2.0**64, prepend=0.0)
    at_zero = float(masses @ masses)

    def loss(shift: int) -> float:
        return math.log(at_zero / float(masses[:-shift] @ masses[shift:]))

    return math.fsum(times * loss(shift) for shift, times in shifts.items())
