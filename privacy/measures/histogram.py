"""Histograms: each person adds 1 to the bin of her number; quantiles of every cell."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from privacy.inference.published import Judged, Named, count_figure, judged_figure
from privacy.inference.quantiles import Binned
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role, hot, one_hot
from privacy.people.outcomes import NUMBERS
from privacy.people.population import Asked
from schemas.measures import Histogram
from schemas.release import Figure
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    lanes = len(statistic.measured_by(Histogram).edges)
    return [one_hot("outcome", v, lanes, statistic.share_of(v)) for v in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """The bins in ascending order, the outer ones with all that lies beyond; not answered last."""
    measure = asked.statistic.measured_by(Histogram)
    numbers = [NUMBERS[measure.of](record) for record in asked.records]
    bins = len(measure.edges) - 1
    lanes = [bins if number is None else _bin(number, measure) for number in numbers]
    return {"outcome": hot(np.array(lanes, dtype=np.int64), bins + 1)}


def _bin(number: int, measure: Histogram) -> int:
    return sum(number >= edge for edge in measure.edges[1:-1])


def figures(tables: AskTables) -> Iterator[Figure]:
    """The quantiles of each cell in ascending order, then who answered."""
    measure = tables.statistic.measured_by(Histogram)
    resolution = tables.statistic.smallest_difference
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
