"""The blocks of one ask, read back from the sum: adjusted tables with their variances."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from privacy.encode.dimensions import categories
from privacy.encode.layout import Block, Layout
from privacy.encode.parts import Role
from privacy.estimate.margins import Margins, margins
from schemas.programme import Ask
from schemas.release import Cell
from schemas.statistic import Statistic, View

Floats = NDArray[np.float64]


def cells(view: View) -> Iterator[Cell]:
    """The cells of a view in the order of the vector."""
    for codes in product(*(categories(dimension) for dimension in view)):
        yield tuple(zip(view, codes, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """One role of one ask: all views stacked, consistent, in people or points.

    `table` has shape (cells of all views, lanes); `variance` is that of each cell's noise.
    """

    table: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    starts: tuple[int, ...]
    covariances: Floats | None = field(default=None, repr=False)
    unit: float = 1.0

    def covariance(self, one: tuple[int, int], other: tuple[int, int]) -> float:
        """Between the noise of two cells, each (index of its view, index within the view).

        After least squares the errors have covariance `unit` x `covariances`; what was not
        adjusted is independent.
        """
        i, j = (self.starts[view] + cell for view, cell in (one, other))
        if self.covariances is None:
            return float(self.variance[i]) if i == j else 0.0
        return float(self.unit * self.covariances[i, j])

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
        return self.statistic.views

    def names(self) -> Iterator[tuple[int, int, Cell]]:
        """(view index, cell index within the view, cell) of every published cell."""
        for index, view in enumerate(self.views):
            for k, cell in enumerate(cells(view)):
                yield index, k, cell


def roles_of(layout: Layout, ask: Ask) -> dict[Role, list[Block]]:
    """The blocks of an ask by role."""
    by_role: dict[Role, list[Block]] = {}
    for block in layout.blocks_of(ask):
        by_role.setdefault(block.part.role, []).append(block)
    return by_role


def cell_variance(blocks: list[Block], noise: float) -> Floats:
    """Variance of each cell of one role after adjustment, all views stacked, real units.

    `noise`: that of an entry of the integer sum, mu |U| / h.
    """
    unit = noise / blocks[0].multiplier ** 2
    if len(blocks) == 1:
        return np.full(blocks[0].cells, unit)
    return _margins_of(blocks).variance * unit


def read_ask(
    total: NDArray[np.int64], layout: Layout, ask: Ask, *, contributors: int, honest: int
) -> AskTables:
    """Undo the multipliers and adjust. `contributors`: |U|; `honest`: h of the descriptor."""
    noise = layout.variance_of_sum(contributors=contributors, honest=honest)
    roles = {role: _adjust(total, blocks, noise) for role, blocks in roles_of(layout, ask).items()}
    return AskTables(ask, layout.statistic(ask), roles)


def _adjust(total: NDArray[np.int64], blocks: list[Block], noise: float) -> Adjusted:
    lanes = blocks[0].part.lanes
    stacked = np.vstack([total[b.slice].reshape(b.cells, lanes) / b.multiplier for b in blocks])
    starts = tuple(int(start) for start in np.cumsum([0, *(block.cells for block in blocks)]))
    variance = cell_variance(blocks, noise)
    if len(blocks) == 1:
        return Adjusted(stacked, variance, starts)
    found = _margins_of(blocks)
    unit = noise / blocks[0].multiplier ** 2
    return Adjusted(found.adjust(stacked), variance, starts, found.covariance, unit)


def _margins_of(blocks: list[Block]) -> Margins:
    """Views weigh by their precision, relative to the first."""
    first = blocks[0].multiplier
    weights = tuple((block.multiplier / first) ** 2 for block in blocks)
    return margins(tuple(block.part.view for block in blocks), weights)
