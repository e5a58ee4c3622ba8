"""Every published figure of a round, from its integer sum; anyone can do this again."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.estimate.inner import project
from privacy.estimate.intervals import Z95, Ratio, band_of_count, band_of_width, widen
from privacy.estimate.tables import AskTables, read_ask
from schemas.release import Figure
from schemas.statistic import Mean, Share


def estimate(
    total: NDArray[np.int64], layout: Layout, *, contributors: int, honest: int
) -> tuple[Figure, ...]:
    """Return the figures in a fixed order. `total`: the signed sum, shape (layout.length,)."""
    if total.shape != (layout.length,):
        raise ValueError("the sum is not as long as the layout")
    figures: list[Figure] = []
    for ask in layout.asks:
        tables = read_ask(total, layout, ask, contributors=contributors, honest=honest)
        measure = tables.statistic.measure
        if isinstance(measure, Mean):
            figures += _means(tables, measure)
        elif isinstance(measure, Share):
            figures += _shares(tables)
        else:
            figures += _counts(tables)
    return tuple(figures)


def _count(tables: AskTables, name: str, cell: tuple[tuple[str, str], ...], value: float,
           se: float, shown: float) -> Figure:  # fmt: skip
    return Figure(
        statistic=tables.ask.key,
        measure="answered" if name == "answered" else "count",
        cell=cell,
        estimate=shown,
        unadjusted=value,
        noise_se=se,
        noise_lo=value - Z95 * se,
        noise_hi=value + Z95 * se,
        band=band_of_count(value, se),
    )


def _counts(tables: AskTables) -> Iterator[Figure]:
    shown = [_shown(tables, index) for index in range(len(tables.views))]
    for index, k, cell in tables.names():
        table, variance = tables.roles["count"].view(index)
        yield _count(
            tables, "count", cell, float(table[k, 0]), math.sqrt(variance[k]),
            float(shown[index][k]),
        )  # fmt: skip


def _shown(tables: AskTables, index: int) -> NDArray[np.float64]:
    """What pages show: inner cells without negatives, margins as they are."""
    role, view = tables.roles["count"], tables.views[index]
    flat = role.view(index)[0][:, 0]
    if len(view) < 2 or any((d,) not in tables.views for d in view):
        return flat
    one_way = [role.view(tables.views.index((d,)))[0][:, 0] for d in view]
    table = flat.reshape([len(margin) for margin in one_way])
    return project(table, one_way).ravel()


def _shares(tables: AskTables) -> Iterator[Figure]:
    resolution = (tables.statistic.resolution or 100) / 1000
    for index, k, cell in tables.names():
        table, variance = tables.roles["outcome"].view(index)
        (yes, no, silent), var = (float(x) for x in table[k]), float(variance[k])
        answered = yes + no
        ratio = Ratio(yes, answered, var, 2 * var, covariance=var)
        p = ratio.value
        spread = None if p is None else math.sqrt(max(p * (1 - p), 0.0) / answered)
        yield _ratio_figure(tables, ("share", ""), cell, ratio, (0.0, spread, resolution),
                            (answered, silent))  # fmt: skip
        yield _count(tables, "answered", cell, answered, math.sqrt(2 * var), answered)


def _means(tables: AskTables, measure: Mean) -> Iterator[Figure]:
    resolution = (tables.statistic.resolution or 250) / 1000
    deviations = _deviations(tables, measure)
    sums, counts = tables.roles["sum"], tables.roles["answered"]
    for index, k, cell in tables.names():
        (table, var_sum), (count, var_count) = sums.view(index), counts.view(index)
        answered, silent = float(count[k, 0]), float(count[k, 1])
        for lane, variable in enumerate(measure.variables):
            ratio = Ratio(float(table[k, lane]), answered, float(var_sum[k]), float(var_count[k]))
            sd = deviations[lane][0]
            spread = None if ratio.value is None else sd / math.sqrt(answered)
            shift = (measure.centres[lane] / 1000, spread, resolution)
            yield _ratio_figure(tables, ("mean", variable), cell, ratio, shift, (answered, silent))
        yield _count(tables, "answered", cell, answered, math.sqrt(var_count[k]), answered)
    for lane, variable in enumerate(measure.variables):
        yield _sd_figure(tables, variable, deviations[lane], resolution)


def _deviations(tables: AskTables, measure: Mean) -> list[tuple[float, float | None]]:
    """(standard deviation of the clipped scores, its noise SE) nationally, for each variable."""
    national = tables.views.index(())
    table, var_sum = tables.roles["sum"].view(national)
    count, var_count = tables.roles["answered"].view(national)
    squares, var_square = tables.roles["square"].view(0)
    n = float(count[0, 0])
    found: list[tuple[float, float | None]] = []
    for lane in range(len(measure.variables)):
        fallback = (measure.upper - measure.lower) / 4000, None
        if n < 4 * math.sqrt(var_count[0]) or n <= 0:
            found.append(fallback)
            continue
        r, q = float(table[0, lane]) / n, float(squares[0, lane]) / n
        variance = q - r * r
        noise = var_square[0] + 4 * r * r * var_sum[0] + (2 * r * r - q) ** 2 * var_count[0]
        sd = math.sqrt(variance) if variance > 0 else 0.0
        found.append((sd, math.sqrt(noise) / n / (2 * sd)) if sd > 0 else fallback)
    return found


def _sd_figure(
    tables: AskTables, variable: str, deviation: tuple[float, float | None], resolution: float
) -> Figure:
    sd, se = deviation
    return Figure(
        statistic=tables.ask.key,
        measure="sd",
        variable=variable,
        estimate=None if se is None else sd,
        unadjusted=None if se is None else sd,
        noise_se=se,
        noise_lo=None if se is None else sd - Z95 * se,
        noise_hi=None if se is None else sd + Z95 * se,
        band=band_of_width(None if se is None else Z95 * se, resolution),
    )


def _ratio_figure(
    tables: AskTables,
    name: tuple[str, str],
    cell: tuple[tuple[str, str], ...],
    ratio: Ratio,
    scale: tuple[float, float | None, float],
    people: tuple[float, float],
) -> Figure:
    """`scale`: (centre, sampling SE, resolution); `people`: (answered, not answered)."""
    centre, sampling, resolution = scale
    noise, value = ratio.interval(), ratio.value
    both = None
    if noise is not None and value is not None and sampling is not None:
        both = widen(value, noise, sampling)
    half = None if both is None else (both[1] - both[0]) / 2
    asked = people[0] + people[1]
    point = None if value is None else centre + value
    return Figure(
        statistic=tables.ask.key,
        measure="share" if name[0] == "share" else "mean",
        variable=name[1],
        cell=cell,
        estimate=point,
        unadjusted=point,
        noise_se=ratio.se,
        sampling_se=sampling,
        noise_lo=None if noise is None else centre + noise[0],
        noise_hi=None if noise is None else centre + noise[1],
        lo=None if both is None else centre + both[0],
        hi=None if both is None else centre + both[1],
        band=band_of_width(half, resolution),
        response=people[0] / asked if value is not None and asked > 0 else None,
        n=people[0],
    )
