"""Counts: each person adds 1 to her cell of every view; the shares on a diagonal beside them."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from privacy.inference.published import Named, count_figure
from privacy.measures import diagonal
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role, one_hot
from privacy.measures.shown import ShownCounts
from privacy.people.population import Asked
from schemas.measures import Count
from schemas.release import Figure
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    return [one_hot("count", view, 1, statistic.share_of(view)) for view in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Everyone counts."""
    return {"count": np.ones((len(asked.records), 1))}


def figures(tables: AskTables) -> Iterator[Figure]:
    """Least-squares counts; inner cells are shown as the nearest non-negative table."""
    counts = tables.roles["count"]
    shown = ShownCounts(tables.views, counts)
    for index, k, cell in tables.names():
        table, variance = counts.view(index)
        yield count_figure(
            Named(tables.ask, "count", cell),
            float(table[k, 0]),
            math.sqrt(variance[k]),
            float(shown.of(tables.views[index])[k]),
            counts.half_width(index, k),
        )
    square = tables.statistic.square
    if tables.statistic.measured_by(Count).diagonal and square is not None:
        yield from diagonal.figures(tables, square)
