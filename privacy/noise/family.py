"""What every noise family can do. Both are infinitely divisible: a share of any size exists."""

from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from privacy.noise.sampler import RandomBytes


class Noise(Protocol):
    """Noise of a sum in which at least `honest` shares are honest."""

    @property
    def honest(self) -> int:
        """h: so many shares of size 1/h are the whole noise."""
        ...

    def part(self, size: Fraction, length: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
        """Return this part of the whole noise for a vector of this length, int64.

        Independent parts whose sizes add up to 1 are the whole noise, exactly.
        """
        ...

    def variance_of_sum(self, contributors: int) -> Fraction:
        """Variance of an entry of the sum over so many contributing centres."""
        ...

    def excess_of_sum(self, contributors: int) -> float:
        """Excess kurtosis of an entry of the sum: 0 for a normal distribution."""
        ...

    def holding(self, contributors: int) -> int | None:
        """The least k with 95% of an entry of the sum within -k..k; None where steps are fine.

        Steps are fine when a standard deviation is many of them.
        """
        ...

    def error_of_draw(self, size: Fraction) -> float:
        """Bound on the statistical distance to the ideal of one of the two draws in a part."""
        ...
