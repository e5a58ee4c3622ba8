"""Means: centre + sum / count in each cell, how many answered, and national deviations."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from privacy.estimate.intervals import Ratio, clearly_above
from privacy.estimate.published import Named, Scale, count_figure, ratio_figure, spread_figure
from privacy.estimate.tables import AskTables
from schemas.measures import Mean
from schemas.release import Figure


@dataclass(frozen=True, slots=True)
class _Deviation:
    """The standard deviation of one variable's clipped values; its noise SE when measured."""

    sd: float
    se: float | None


def figures(tables: AskTables) -> Iterator[Figure]:
    """Means of every cell and variable, then the standard deviations."""
    measure = tables.statistic.measured_by(Mean)
    resolution = tables.statistic.resolution_in_units(0.25)
    deviations = [_deviation(tables, measure, lane) for lane in range(len(measure.variables))]
    scales = [
        Scale(centre / 1000, deviation.sd, resolution)
        for centre, deviation in zip(measure.centres, deviations, strict=True)
    ]
    sums, counts = tables.roles["sum"], tables.roles["answered"]
    for index, k, cell in tables.names():
        (table, var_sum), (count, var_count) = sums.view(index), counts.view(index)
        answered, silent = (float(number) for number in count[k])
        for lane, variable in enumerate(measure.variables):
            ratio = Ratio(float(table[k, lane]), answered, float(var_sum[k]), float(var_count[k]))
            named = Named(tables.ask, "mean", cell, variable)
            yield ratio_figure(named, ratio, scales[lane], silent)
        yield count_figure(Named(tables.ask, "answered", cell), answered, math.sqrt(var_count[k]))
    for variable, found in zip(measure.variables, deviations, strict=True):
        named = Named(tables.ask, "sd", variable=variable)
        yield spread_figure(named, found.sd, found.se, resolution)


def _deviation(tables: AskTables, measure: Mean, lane: int) -> _Deviation:
    """From the national sum of squares, by the delta method.

    A variance that is not clearly above its noise is not published; sampling errors then use
    one SE more than it, never more than half the clipping range (no variable spreads wider).
    """
    national = tables.views.index(())
    table, var_sum = tables.roles["sum"].view(national)
    count, var_count = tables.roles["answered"].view(national)
    squares, var_square = tables.roles["square"].view(0)
    n, most = float(count[0, 0]), (measure.upper - measure.lower) / 2000
    if not clearly_above(n, float(var_count[0])):
        return _Deviation(most, None)
    r, q = float(table[0, lane]) / n, float(squares[0, lane]) / n
    variance = q - r * r
    noise = var_square[0] + 4 * r * r * var_sum[0] + (2 * r * r - q) ** 2 * var_count[0]
    se = math.sqrt(noise) / n
    if not clearly_above(variance, se**2):
        return _Deviation(min(most, math.sqrt(max(variance, 0.0) + se)), None)
    sd = math.sqrt(variance)
    return _Deviation(sd, se / (2 * sd))
