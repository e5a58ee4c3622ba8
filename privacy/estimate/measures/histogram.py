"""Histograms: quantiles of every cell, and how many answered."""

import math
from collections.abc import Iterator

from privacy.estimate.tables import AskTables
from privacy.inference.published import Judged, Named, count_figure, judged_figure
from privacy.inference.quantiles import Binned
from schemas.measures import Histogram
from schemas.release import Figure


def figures(tables: AskTables) -> Iterator[Figure]:
    """The quantiles of each cell in ascending order, then who answered."""
    measure = tables.statistic.measured_by(Histogram)
    resolution = tables.statistic.resolution_in_units(1.0)
    outcome = tables.roles["outcome"]
    for index, k, cell in tables.names():
        table, variance = outcome.view(index)
        binned = Binned.of(measure.edges, table[k, :-1], float(variance[k]))
        people = (binned.people, float(table[k, -1]))
        for variable, percentile in zip(measure.variables, measure.percentiles, strict=True):
            named = Named(tables.ask, "quantile", cell, variable)
            yield judged_figure(named, _judged(binned, percentile / 100), people, resolution)
        spread = math.sqrt(binned.variance * len(binned.counts))
        yield count_figure(Named(tables.ask, "answered", cell), people[0], spread)


def _judged(binned: Binned, q: float) -> Judged | None:
    """A quantile that may lie beyond the inner bins cannot be told from them."""
    if not binned.enough:
        return None
    value, wide = binned.quantile(q), binned.interval(q, sampling=True)
    return Judged(value, value, binned.interval(q), wide, known=binned.tells(wide))
