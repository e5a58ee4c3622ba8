"""What pages show of a table of counts: no inner cell below 0, published margins held.

An inner cell that is told (band A to D) is its own estimate, whatever the others are: holding
empty cells at 0 would take from it what noise gave to them. The cells that are not told share
what it leaves of the margins. Geography is settled from the top down: the cells of an
arrondissement table add up to those of the province table, as far as both are published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.inference.intervals import told
from privacy.measures.adjusted import Adjusted
from privacy.measures.inner import nearest_margin, project
from privacy.people.dimensions import GEOGRAPHY, categories, within
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SLOPE = 1.5
"""Of the density of counts in a table, on logarithmic scales: many are small and few are large."""


def less_lucky(measured: Floats, variance: Floats, shown: Flags) -> Floats:
    """Return the shown counts less what is luck, on average, in numbers large enough to be shown.

    With measurements of density f, E[count | measured] = measured + variance f'/f, here with f
    as measured^-1.5: three tenths of a standard error where a count is barely shown, nothing
    where it is large. Source: Robbins 1956; Efron 2011 (Tweedie's formula).
    """
    luck = _SLOPE * variance / np.where(shown, measured, np.inf)
    found: Floats = measured - luck
    return found


@dataclass(frozen=True, slots=True, eq=False)
class ShownCounts:
    """The adjusted tables of one count; inner views are projected once and kept."""

    views: tuple[View, ...]
    adjusted: Adjusted = field(repr=False)
    _inner: dict[View, Floats] = field(default_factory=dict, repr=False)

    def of(self, view: View) -> Floats:
        """Return the shown cells of a view, flat, in the order of the vector."""
        if len(view) < 2:
            return self._flat(view)
        if any((dimension,) not in self.views for dimension in view):
            return self._cells(view)[0]
        return self._table(view).ravel()

    def _flat(self, view: View) -> Floats:
        return self.adjusted.view(self.views.index(view))[0][:, 0]

    def _margin(self, dimension: TableDimension) -> Floats:
        """A published one-way margin without negatives, in line with those above it."""
        flat, parent = self._flat((dimension,)), self._parent(dimension)
        if parent is None:
            return nearest_margin(flat, float(self._flat(())[0]))
        found, above = np.zeros_like(flat), self._margin(parent)
        for k, children in _families(parent, dimension):
            found[children] = nearest_margin(flat[children], float(above[k]))
        return found

    def _parent(self, dimension: TableDimension) -> TableDimension | None:
        """The next coarser level of geography that is published, if any."""
        if dimension not in GEOGRAPHY:
            return None
        coarser = GEOGRAPHY[: GEOGRAPHY.index(dimension)]
        return next((level for level in reversed(coarser) if (level,) in self.views), None)

    def _table(self, view: View) -> Floats:
        if view not in self._inner:
            margins = [self._margin(dimension) for dimension in view]
            shape = [len(margin) for margin in margins]
            flat, held = self._cells(view)
            cells = flat.reshape(shape), held.reshape(shape)
            axis, coarse = self._coarser(view)
            if coarse is None:
                self._inner[view] = project(cells[0], margins, cells[1])
            else:
                self._inner[view] = self._under((coarse, view), axis, cells, margins[axis])
        return self._inner[view]

    def _cells(self, view: View) -> tuple[Floats, Flags]:
        """The cells of a view, and which are told: those without their luck."""
        index = self.views.index(view)
        measured, variance = self._flat(view), self.adjusted.view(index)[1]
        halves = [self.adjusted.half_width(index, cell) for cell in range(len(measured))]
        pairs = zip(measured.tolist(), halves, strict=True)
        shown = np.array([told(value, half) for value, half in pairs])
        return less_lucky(measured, variance, shown), shown

    def _coarser(self, view: View) -> tuple[int, View | None]:
        """(axis of geography, the same view one published level up) of a two-way view."""
        for axis, dimension in enumerate(view):
            parent = self._parent(dimension)
            if parent is not None and len(view) == 2:
                above = (*view[:axis], parent, *view[axis + 1 :])
                if above in self.views:
                    return axis, above
        return 0, None

    def _under(
        self, views: tuple[View, View], axis: int, cells: tuple[Floats, Flags], margin: Floats
    ) -> Floats:
        """Project the families of the coarser of two views one by one; `cells`: (table, told)."""
        coarse, fine = views
        table, held = np.moveaxis(cells[0], axis, 0), np.moveaxis(cells[1], axis, 0)
        above = np.moveaxis(self._table(coarse), axis, 0)
        found = np.zeros_like(table)
        for k, children in _families(coarse[axis], fine[axis]):
            found[children] = project(table[children], [margin[children], above[k]], held[children])
        return np.moveaxis(found, 0, axis)


def _families(coarse: TableDimension, fine: TableDimension) -> Iterator[tuple[int, Sequence[int]]]:
    """(index of a coarse category, indices of the fine ones in it)."""
    inside = np.array(within(coarse, fine))
    for k in range(len(categories(coarse))):
        yield k, [int(place) for place in np.flatnonzero(inside == k)]
