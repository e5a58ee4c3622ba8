"""Skellam noise in shares.

A share is Poisson(mu/2h) - Poisson(mu/2h). Any h honest shares add up to exactly a Skellam
variable of variance mu; further shares are independent noise, i.e. post-processing.
Source: Agarwal, Kairouz, Liu 2021 (arXiv:2110.04995).
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.noise.cumulative import CumulativeTable, poisson_table
from privacy.noise.family import Sensitivity
from privacy.noise.sampler import RandomBytes, distance_bound, draw
from schemas.round import NoiseFamily
from schemas.units import MicroRho


def rho_of(moved: Sensitivity, mu: int) -> Fraction:
    """Return rho of integer vectors under Skellam noise of variance `mu`, exactly.

    rho = D2^2/(2 mu) (1 + 1/mu) + 3 D1/(4 mu^2) bounds the Renyi divergence at every integer
    order a >= 2 by a rho. Source: Agarwal, Kairouz, Liu 2021, Corollary 3.6, first branch,
    divided by a.
    """
    return moved.d2_squared / (2 * mu) * (1 + Fraction(1, mu)) + 3 * moved.d1 / (4 * mu**2)


@dataclass(frozen=True, slots=True)
class Skellam:
    """Noise of variance `mu` on a sum in which at least `honest` shares are honest."""

    mu: int
    honest: int

    def __post_init__(self) -> None:
        if self.mu < 1 or self.honest < 1:
            raise ValueError("variance and honest shares are at least 1")

    @property
    def family(self) -> NoiseFamily:
        """Its name in a programme."""
        return "skellam"

    def cost(self, moved: Sensitivity) -> MicroRho:
        """What a vector costs that one person moves so far, in micro-rho, rounded up."""
        return MicroRho(math.ceil(rho_of(moved, self.mu) * 1_000_000))

    def half(self, size: Fraction) -> CumulativeTable:
        """The table of one half of a part of the noise."""
        return poisson_table(Fraction(self.mu, 2) * size)

    def part(self, size: Fraction, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return this part of the whole noise for a vector of this length, int64."""
        plus = draw(self.half(size), length, random_bytes)
        return plus - draw(self.half(size), length, random_bytes)

    def share(self, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return one centre's share for a vector of this length, int64."""
        return self.part(Fraction(1, self.honest), length, random_bytes)

    def variance_of_sum(self, contributors: int) -> Fraction:
        """Variance of an entry of the sum over so many contributing centres."""
        return Fraction(self.mu * contributors, self.honest)

    def excess_of_sum(self, contributors: int) -> float:
        """Excess kurtosis of an entry of the sum: that of Poisson variables, 1 / variance."""
        return float(1 / self.variance_of_sum(contributors))

    def holding(self, contributors: int) -> int | None:
        """None: a programme's variance is at least 1,024, which is fine."""
        return None

    def error_of_draw(self, size: Fraction) -> float:
        """Bound on the statistical distance to the ideal of one of the two draws in a part."""
        return distance_bound(self.half(size))
