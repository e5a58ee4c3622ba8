"""The blocks of one ask, read back from the sum: adjusted tables with their variances."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from privacy.encode.dimensions import categories
from privacy.encode.layout import Block, Layout, cells_of
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


def read_ask(
    total: NDArray[np.int64], layout: Layout, ask: Ask, *, contributors: int, honest: int
) -> AskTables:
    """Undo the multipliers and adjust. `contributors`: |U|; `honest`: h of the descriptor."""
    statistic = layout.statistic(ask)
    by_role: dict[Role, list[Block]] = {}
    for block in layout.blocks_of(ask):
        by_role.setdefault(block.part.role, []).append(block)
    noise = layout.noise_variance * contributors / honest
    roles = {role: _adjust(total, blocks, noise) for role, blocks in by_role.items()}
    return AskTables(ask, statistic, roles)


def _adjust(total: NDArray[np.int64], blocks: list[Block], noise: float) -> Adjusted:
    lanes, multiplier = blocks[0].part.lanes, blocks[0].multiplier
    stacked = np.vstack([total[b.slice].reshape(b.cells, lanes) for b in blocks]) / multiplier
    variance = noise / multiplier**2
    if len(blocks) == 1:
        rows = cells_of(blocks[0].part.view)
        return Adjusted(stacked, np.full(rows, variance), (0, rows))
    found: Margins = margins(tuple(block.part.view for block in blocks))
    return Adjusted(found.adjust(stacked), found.variance * variance, found.starts)
