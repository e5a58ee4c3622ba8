"""What the sum says about one ask, as measures read it: adjusted tables with their variances."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from privacy.inference.reach import reach
from privacy.measures.parts import Role
from privacy.people.dimensions import categories
from schemas.programme import Ask
from schemas.release import Cell
from schemas.statistic import Statistic, View

Floats = NDArray[np.float64]
CellPlace = tuple[int, int]
"""(index of a view, index of a cell within the view)."""


def cells(view: View) -> Iterator[Cell]:
    """The cells of a view in the order of the vector."""
    for codes in product(*(categories(dimension) for dimension in view)):
        yield tuple(zip(view, codes, strict=True))


class Covariances(Protocol):
    """Of the noise of adjusted cells, for measurements of weight 1 and variance 1."""

    def between(self, one: CellPlace, other: CellPlace) -> float:
        """Of two cells."""

    def within(self, view: int) -> Floats:
        """Of all cells of one view, shape (cells, cells)."""


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """One role of one ask: all views stacked, consistent, in people or points.

    `table` has shape (cells of all views, lanes); `variance` is that of each cell's noise and
    `excess` its excess kurtosis, None where it is normal. `alone`: half of the exact 95%
    interval of a cell that was measured once, in whole people with noise of few steps.
    After least squares errors have `unit` x `covariances`; what was not adjusted is independent.
    """

    table: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    starts: tuple[int, ...]
    covariances: Covariances | None = field(default=None, repr=False)
    unit: float = 1.0
    excess: Floats | None = field(default=None, repr=False)
    alone: float | None = None

    def excess_of(self, view: int, cell: int) -> float:
        """Excess kurtosis of the noise of one cell; `view`: the index of its view."""
        return 0.0 if self.excess is None else float(self.excess[self.starts[view] + cell])

    def half_width(self, view: int, cell: int) -> float:
        """Half of the 95% interval for the noise of one number of a cell."""
        if self.alone is not None:
            return self.alone
        se = math.sqrt(self.variance[self.starts[view] + cell])
        return reach(self.excess_of(view, cell)) * se

    def covariance(self, one: CellPlace, other: CellPlace) -> float:
        """Between the noise of two cells."""
        if self.covariances is None:
            return float(self.variance[self.starts[one[0]] + one[1]]) if one == other else 0.0
        return self.unit * self.covariances.between(one, other)

    def covariance_within(self, index: int) -> Floats:
        """Between the noise of all cells of one view, shape (cells, cells)."""
        if self.covariances is None:
            return np.diag(self.view(index)[1])
        return np.asarray(self.unit * self.covariances.within(index))

    def view(self, index: int) -> tuple[Floats, Floats]:
        """(table, variance) of one view."""
        rows = slice(self.starts[index], self.starts[index + 1])
        return self.table[rows], self.variance[rows]


@dataclass(frozen=True, slots=True, eq=False)
class AskTables:
    """What the sum says about one ask."""

    ask: Ask
    statistic: Statistic
    roles: dict[Role, Adjusted] = field(repr=False)

    @property
    def views(self) -> tuple[View, ...]:
        """The views that are published."""
        return self.statistic.published

    def people(self, view: int, cell: int, lane: int = 0) -> tuple[float, float]:
        """(who has this variable, who has not) in one cell of a mean."""
        row = self.roles["answered"].view(view)[0][cell]
        counted = len(row) // 2
        place = min(lane, counted - 1)
        return float(row[place]), float(row[counted + place])

    def names(self) -> Iterator[tuple[int, int, Cell]]:
        """(view index, cell index within the view, cell) of every published cell."""
        for index, view in enumerate(self.views):
            for k, cell in enumerate(cells(view)):
                yield index, k, cell
