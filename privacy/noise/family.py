"""What every noise family can do. Both are infinitely divisible: a share of any size exists."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from privacy.noise.sampler import RandomBytes
from schemas.round import NoiseFamily
from schemas.units import MicroRho

HELD: Final = 0.95
"""Of its noise, what every interval of a figure holds."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The most that adding or removing one person moves an integer vector: L1, squared L2."""

    d1: Fraction
    d2_squared: Fraction

    def __post_init__(self) -> None:
        if self.d1 < 0 or self.d2_squared < 0:
            raise ValueError("sensitivities are not negative")


class Noise(Protocol):
    """Noise of a sum in which at least `honest` shares are honest."""

    @property
    def family(self) -> NoiseFamily:
        """Its name in a programme."""
        ...

    @property
    def honest(self) -> int:
        """h: so many shares of size 1/h are the whole noise."""
        ...

    def cost(self, moved: Sensitivity) -> MicroRho:
        """What a vector costs that one person moves so far, in micro-rho, rounded up."""
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
