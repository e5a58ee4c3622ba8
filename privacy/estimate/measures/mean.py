"""Means: centre + sum / count in each cell, how many answered, and national deviations."""

import math
from collections.abc import Iterator

from privacy.estimate.bounds import bounds_of_mean
from privacy.estimate.calibration import weighted_means
from privacy.estimate.cost_share import cost_shares
from privacy.estimate.gaps import gap_figures
from privacy.estimate.spread import Deviation, deviation, in_units
from privacy.estimate.tables import AskTables
from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure, spread_figure
from schemas.measures import Mean
from schemas.release import Cell, Figure


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
        Scale(
            centre / 1000, spread.sd, resolution(tables),
            ((centre + measure.lower) / 1000, (centre + measure.upper) / 1000),
        )
        for centre, spread in zip(measure.centres, spreads, strict=True)
    ]  # fmt: skip
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
        (table, var_sum), (_, var_count) = sums.view(index), counts.view(index)
        excess = max(sums.excess_of(index, k), counts.excess_of(index, k))
        for lane, variable in enumerate(measure.variables):
            answered, silent = tables.people(index, k, lane)
            ratio = Ratio(
                float(table[k, lane]), answered, float(var_sum[k]), float(var_count[k]),
                excess=excess,
            )  # fmt: skip
            named = Named(tables.ask, "mean", cell, variable)
            yield ratio_figure(named, ratio, scales[lane], silent)
        yield from answered_figures(tables, measure, (index, k), cell)


def answered_figures(
    tables: AskTables, measure: Mean, place: tuple[int, int], cell: Cell
) -> Iterator[Figure]:
    """How many have each variable; one figure where all are known or none is."""
    counts = tables.roles["answered"]
    se = math.sqrt(counts.view(place[0])[1][place[1]])
    names = measure.variables if counts.table.shape[1] > 2 else ("",)
    for lane, variable in enumerate(names):
        named = Named(tables.ask, "answered", cell, variable)
        answered, _ = tables.people(*place, lane)
        yield count_figure(named, answered, se, half=counts.half_width(*place))


def _spreads(tables: AskTables, measure: Mean, spreads: list[Deviation]) -> Iterator[Figure]:
    for variable, found in zip(measure.variables, spreads, strict=True):
        named = Named(tables.ask, "sd", variable=variable)
        yield spread_figure(named, found.measured, resolution(tables))
