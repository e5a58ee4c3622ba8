"""Effects, as in analysis of variance: in each dimension what is equal for all codes, or differs.

A dimension of n codes splits into J/n, equal for all, and I - J/n. Geography stays whole: its
levels lie in each other and would not split alike.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from privacy.people.dimensions import GEOGRAPHY, categories, within
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]
Plain = tuple[TableDimension, ...]
"""Dimensions other than geography, in order of name."""


@dataclass(frozen=True, slots=True)
class Table:
    """One view: its plain dimensions in order of name, then its level of geography, if any."""

    view: View
    weight: float

    @property
    def plain(self) -> Plain:
        return tuple(sorted(d for d in self.view if d not in GEOGRAPHY))

    @property
    def level(self) -> TableDimension | None:
        return next((d for d in self.view if d in GEOGRAPHY), None)

    @property
    def shape(self) -> tuple[int, ...]:
        """Codes of each dimension, in the order of the view."""
        return tuple(len(categories(dimension)) for dimension in self.view)

    @property
    def cells(self) -> int:
        return prod(self.shape)

    def ordered(self, flat: Floats) -> Floats:
        """Cells, shape (cells, lanes), as (plain dimensions..., places, lanes)."""
        table = flat.reshape(*self.shape, -1)
        order = [self.view.index(dimension) for dimension in self._order]
        turned = table.transpose([*order, table.ndim - 1])
        return turned if self.level else np.expand_dims(turned, -2)

    def flat(self, ordered: Floats) -> Floats:
        """The way back."""
        table = ordered if self.level else ordered[..., 0, :]
        order = [self._order.index(dimension) for dimension in self.view]
        turned: Floats = table.transpose([*order, table.ndim - 1])
        return turned.reshape(self.cells, -1)

    @property
    def _order(self) -> View:
        return (*self.plain, self.level) if self.level else self.plain

    def summed(self, every: Plain) -> int:
        """How many finest cells, places apart, add up to one of its cells."""
        return prod(len(categories(d)) for d in every if d not in self.plain)


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What differs in each dimension of `names` and is equal in all others; places of `level`."""

    names: Plain
    level: TableDimension | None
    inverse: Floats = field(repr=False)

    def inside(self, plain: Plain) -> bool:
        """Whether a table of these dimensions sees it."""
        return set(self.names) <= set(plain)

    def of(self, ordered: Floats, plain: Plain) -> Floats:
        """This effect of an ordered table; dimensions in which it is equal keep length 1."""
        for axis, dimension in enumerate(plain):
            mean = ordered.mean(axis=axis, keepdims=True)
            ordered = ordered - mean if dimension in self.names else mean
        return ordered

    def without(self, effect: Floats, plain: Plain) -> Floats:
        """Without the dimensions in which it is equal."""
        return effect.squeeze(axis=tuple(k for k, d in enumerate(plain) if d not in self.names))

    def across(self, effect: Floats, plain: Plain) -> Floats:
        """The way back: length 1 where it is equal."""
        return np.expand_dims(effect, tuple(k for k, d in enumerate(plain) if d not in self.names))


def of_code(effect: Effect, shared: Sequence[TableDimension], equal: Set[TableDimension]) -> float:
    """Of an effect: between two codes in each dimension that two tables share."""
    sizes = [(d, len(categories(d))) for d in shared]
    return prod((d in equal) - 1 / n if d in effect.names else 1 / n for d, n in sizes)


def of_codes(effect: Effect, dimension: TableDimension) -> Floats:
    """The projection of one dimension onto what differs, or what is equal, shape (codes, codes)."""
    n = len(categories(dimension))
    equal = np.full((n, n), 1 / n)
    return np.eye(n) - equal if dimension in effect.names else equal


def on_places(table: Floats, matrix: Floats) -> Floats:
    """Apply a matrix to the places of a table, its axis but one."""
    return np.asarray(np.einsum("pq,...ql->...pl", matrix, table))


@lru_cache(maxsize=32)
def lift(coarse: TableDimension | None, fine: TableDimension | None) -> Floats:
    """Matrix (places of coarse, places of fine): 1 where fine lies in coarse; None is all."""
    if fine is None:
        return np.ones((1, 1))
    if coarse is None:
        return np.ones((1, len(categories(fine))))
    inside = within(coarse, fine)
    matrix = np.zeros((len(categories(coarse)), len(inside)))
    matrix[list(inside), np.arange(len(inside))] = 1
    return matrix
