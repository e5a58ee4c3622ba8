"""An estimate that may be shown, and how it is spelled."""

import math
from dataclasses import dataclass

from chassis.present.numbers import number, place_of
from chassis.texts import Language
from schemas.release import Band, Figure
from schemas.statistic import Unit

_TO = {"nl": "tot", "en": "to"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of band A to D with its 95% interval; `noise`: the part that is privacy noise.

    Counts have no interval but the noise's. A share's interval ends at 0 and 1.
    """

    value: float
    lo: float
    hi: float
    noise: tuple[float, float]
    band: Band
    unit: Unit
    se: float
    response: float | None = None

    @property
    def half_width(self) -> float:
        """Half of the interval, in the unit."""
        return (self.hi - self.lo) / 2


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of an estimate. `rough` marks band D, of which only the order counts."""

    value: str
    lo: str
    hi: str
    between: str
    rough: bool


def estimate_of(figure: Figure | None, unit: Unit) -> Estimate | None:
    """Return what may be shown of a figure; None when it is too uncertain or not there."""
    if figure is None or figure.band == "F" or figure.estimate is None:
        return None
    if figure.noise_lo is None or figure.noise_hi is None:
        return None
    noise = (figure.noise_lo, figure.noise_hi)
    wide = noise if figure.lo is None or figure.hi is None else (figure.lo, figure.hi)
    value, lo, hi, noise_lo, noise_hi = (
        _possible(end, unit) for end in (figure.estimate, *wide, *noise)
    )
    se = math.hypot(figure.noise_se or 0.0, figure.sampling_se or 0.0)
    return Estimate(value, lo, hi, (noise_lo, noise_hi), figure.band, unit, se, figure.response)


def _possible(value: float, unit: Unit) -> float:
    """The nearest value that the unit allows."""
    if unit == "points":
        return value
    return max(0.0, value if unit == "people" else min(value, 1.0))


def read(estimate: Estimate, language: Language, *, signed: bool = False) -> Reading:
    """Spell an estimate and its interval, all to the same place."""
    times, sign = (100, "%") if estimate.unit == "share" else (1, "")
    place = place_of(max(estimate.half_width * times, 1e-6))
    if estimate.unit == "people":
        place = max(place, 0)
    value, lo, hi = (
        number(times * end, place, language, signed=signed)
        for end in (estimate.value, estimate.lo, estimate.hi)
    )
    rough = estimate.band == "D"
    between = f"{lo} {_TO[language]} {hi}{sign}"
    return Reading(f"{'~' if rough else ''}{value}{sign}", lo + sign, hi + sign, between, rough)


def percent(share: float, language: Language) -> str:
    """Spell a share that only says how much is known, such as a response rate."""
    return f"{number(100 * share, 0, language)}%"
