"""Counts: one figure for each cell, and the shares on the diagonal where they are asked."""

import math
from collections.abc import Iterator

from privacy.estimate.measures import diagonal
from privacy.estimate.shown import ShownCounts
from privacy.estimate.tables import AskTables
from privacy.inference.published import Named, count_figure
from schemas.measures import Count
from schemas.release import Figure


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
