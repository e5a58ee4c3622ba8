"""The blocks of one ask, read back from the sum: adjusted tables with their variances."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Block, Layout
from privacy.estimate.margins import Margins, margins
from privacy.inference.reach import NORMAL
from privacy.measures.adjusted import Adjusted, AskTables, CellPlace
from privacy.measures.parts import Role
from privacy.noise.family import Noise
from schemas.programme import Ask

Floats = NDArray[np.float64]


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
    if _is_total(blocks):
        return np.full(1, unit)
    return _margins_of(blocks).variance * unit


def _is_total(blocks: list[Block]) -> bool:
    """Whether the national total is all that is measured."""
    return [block.part.view for block in blocks] == [()]


def read_ask(
    total: NDArray[np.int64], layout: Layout, ask: Ask, *, contributors: int, honest: int
) -> AskTables:
    """Undo the multipliers and adjust. `contributors`: |U|; `honest`: h of the descriptor."""
    noise = _EntryNoise.of(layout.noise(honest), contributors)
    roles = {role: _adjust(total, blocks, noise) for role, blocks in roles_of(layout, ask).items()}
    if "known" in roles:
        roles["answered"] = _answered(roles["people"], roles["known"])
    return AskTables(ask, layout.statistic(ask), roles)


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """Covariances of (one + other) / 2, of independent noise."""

    one: Adjusted
    other: Adjusted

    def between(self, one: CellPlace, other: CellPlace) -> float:
        """Of two cells."""
        return (self.one.covariance(one, other) + self.other.covariance(one, other)) / 4

    def within(self, view: int) -> Floats:
        """Of all cells of one view."""
        found = self.one.covariance_within(view) + self.other.covariance_within(view)
        return np.asarray(found / 4)


def _answered(people: Adjusted, known: Adjusted) -> Adjusted:
    """Who has each variable, then who has not: with N people and F the sum of +1 and -1,
    (N + F) / 2 and (N - F) / 2."""
    halves = [(people.table + sign * known.table) / 2 for sign in (1, -1)]
    excess = None
    if people.excess is not None and known.excess is not None:
        shares = people.variance / (people.variance + known.variance)
        excess = shares**2 * people.excess + (1 - shares) ** 2 * known.excess
    variance = (people.variance + known.variance) / 4
    return Adjusted(np.hstack(halves), variance, people.starts, _Half(people, known), excess=excess)


@dataclass(frozen=True, slots=True)
class _EntryNoise:
    """The noise of one entry of the integer sum."""

    variance: float
    excess: float
    holding: int | None

    @classmethod
    def of(cls, noise: Noise, contributors: int) -> Self:
        return cls(
            float(noise.variance_of_sum(contributors)),
            noise.excess_of_sum(contributors),
            noise.holding(contributors),
        )


def _adjust(total: NDArray[np.int64], blocks: list[Block], noise: _EntryNoise) -> Adjusted:
    """A national total that was not measured comes first, as least squares has it."""
    lanes = blocks[0].part.lanes
    tables = [total[b.slice].reshape(b.cells, lanes) / b.multiplier for b in blocks]
    variance = cell_variance(blocks, noise.variance)
    if _is_total(blocks):
        alone = None
        if blocks[0].part.whole and noise.holding is not None:
            alone = noise.holding / blocks[0].multiplier
        each = np.full(1, noise.excess)
        return Adjusted(tables[0], variance, (0, 1), excess=each, alone=alone)
    if () not in [block.part.view for block in blocks]:
        tables = [np.zeros((1, lanes)), *tables]
    starts = tuple(int(start) for start in np.cumsum([0, *map(len, tables)]))
    found = _margins_of(blocks)
    unit = noise.variance / blocks[0].multiplier ** 2
    excess = found.excess(noise.excess) if noise.excess >= NORMAL else None
    return Adjusted(found.adjust(np.vstack(tables)), variance, starts, found, unit, excess)


def _margins_of(blocks: list[Block]) -> Margins:
    """Views weigh by their precision, relative to the first; a total not measured by nothing."""
    first = blocks[0].multiplier
    weights = tuple((block.multiplier / first) ** 2 for block in blocks)
    views = tuple(block.part.view for block in blocks)
    if () not in views:
        views, weights = ((), *views), (0.0, *weights)
    return margins(views, weights)
