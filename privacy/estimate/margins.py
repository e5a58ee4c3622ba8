"""Margins: tables measured apart become one consistent table by weighted least squares.

Within one ask each view carries noise of one variance, 1/w of that of a unit measurement. With A
the cells of all views as sums of the finest cells and W their weights, the estimate is
y -> A (A'WA)^+ A'W y; the noise of adjusted cells has covariance A (A'WA)^+ A'.

Neither the finest table nor A is ever made. A dimension of n codes splits into what is equal for
all codes (J/n) and what differs between them (I - J/n). For each set S of dimensions in which a
part differs, A'WA acts on places alone, as a small matrix (`_precision`): geography is the one
family whose levels lie in each other. So the inverse is closed. Source: ResidualPlanner
(Xiao, He, Zhang, Kifer 2023, arXiv:2305.08175), here with levels of geography and any weights.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from privacy.estimate.effects import Effect, Plain, Table, lift, of_code, of_codes, on_places
from privacy.measures.adjusted import CellPlace
from privacy.people.dimensions import GEOGRAPHY, categories
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """The projection onto consistent tables of one list of views, cells stacked in order.

    Covariances and variances are those of the adjusted cells' noise when a measurement of
    weight 1 has variance 1.
    """

    tables: tuple[Table, ...]
    every: Plain
    effects: tuple[Effect, ...] = field(repr=False)

    def adjust(self, stacked: Floats) -> Floats:
        """Return consistent tables, shape (cells of all views, ...)."""
        flat = stacked.reshape(len(stacked), -1)
        ordered = [
            t.ordered(effect) for t, effect in zip(self.tables, self._split(flat), strict=True)
        ]
        found = [np.zeros_like(table) for table in ordered]
        for effect in self.effects:
            solved = self._solved(effect, ordered)
            for k, table in self._seeing(effect):
                here = on_places(solved, lift(table.level, effect.level)) * table.summed(self.every)
                found[k] += effect.across(here, table.plain)
        flats = [table.flat(one) for table, one in zip(self.tables, found, strict=True)]
        return np.concatenate(flats).reshape(stacked.shape)

    def _solved(self, effect: Effect, ordered: Sequence[Floats]) -> Floats:
        """(A'WA)^+ A'W y of one effect, shape (its dimensions..., places of its level, lanes)."""
        normal: Floats | None = None
        for k, table in self._seeing(effect):
            own = effect.without(effect.of(ordered[k], table.plain), table.plain)
            lifted = table.weight * on_places(own, lift(table.level, effect.level).T)
            normal = lifted if normal is None else normal + lifted
        if normal is None:
            raise ValueError("every effect is seen by a view")
        return on_places(normal, effect.inverse)

    def _seeing(self, effect: Effect) -> Iterator[tuple[int, Table]]:
        return ((k, t) for k, t in enumerate(self.tables) if effect.inside(t.plain))

    def _split(self, stacked: Floats) -> list[Floats]:
        return np.split(stacked, np.cumsum([table.cells for table in self.tables])[:-1])

    @property
    def variance(self) -> Floats:
        """Variance of each adjusted cell, for measurements of weight 1 and variance 1."""
        return np.concatenate([self._variance(table) for table in self.tables])

    def _variance(self, table: Table) -> Floats:
        return self._by_code(table, np.diag(self._joint(table, table, set(table.plain))))

    def _by_code(self, table: Table, each: Floats) -> Floats:
        """What depends on the place alone, for each cell: codes of a plain dimension are alike."""
        shape = (*(len(categories(d)) for d in table.plain), len(each), 1)
        return table.flat(np.broadcast_to(each[:, None], shape))[:, 0]

    def _by_place(self, effect: Effect, one: Table, other: Table) -> Floats:
        """Of an effect: between the places of two tables, all that is summed over included."""
        up, down = (lift(table.level, effect.level) for table in (one, other))
        both = set(one.plain) | set(other.plain)
        times = prod(len(categories(d)) for d in self.every if d not in both)
        return np.asarray(times * (up @ effect.inverse @ down.T))

    def excess(self, of_entry: float) -> Floats:
        """Excess kurtosis of each adjusted cell's noise, when that of a measurement is `of_entry`.

        A cell is a sum of measurements, each times its covariance with the cell and its weight.
        """
        fourth = np.concatenate([self._fourth(table) for table in self.tables])
        return np.asarray(of_entry * fourth / self.variance**2)

    def _fourth(self, table: Table) -> Floats:
        """Sum of fourth powers of what each measurement has in a cell, in its own deviations."""
        each = np.zeros(len(categories(table.level)) if table.level else 1)
        for other in self.tables:
            shared = [d for d in table.plain if d in other.plain]
            for size in range(len(shared) + 1):
                for equal in combinations(shared, size):
                    joint = self._joint(table, other, set(equal))
                    times = prod(
                        len(categories(d)) - (d in shared) for d in other.plain if d not in equal
                    )
                    each += times * other.weight**2 * (joint**4).sum(axis=1)
        return self._by_code(table, each)

    def _joint(self, one: Table, other: Table, equal: Set[TableDimension]) -> Floats:
        """Covariances by place of cells whose codes are equal in these shared dimensions only."""
        shared = [d for d in one.plain if d in other.plain]
        found = np.zeros((1, 1))
        for effect in self.effects:
            if effect.inside(one.plain) and effect.inside(other.plain):
                found = found + of_code(effect, shared, equal) * self._by_place(effect, one, other)
        return found

    def between(self, one: CellPlace, other: CellPlace) -> float:
        """The covariance of two adjusted cells."""
        (here, codes), (there, codes_there) = (self._at(*place) for place in (one, other))
        equal = {d for d in here.plain if d in there.plain and codes[d] == codes_there[d]}
        places = (codes.get(here.level, 0), codes_there.get(there.level, 0))
        return float(self._joint(here, there, equal)[places])

    def _at(self, view: int, cell: int) -> tuple[Table, dict[TableDimension | None, int]]:
        table = self.tables[view]
        return table, dict(zip(table.view, np.unravel_index(cell, table.shape), strict=True))  # type: ignore[arg-type]

    def within(self, view: int) -> Floats:
        """Covariances of all adjusted cells of one view, shape (cells, cells)."""
        table = self.tables[view]
        found = np.zeros((table.cells, table.cells))
        for effect in self.effects:
            if effect.inside(table.plain):
                found += self._block(effect, table)
        return found

    def _block(self, effect: Effect, table: Table) -> Floats:
        """Of an effect: between all cells of a table."""
        places = self._by_place(effect, table, table)
        block = np.ones((1, 1)) if table.level else places
        for dimension in table.view:
            axis = places if dimension == table.level else of_codes(effect, dimension)
            block = np.asarray(np.kron(block, axis), dtype=np.float64)
        return block


def _precision(tables: Sequence[Table], every: Plain, level: TableDimension | None) -> Floats:
    """A'WA on the places of an effect, from the tables that see it: definite, by the finest."""
    found = np.zeros((1, 1))
    for table in tables:
        up = lift(table.level, level)
        found = found + table.weight * table.summed(every) * (up.T @ up)
    return found


def _effect(names: Plain, tables: Sequence[Table], every: Plain) -> Effect:
    seeing = [table for table in tables if set(names) <= set(table.plain)]
    level = max((t.level for t in seeing if t.level), key=GEOGRAPHY.index, default=None)
    inverse: Floats = np.linalg.inv(_precision(seeing, every, level)).astype(np.float64)
    return Effect(names, level, inverse)


@lru_cache(maxsize=64)
def margins(views: tuple[View, ...], weights: tuple[float, ...] | None = None) -> Margins:
    """Return the projection for a list of views, each measured with its weight (else 1).

    Exact, in time and memory of the order of the published cells.
    """
    each = weights or (1.0,) * len(views)
    tables = tuple(Table(view, weight) for view, weight in zip(views, each, strict=True))
    every = tuple(sorted({dimension for table in tables for dimension in table.plain}))
    names = {
        chosen
        for table in tables
        for size in range(len(table.plain) + 1)
        for chosen in combinations(table.plain, size)
    }
    ordered = sorted(names, key=lambda chosen: (len(chosen), chosen))
    return Margins(tables, every, tuple(_effect(chosen, tables, every) for chosen in ordered))
