"""The diagonal of a square table: which share of each row, and of all, lies on it.

Known codes only: who has no known row or column counts as not answered. Least squares ties the
cells of a table to each other, so variances come from their whole covariance C:
Cov(a'x, b'x) = a'Cb for the adjusted cells x.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, ratio_figure
from privacy.measures.adjusted import AskTables, cells
from schemas.release import Cell, Figure
from schemas.statistic import View

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Square:
    """The cells of a square table, row by row, and the covariances of their noise.

    `excess`: kurtosis of a cell's noise; of a sum of cells it is less.
    """

    cells: Floats = field(repr=False)
    covariances: Floats = field(repr=False)
    excess: float

    @property
    def codes(self) -> int:
        """Rows, and columns, `unknown` included."""
        return math.isqrt(self.cells.size)

    def ratio(self, top: Floats, bottom: Floats) -> Ratio:
        """Of the cells on `bottom` those on `top` too; both are 0 or 1 for each cell."""
        there = np.flatnonzero(bottom)
        counts, above = self.cells[there], top.ravel()[there]
        covariance = self.covariances[np.ix_(there, there)]
        below = covariance.sum(axis=1)
        return Ratio(
            float(above @ counts),
            float(counts.sum()),
            float(above @ covariance @ above),
            float(below.sum()),
            covariance=float(above @ below),
            excess=self.excess,
        )

    def rows(self) -> Iterator[tuple[Floats, Floats, Floats]]:
        """(on the diagonal, known, not known): nationally, then of each known row."""
        on, known = np.eye(self.codes), np.ones((self.codes, self.codes))
        known[-1], known[:, -1] = 0, 0
        yield on, known, 1 - known
        for row in range(self.codes - 1):
            here = np.zeros_like(known)
            here[row] = 1
            yield on * here, known * here, (1 - known) * here


def figures(tables: AskTables, view: View) -> Iterator[Figure]:
    """The share on the diagonal of this view, nationally and for each known row."""
    square = _read(tables, view)
    resolution = tables.statistic.smallest_difference
    places: list[Cell] = [(), *cells(view[:1])]
    for cell, (top, bottom, silent) in zip(places, square.rows(), strict=False):
        ratio = square.ratio(top, bottom)
        scale = Scale.of_share(ratio.value, resolution)
        unknown = float(silent.ravel() @ square.cells)
        yield ratio_figure(Named(tables.ask, "share", cell), ratio, scale, unknown)


def _read(tables: AskTables, view: View) -> _Square:
    counts, index = tables.roles["count"], tables.views.index(view)
    excess = counts.excess_of(index, 0)
    return _Square(counts.view(index)[0][:, 0], counts.covariance_within(index), excess)
