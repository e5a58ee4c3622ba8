"""One published figure from one adjusted cell."""

import math
from dataclasses import dataclass
from typing import Final, Self

from privacy.inference.intervals import (
    Ratio,
    band_of_count,
    band_of_variation,
    band_of_width,
    widen,
)
from privacy.inference.nonnegative import interval_of_count
from privacy.inference.reach import Z95, reach
from schemas.programme import Ask
from schemas.release import Band, Cell, Figure, MeasureName
from schemas.statistic import Horizon

_UNKNOWN = dict.fromkeys(("estimate", "unadjusted", "noise_se", "noise_lo", "noise_hi"))
_FOLLOW_UPS: frozenset[Horizon] = frozenset({"end", "6m", "12m"})


Ends = tuple[float, float]
SHARE: Final[Ends] = (0.0, 1.0)
ANY: Final[Ends] = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Named:
    """Which figure it is."""

    ask: Ask
    measure: MeasureName
    cell: Cell = ()
    variable: str = ""

    def figure(self, band: Band, **numbers: float | None) -> Figure:
        """The figure of this name; numbers that are not given are not known."""
        known = {**_UNKNOWN, **numbers}
        return Figure(
            statistic=self.ask.key,
            measure=self.measure,
            variable=self.variable,
            cell=self.cell,
            band=band,
            **known,
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A ratio as people read it.

    `centre` is added to it; `sd` is that of one person's value; `resolution` the smallest
    difference that matters, None for money (judged by its coefficient of variation); `ends` the
    least and the most that the figure can be. All in the unit of the figure.
    """

    centre: float
    sd: float
    resolution: float | None
    ends: Ends = ANY

    @classmethod
    def of_share(cls, share: float | None, resolution: float) -> Self:
        """That of a share, about as large as this."""
        p = min(1.0, max(0.0, share or 0.0))
        return cls(0.0, math.sqrt(p * (1 - p)), resolution, SHARE)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its errors: `noise` is the 95% interval for the noise alone."""

    value: float
    noise_se: float
    noise: tuple[float, float]
    sampling_se: float
    ends: Ends = ANY

    @classmethod
    def symmetric(
        cls, value: float, noise_se: float, sampling_se: float, excess: float = 0.0
    ) -> Self:
        """An interval of as much on each side; `excess`: kurtosis of the noise."""
        half = reach(excess) * noise_se
        return cls(value, noise_se, (value - half, value + half), sampling_se)


@dataclass(frozen=True, slots=True)
class People:
    """Who is behind a figure: how many answered and how many did not."""

    answered: float
    silent: float


def count_figure(
    named: Named, value: float, se: float, shown: float | None = None, half: float | None = None
) -> Figure:
    """A number of people; `shown` where pages show another than the unbiased one.

    `half`: that of its 95% interval, where the noise is not normal. The interval is that of the
    number that is shown; of one that is too uncertain to show, that of what was measured of
    people who are none at the least, and as far as what is kept of the table. Nobody is sampled:
    there is no outer interval.
    """
    half = Z95 * se if half is None else half
    band, shown = band_of_count(value, half), value if shown is None else shown
    interval = shown - half, shown + half
    if band == "F" and half > 0:
        interval = interval_of_count(value, half / Z95)
    lo, hi = reaching(interval, shown)
    return named.figure(
        band, estimate=shown, unadjusted=value, noise_se=se,
        noise_lo=lo, noise_hi=hi,
    )  # fmt: skip


def reaching(interval: tuple[float, float], shown: float) -> tuple[float, float]:
    """An interval as far as the number that is shown with it."""
    return min(interval[0], shown), max(interval[1], shown)


def cut(interval: tuple[float, float], ends: Ends) -> tuple[float, float]:
    """An interval without what the figure cannot be."""
    (low, high), (least, most) = interval, ends
    return min(max(low, least), most), max(min(high, most), least)


def ratio_figure(named: Named, ratio: Ratio, scale: Scale, silent: float) -> Figure:
    """A share or mean over `ratio.bottom` people who answered; `silent` did not.

    Without an estimate or interval where the people are not clearly above their noise.
    """
    noise, value, se = ratio.interval(), ratio.value, ratio.se
    people = People(ratio.bottom, silent)
    if value is None or noise is None or se is None:
        return measured_figure(named, None, scale.resolution, people)
    sampling = scale.sd / math.sqrt(people.answered)
    lo, hi = scale.centre + noise[0], scale.centre + noise[1]
    found = Measured(scale.centre + value, se, (lo, hi), sampling, scale.ends)
    return measured_figure(named, found, scale.resolution, people)


def measured_figure(
    named: Named, found: Measured | None, resolution: float | None, people: People
) -> Figure:
    """A figure with both intervals, judged by the outer one; None: too uncertain to give.

    Of a figure that has ends, intervals stop there, and are judged as far as they go; one that
    lies beyond them is judged by the whole interval, for it says little.
    """
    if found is None:
        return named.figure("F", n=people.answered)
    wide = widen(found.value, found.noise, found.sampling_se)
    lo, hi = reaching(cut(wide, found.ends), found.value)
    noise_lo, noise_hi = reaching(cut(found.noise, found.ends), found.value)
    beyond = not found.ends[0] <= found.value <= found.ends[1]
    width = wide[1] - wide[0] if beyond else hi - lo
    return named.figure(
        _band(found.value, width / 2, resolution),
        estimate=found.value,
        unadjusted=found.value,
        noise_se=found.noise_se,
        sampling_se=found.sampling_se,
        noise_lo=noise_lo,
        noise_hi=noise_hi,
        lo=lo,
        hi=hi,
        response=_response(named.ask, people.answered, people.silent),
        n=people.answered,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure whose measure has its own way to an interval, in the unit of the figure.

    `shown` is what pages show, `wide` adds sampling to the interval `noise`. `known`: whether
    the measure can tell the figure at all; if not, its band is F however narrow it is. `ends`:
    the least and the most that it can be, where intervals stop before they are judged.
    """

    value: float
    shown: float
    noise: tuple[float, float]
    wide: tuple[float, float]
    known: bool = True
    ends: Ends = ANY


def judged_figure(
    named: Named, judged: Judged | None, people: tuple[float, float], resolution: float
) -> Figure:
    """A figure of `people` (who answered, who did not); None when noise hides the people."""
    answered, silent = people
    if judged is None:
        return named.figure("F", n=answered)
    lo, hi = reaching(cut(judged.wide, judged.ends), judged.shown)
    noise_lo, noise_hi = reaching(cut(judged.noise, judged.ends), judged.shown)
    half, noise_half = ((high - low) / 2 for low, high in (judged.wide, judged.noise))
    return named.figure(
        band_of_width((hi - lo) / 2, resolution) if judged.known else "F",
        estimate=judged.shown,
        unadjusted=judged.value,
        noise_se=noise_half / Z95,
        sampling_se=math.sqrt(max(half**2 - noise_half**2, 0.0)) / Z95,
        noise_lo=noise_lo,
        noise_hi=noise_hi,
        lo=lo,
        hi=hi,
        response=_response(named.ask, answered, silent),
        n=answered,
    )


@dataclass(frozen=True, slots=True)
class Rooted:
    """The root of a noisy variance: SE by the delta method, ends those of the variance's own."""

    value: float
    se: float
    noise: tuple[float, float]

    @classmethod
    def of(cls, variance: float, se: float, half: float) -> Self | None:
        """None where the variance may be 0: `half` is that of its 95% interval."""
        if variance <= half:
            return None
        value = math.sqrt(variance)
        ends = (math.sqrt(variance - half), math.sqrt(variance + half))
        return cls(value, se / (2 * value), ends)


def spread_figure(named: Named, found: Rooted | None, resolution: float | None) -> Figure:
    """A standard deviation, judged by its interval; nothing where it was not measured."""
    if found is None:
        return named.figure("F")
    return named.figure(
        _band(found.value, (found.noise[1] - found.noise[0]) / 2, resolution),
        estimate=found.value,
        unadjusted=found.value,
        noise_se=found.se,
        noise_lo=found.noise[0],
        noise_hi=found.noise[1],
    )


def _band(value: float, half_width: float, resolution: float | None) -> Band:
    if resolution is None:
        return band_of_variation(abs(value), half_width)
    return band_of_width(half_width, resolution)


def _response(ask: Ask, answered: float, silent: float) -> float | None:
    """The share that answered, of follow-ups; noise may not push it past 0 or 1."""
    if ask.horizon not in _FOLLOW_UPS or answered + silent <= 0:
        return None
    return min(1.0, max(0.0, answered / (answered + silent)))
