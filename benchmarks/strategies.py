"""Other ways from a sum to figures, for comparison with ours: switched on for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import cells_of
from privacy.estimate import tables
from privacy.measures import shown
from privacy.measures.adjusted import CellPlace
from schemas.statistic import View

Floats = NDArray[np.float64]


@contextmanager
def not_for_display() -> Iterator[None]:
    """Inner cells stay as they are: only what pages show is held at zero and above."""
    kept, shown.project = shown.project, lambda table, *_: table
    try:
        yield
    finally:
        shown.project = kept


@dataclass(frozen=True)
class Apart:
    """Views that do not know of each other, each measured with its weight."""

    views: tuple[View, ...]
    weights: tuple[float, ...]

    def adjust(self, stacked: Floats) -> Floats:
        """Nothing to adjust."""
        return stacked

    @property
    def variance(self) -> Floats:
        """Of each cell."""
        return np.repeat(1 / np.array(self.weights), [cells_of(view) for view in self.views])

    def excess(self, of_entry: float) -> Floats:
        """Each cell has the noise of one entry."""
        return np.full(len(self.variance), of_entry)

    def between(self, one: CellPlace, other: CellPlace) -> float:
        """Of two cells."""
        return 1 / self.weights[one[0]] if one == other else 0.0

    def within(self, view: int) -> Floats:
        """Of the cells of one view."""
        return np.eye(cells_of(self.views[view])) / self.weights[view]


@contextmanager
def measured_alone() -> Iterator[None]:
    """Tables as they were measured: no least squares between them."""

    kept, tables.margins = tables.margins, Apart
    try:
        yield
    finally:
        tables.margins = kept
