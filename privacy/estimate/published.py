"""One published figure from one adjusted cell."""

import math
from dataclasses import dataclass

from privacy.estimate.intervals import Z95, Ratio, band_of_count, band_of_width, widen
from schemas.programme import Ask
from schemas.release import Cell, Figure, MeasureName
from schemas.statistic import Horizon

_FOLLOW_UPS: frozenset[Horizon] = frozenset({"end", "6m", "12m"})


@dataclass(frozen=True, slots=True)
class Named:
    """Which figure it is."""

    ask: Ask
    measure: MeasureName
    cell: Cell = ()
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A ratio as people read it.

    `centre` is added to it; `sd` is that of one person's value; `resolution` the smallest
    difference that matters. All in the unit of the figure.
    """

    centre: float
    sd: float
    resolution: float


def count_figure(named: Named, value: float, se: float, shown: float | None = None) -> Figure:
    """A number of people; `shown` where pages show another than the unbiased one."""
    return Figure(
        statistic=named.ask.key,
        measure=named.measure,
        variable=named.variable,
        cell=named.cell,
        estimate=value if shown is None else shown,
        unadjusted=value,
        noise_se=se,
        noise_lo=value - Z95 * se,
        noise_hi=value + Z95 * se,
        band=band_of_count(value, se),
    )


def ratio_figure(named: Named, ratio: Ratio, scale: Scale, silent: float) -> Figure:
    """A share or mean over `ratio.bottom` people who answered; `silent` did not.

    Without an estimate or interval where the people are not clearly above their noise.
    """
    noise, value, answered = ratio.interval(), ratio.value, ratio.bottom
    if value is None or noise is None:
        return _too_uncertain(named, answered)
    sampling = scale.sd / math.sqrt(answered)
    lo, hi = widen(value, noise, sampling)
    return Figure(
        statistic=named.ask.key,
        measure=named.measure,
        variable=named.variable,
        cell=named.cell,
        estimate=scale.centre + value,
        unadjusted=scale.centre + value,
        noise_se=ratio.se,
        sampling_se=sampling,
        noise_lo=scale.centre + noise[0],
        noise_hi=scale.centre + noise[1],
        lo=scale.centre + lo,
        hi=scale.centre + hi,
        band=band_of_width((hi - lo) / 2, scale.resolution),
        response=_response(named.ask, answered, silent),
        n=answered,
    )


def spread_figure(named: Named, sd: float, se: float | None, resolution: float) -> Figure:
    """A standard deviation; nothing without its SE."""
    return Figure(
        statistic=named.ask.key,
        measure=named.measure,
        variable=named.variable,
        cell=named.cell,
        estimate=None if se is None else sd,
        unadjusted=None if se is None else sd,
        noise_se=se,
        noise_lo=None if se is None else sd - Z95 * se,
        noise_hi=None if se is None else sd + Z95 * se,
        band=band_of_width(None if se is None else Z95 * se, resolution),
    )


def _too_uncertain(named: Named, answered: float) -> Figure:
    return Figure(
        statistic=named.ask.key,
        measure=named.measure,
        variable=named.variable,
        cell=named.cell,
        estimate=None,
        unadjusted=None,
        noise_se=None,
        noise_lo=None,
        noise_hi=None,
        band="F",
        n=answered,
    )


def _response(ask: Ask, answered: float, silent: float) -> float | None:
    """The share that answered, of follow-ups; noise may not push it past 0 or 1."""
    if ask.horizon not in _FOLLOW_UPS or answered + silent <= 0:
        return None
    return min(1.0, max(0.0, answered / (answered + silent)))
