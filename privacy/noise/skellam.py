"""Skellam noise in shares.

A share is Poisson(mu/2h) - Poisson(mu/2h). Any h honest shares add up to exactly a Skellam
variable of variance mu; further shares are independent noise, i.e. post-processing.
Source: Agarwal, Kairouz, Liu 2021 (arXiv:2110.04995).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.noise.sampler import RandomBytes, distance_bound, draw
from privacy.noise.tables import CumulativeTable, poisson_table


@dataclass(frozen=True, slots=True)
class Skellam:
    """Noise of variance `mu` on a sum in which at least `honest` shares are honest."""

    mu: int
    honest: int

    def __post_init__(self) -> None:
        if self.mu < 1 or self.honest < 1:
            raise ValueError("variance and honest shares are at least 1")

    @property
    def table(self) -> CumulativeTable:
        """The table of one half of a share."""
        return poisson_table(Fraction(self.mu, 2 * self.honest))

    def share(self, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return one centre's share for a vector of this length, int64."""
        plus = draw(self.table, length, random_bytes)
        return plus - draw(self.table, length, random_bytes)

    def variance_of_sum(self, contributors: int) -> Fraction:
        """Variance of an entry of the sum over so many contributing centres."""
        return Fraction(self.mu * contributors, self.honest)

    def delta_of_sampler(self, length: int, contributors: int, epsilon: float) -> float:
        """What the tables' rounding adds to delta: (1 + e^eps) x distance over all draws."""
        draws = 2 * length * contributors
        return float((1 + np.exp(epsilon)) * draws * distance_bound(self.table))
