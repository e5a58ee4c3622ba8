"""One cohort's counted records into one integer vector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import MOST_PEOPLE, Block, Layout
from privacy.measures.kinds import MEASURES
from privacy.measures.parts import Floats, Part, Role, Whole, rounded, whole_within
from privacy.noise.sampler import RandomBytes
from privacy.people.dimensions import categories, place
from privacy.people.population import Asked, belongs
from schemas.programme import Ask, Programme
from schemas.record import Trajectory
from schemas.statistic import TableDimension, View

Bounds = tuple[Fraction, Fraction, Fraction]


class _Places:
    """Indices of records in dimensions, each computed once."""

    def __init__(self, records: Sequence[Trajectory]) -> None:
        self._records = records
        self._known: dict[TableDimension, NDArray[np.int64]] = {}
        self._cells: dict[View, NDArray[np.int64]] = {}

    def of(self, dimension: TableDimension) -> NDArray[np.int64]:
        if dimension not in self._known:
            found = [place(record, dimension) for record in self._records]
            self._known[dimension] = np.array(found, dtype=np.int64)
        return self._known[dimension]

    def cells(self, view: View) -> NDArray[np.int64]:
        """The cell of each record in a view, row-major over its dimensions."""
        if view not in self._cells:
            cell = np.zeros(len(self._records), dtype=np.int64)
            for dimension in view:
                cell = cell * len(categories(dimension)) + self.of(dimension)
            self._cells[view] = cell
        return self._cells[view]


def encode(
    records: Sequence[Trajectory],
    layout: Layout,
    programme: Programme,
    fresh: RandomBytes | None = None,
) -> NDArray[np.int64]:
    """Return the vector of one cohort, shape (layout.length,), before noise.

    `records`: the counted ones, one for each client. Values are clipped, never refused; each
    entry is clamped to 5,000 people. `fresh`: random bytes by which sums of fractions are
    rounded; without them, to the nearest.
    """
    vector = np.zeros(layout.length, dtype=np.int64)
    places = _Places(records)
    for ask in layout.asks:
        people = _people(records, layout, ask, programme)
        for block in layout.blocks_of(ask):
            vector[block.slice] = _table(block, places, people, fresh)
    return vector


@dataclass(frozen=True, slots=True)
class _People:
    """Who is asked (indices of records), and what each adds, by role."""

    chosen: NDArray[np.int64]
    rows: Mapping[Role, Floats]
    _whole: dict[tuple[Role, int, Bounds], Whole] = field(default_factory=dict)

    def whole(self, part: Part, multiplier: int, bits: int) -> Whole:
        """What each adds, in parts of a step; views of one role and price share it."""
        key = (part.role, multiplier, (part.unit_d1, part.unit_d2_squared, part.unit_entry))
        if key not in self._whole:
            self._whole[key] = whole_within(self.rows[part.role], part, multiplier, bits)
        return self._whole[key]


def _people(
    records: Sequence[Trajectory], layout: Layout, ask: Ask, programme: Programme
) -> _People:
    statistic = layout.statistic(ask)
    inside = [
        k for k, record in enumerate(records) if belongs(record, statistic.population, ask.horizon)
    ]
    asked = Asked(
        [records[k] for k in inside],
        statistic,
        ask.horizon,
        {questionnaire.id: questionnaire for questionnaire in programme.questionnaires},
    )
    rows = MEASURES[statistic.measure.kind].rows(asked)
    return _People(np.array(inside, dtype=np.int64), rows)


def _table(
    block: Block, places: _Places, people: _People, fresh: RandomBytes | None
) -> NDArray[np.int64]:
    fine: Whole = np.zeros((block.cells, block.part.lanes), dtype=np.int64)
    cells = places.cells(block.part.view)[people.chosen]
    bits = block.part.fine_bits(block.multiplier)
    np.add.at(fine, cells, people.whole(block.part, block.multiplier, bits))
    most = MOST_PEOPLE * block.most
    return np.clip(rounded(fine, bits, fresh), -most, most).ravel()
