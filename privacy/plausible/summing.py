"""Tables brought to the coarser view that two views share."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Block
from privacy.people.dimensions import GEOGRAPHY, categories, within
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One block of the sum in people or points, shape (cells, lanes), and the noise in it.

    `entries`: how many entries of the sum stand in each cell; each counts for `weight`.
    """

    block: Block
    view: View
    table: Floats = field(repr=False)
    entries: NDArray[np.int64] = field(repr=False)

    @property
    def weight(self) -> float:
        """What one step of the integer sum is worth."""
        return 1 / self.block.multiplier

    def onto(self, view: View) -> "Measured":
        """Add up the cells that lie in one cell of a coarser view."""
        place = _places(self.view, view)
        cells = math.prod(len(categories(dimension)) for dimension in view)
        table = np.zeros((cells, self.table.shape[1]))
        np.add.at(table, place, self.table)
        return Measured(
            self.block, view, table, np.bincount(place, self.entries, cells).astype(np.int64)
        )


def read(total: NDArray[np.int64], block: Block) -> Measured:
    """A block of the sum as it was measured."""
    table = total[block.slice].reshape(block.cells, block.part.lanes) / block.multiplier
    return Measured(block, block.part.view, table, np.ones(block.cells, dtype=np.int64))


def shared(one: View, other: View) -> View:
    """The finest view that both add up to; `()` at the least."""
    common = [dimension for dimension in one if dimension in other and dimension not in GEOGRAPHY]
    levels = [_level(one), _level(other)]
    if None not in levels:
        common.append(min(level for level in levels if level is not None))
    return tuple(common)


def _level(view: View) -> TableDimension | None:
    return next((dimension for dimension in view if dimension in GEOGRAPHY), None)


def _places(fine: View, coarse: View) -> NDArray[np.int64]:
    """The coarse cell of each fine one, both row-major."""
    shape = [len(categories(dimension)) for dimension in fine]
    indices = np.indices(shape).reshape(len(fine), math.prod(shape))
    place = np.zeros(math.prod(shape), dtype=np.int64)
    for dimension in coarse:
        same = (dimension,) if dimension not in GEOGRAPHY else GEOGRAPHY
        axis = next(k for k, name in enumerate(fine) if name in same)
        inside = np.array(within(dimension, fine[axis]))
        place = place * len(categories(dimension)) + inside[indices[axis]]
    return place
