"""Means: centre + sum / count in each cell, how many answered, and national deviations."""

import math
from collections.abc import Iterator

from privacy.estimate.bounds import bounds_of_mean
from privacy.estimate.calibration import weighted_means
from privacy.estimate.cost_share import cost_shares
from privacy.estimate.gaps import gap_figures
from privacy.estimate.intervals import Ratio
from privacy.estimate.published import Named, Scale, count_figure, ratio_figure, spread_figure
from privacy.estimate.spread import Deviation, deviation, in_units
from privacy.estimate.tables import AskTables
from schemas.measures import Mean
from schemas.release import Figure


def figures(tables: AskTables) -> Iterator[Figure]:
    """Means of every cell and variable and their standard deviations, or parts of a cost.

    Then what a declaration asks beside them: gaps, weighted means with bounds.
    """
    measure = tables.statistic.measured_by(Mean)
    tables = in_units(tables)
    if measure.value == "employer_cost":
        yield from cost_shares(tables)
        return
    spreads = [deviation(tables, lane) for lane in range(len(measure.variables))]
    scales = [
        Scale(centre / 1000, spread.sd, resolution(tables))
        for centre, spread in zip(measure.centres, spreads, strict=True)
    ]
    yield from _means(tables, measure, scales)
    yield from _spreads(tables, measure, spreads)
    if measure.gaps:
        yield from gap_figures(tables, measure.variables, scales)
    if measure.calibrate:
        yield from weighted_means(tables, scales)
        yield from bounds_of_mean(tables, scales)


def resolution(tables: AskTables) -> float | None:
    """The smallest difference that matters; None for money."""
    if tables.statistic.unit == "euro":
        return None
    return tables.statistic.resolution_in_units(0.25)


def _means(tables: AskTables, measure: Mean, scales: list[Scale]) -> Iterator[Figure]:
    sums, counts = tables.roles["sum"], tables.roles["answered"]
    for index, k, cell in tables.names():
        (table, var_sum), (count, var_count) = sums.view(index), counts.view(index)
        answered, silent = (float(number) for number in count[k])
        for lane, variable in enumerate(measure.variables):
            ratio = Ratio(
                float(table[k, lane]), answered, float(var_sum[k]), float(var_count[k]),
                excess=max(sums.excess_of(index, k), counts.excess_of(index, k)),
            )  # fmt: skip
            named = Named(tables.ask, "mean", cell, variable)
            yield ratio_figure(named, ratio, scales[lane], silent)
        se, half = math.sqrt(var_count[k]), counts.half_width(index, k)
        yield count_figure(Named(tables.ask, "answered", cell), answered, se, half=half)


def _spreads(tables: AskTables, measure: Mean, spreads: list[Deviation]) -> Iterator[Figure]:
    for variable, found in zip(measure.variables, spreads, strict=True):
        named = Named(tables.ask, "sd", variable=variable)
        yield spread_figure(named, found.measured, resolution(tables))
