"""What a sum cannot be: views that contradict, values beyond their people, too many people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import MOST_PEOPLE, Layout
from privacy.estimate.tables import roles_of
from privacy.measures.adjusted import cells
from privacy.measures.parts import Role
from privacy.plausible.summing import Floats, Measured, read, shared
from privacy.plausible.tail import Tail
from schemas.programme import Ask
from schemas.release import Finding, FindingKind
from schemas.statistic import View

_ONES: tuple[Role, ...] = ("people", "answered", "outcome", "count")
"""Roles in which each person adds a 1 to her cell."""

_OF_THOSE_IN_THE_FIRST: frozenset[Role] = frozenset({"sum", "square", "known"})


@dataclass(frozen=True, slots=True)
class Region:
    """Who can be in the sum: centres, and the cohorts that each counts."""

    contributors: int
    cohorts: int

    @property
    def most(self) -> int:
        """People beyond which honest software of every centre together does not count."""
        return self.contributors * self.cohorts * MOST_PEOPLE


@dataclass(frozen=True, eq=False)
class _Statistic:
    """The blocks of one ask by role, and how far noise reaches in them."""

    ask: Ask
    roles: Mapping[Role, Sequence[Measured]] = field(repr=False)
    reach: Tail
    region: Region

    def findings(self) -> Iterator[Finding]:
        for role, measured in self.roles.items():
            for one, other in combinations(measured, 2):
                yield from self._contradiction(role, one, other)
            for one in measured:
                if role in _ONES or role == "square":
                    yield from self._negative(role, one)
                if role in _ONES:
                    yield from self._too_many(role, one)
                else:
                    yield from self._out_of_range(role, one)

    def _contradiction(self, role: Role, one: Measured, other: Measured) -> Iterator[Finding]:
        view = shared(one.view, other.view)
        a, b = one.onto(view), other.onto(view)
        noise = self._noise([a, b]) + self._rounding([a, b])
        off = np.abs(a.table - b.table) - noise[:, None]
        if off.max() > 0:
            cell, lane = np.unravel_index(int(off.argmax()), off.shape)
            numbers = (float(a.table[cell, lane]), float(b.table[cell, lane]), float(noise[cell]))
            yield self._finding("contradiction", role, (one.view, other.view), view, int(cell),
                                numbers)  # fmt: skip

    def _negative(self, role: Role, one: Measured) -> Iterator[Finding]:
        noise = self._noise([one])
        off = -one.table - noise[:, None]
        if off.max() > 0:
            cell, lane = np.unravel_index(int(off.argmax()), off.shape)
            numbers = (float(one.table[cell, lane]), 0.0, float(noise[cell]))
            yield self._finding("negative", role, (one.view, None), one.view, int(cell), numbers)

    def _too_many(self, role: Role, one: Measured) -> Iterator[Finding]:
        total = one.onto(())
        noise = float(self.reach.of([(total.block.size, total.weight)]))
        people = float(total.table.sum())
        if people > self.region.most + noise:
            numbers = (people, float(self.region.most), noise)
            yield self._finding("too-many", role, (one.view, None), (), 0, numbers)

    def _out_of_range(self, role: Role, one: Measured) -> Iterator[Finding]:
        behind = self._people(one.view, role)
        if behind is None:
            return
        people, entries = behind
        bound = float(one.block.part.unit_entry)
        most = np.maximum(people.sum(axis=1), 0.0) * bound
        weight = bound / self._ones[0].block.multiplier
        noise = self.reach.of([(1, one.weight), (entries, weight)])
        noise += float(self._rounding([one])[0])
        off = np.abs(one.table) - most[:, None] - noise
        if off.max() > 0:
            cell, lane = np.unravel_index(int(off.argmax()), off.shape)
            numbers = (float(one.table[cell, lane]), float(most[cell]), noise)
            yield self._finding("out-of-range", role, (one.view, None), one.view, int(cell),
                                numbers)  # fmt: skip

    @property
    def _ones(self) -> Sequence[Measured]:
        return next((self.roles[role] for role in _ONES if role in self.roles), ())

    def _people(self, view: View, role: Role) -> tuple[Floats, int] | None:
        """(people in each cell by lane, how many lanes) that a value can come from."""
        same = [one for one in self._ones if one.view == view]
        if not same:
            return None
        lanes = 1 if role in _OF_THOSE_IN_THE_FIRST else same[0].table.shape[1]
        return same[0].table[:, :lanes], lanes

    def _noise(self, measured: Sequence[Measured]) -> Floats:
        """The reach of the noise of a cell of these together, for each cell."""
        counts = np.stack([one.entries for one in measured], axis=1)
        different, which = np.unique(counts, axis=0, return_inverse=True)
        weights = [one.weight for one in measured]
        found = [self.reach.of(list(zip(map(int, row), weights, strict=True))) for row in different]
        return np.array(found)[which.ravel()]

    def _rounding(self, measured: Sequence[Measured]) -> Floats:
        """What rounding can add up to: a step for each sum of a centre and cohort, none of ones."""
        steps: Floats = np.zeros(len(measured[0].table))
        if not measured[0].block.part.whole:
            for one in measured:
                steps += one.weight * one.entries
        return steps * self.region.contributors * self.region.cohorts

    def _finding(
        self, kind: FindingKind, role: Role, views: tuple[View, View | None], view: View,
        cell: int, numbers: tuple[float, float, float],
    ) -> Finding:  # fmt: skip
        where = next(one for k, one in enumerate(cells(view)) if k == cell)
        return Finding(
            kind=kind, statistic=self.ask.key, part=role, view=views[0], other=views[1],
            cell=where, stated=numbers[0], expected=numbers[1], allowed=numbers[2],
        )  # fmt: skip


def findings(
    total: NDArray[np.int64], layout: Layout, region: Region, honest: int
) -> tuple[Finding, ...]:
    """What of a sum, shape (layout.length,), contradicts itself or its bounds; the worst cell
    of each kind, statistic and pair of views. `honest`: as for the estimates."""
    reach = Tail(layout.noise(honest), region.contributors, 4 * layout.length)
    found: list[Finding] = []
    for ask in layout.asks:
        roles = {
            role: [read(total, block) for block in blocks]
            for role, blocks in roles_of(layout, ask).items()
        }
        found += _Statistic(ask, roles, reach, region).findings()
    return tuple(found)
