"""Standard errors, intervals and quality bands."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from privacy.inference.reach import Z95, reach, together
from schemas.release import Band


@dataclass(frozen=True, slots=True)
class Limits:
    """What a figure of a band stays below.

    `variation`: the standard error of counts and money, as a part of their size; `width`: half of
    the 95% interval of all else, in smallest differences that matter.
    """

    variation: float
    width: float


LIMITS: Mapping[Band, Limits] = MappingProxyType(
    {
        "A": Limits(0.05, 0.2),
        "B": Limits(0.10, 0.4),
        "C": Limits(0.20, 0.8),
        "D": Limits(0.33, 1.5),
    }
)
"""From the best band to the last that is shown; F is what stays below none of them."""


def clearly_above(value: float, variance: float) -> bool:
    """Whether a number stands at least 4 standard errors above 0."""
    return value > 0 and value >= 4 * math.sqrt(variance)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A noisy numerator over a noisy denominator, with their noise variances.

    `excess`: the excess kurtosis of each of their noises at most.
    """

    top: float
    bottom: float
    var_top: float
    var_bottom: float
    covariance: float = 0.0
    excess: float = 0.0

    @property
    def value(self) -> float | None:
        """The ratio; None when the denominator is not clearly above its noise (4 SE)."""
        if not clearly_above(self.bottom, self.var_bottom):
            return None
        return self.top / self.bottom

    @property
    def se(self) -> float | None:
        """Delta method."""
        r = self.value
        if r is None:
            return None
        variance = self.var_top - 2 * r * self.covariance + r * r * self.var_bottom
        return math.sqrt(max(variance, 0.0)) / self.bottom

    def interval(self) -> tuple[float, float] | None:
        """95% for the noise: delta method, or Fieller's when CV(denominator) > 10%."""
        r, se = self.value, self.se
        if r is None or se is None:
            return None
        z = reach(self._excess_at(r))
        if math.sqrt(self.var_bottom) <= 0.1 * self.bottom:
            return r - z * se, r + z * se
        return self._fieller(z)

    def _excess_at(self, r: float) -> float:
        """Of top - r bottom; the part of the bottom that goes with the top is taken out first."""
        if not self.excess:
            return 0.0
        slope = self.covariance / self.var_top if self.var_top else 0.0
        own = (1 - r * slope) ** 2 * self.var_top
        other = r * r * max(0.0, self.var_bottom - slope * self.covariance)
        return together([(own, self.excess), (other, self.excess)])

    def _fieller(self, z: float) -> tuple[float, float]:
        """Where (top - r bottom)^2 <= z^2 var(top - r bottom).

        The bottom stands 4 SE above 0, hence a > 0, and the ratio itself lies inside: the set
        is one interval.
        """
        z2 = z * z
        a = self.bottom**2 - z2 * self.var_bottom
        b = self.top * self.bottom - z2 * self.covariance
        c = self.top**2 - z2 * self.var_top
        root = math.sqrt(max(b * b - a * c, 0.0))
        return (b - root) / a, (b + root) / a


def band_of_count(estimate: float, half: float) -> Band:
    """By the coefficient of variation at the lower end of its 95% interval of half-width `half`.

    A number just large enough is more often one that noise made larger. Judged by what it may
    be at least, one that is told lies in its interval as often as any other.
    """
    return band_of_variation(estimate - half, half)


def band_of_variation(size: float, half: float) -> Band:
    """By the standard error, with an interval of half-width `half`, against a size."""
    for band, most in LIMITS.items():
        if half / Z95 < most.variation * size:
            return band
    return "F"


def told(estimate: float, half: float) -> bool:
    """Whether a count is shown: it has a band other than F."""
    return band_of_count(estimate, half) != "F"


def band_of_width(half_width: float | None, resolution: float) -> Band:
    """By the half-width of the 95% interval against the smallest difference that matters."""
    if half_width is None:
        return "F"
    for band, most in LIMITS.items():
        if half_width < most.width * resolution:
            return band
    return "F"


def widen(value: float, noise: tuple[float, float], sampling_se: float) -> tuple[float, float]:
    """Add sampling error to each side of a noise interval."""
    reach = Z95 * sampling_se
    return (
        value - math.hypot(value - noise[0], reach),
        value + math.hypot(noise[1] - value, reach),
    )
