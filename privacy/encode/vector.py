"""One cohort's counted records into one integer vector."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from privacy.encode.dimensions import categories, place
from privacy.encode.layout import MOST_PEOPLE, Block, Layout
from privacy.encode.parts import People, ask_people, values_of
from privacy.encode.population import belongs
from schemas.programme import Ask, Programme
from schemas.record import Trajectory
from schemas.statistic import TableDimension, View


class _Places:
    """Indices of records in dimensions, each computed once."""

    def __init__(self, records: Sequence[Trajectory]) -> None:
        self._records = records
        self._known: dict[TableDimension, NDArray[np.int64]] = {}

    def of(self, dimension: TableDimension) -> NDArray[np.int64]:
        if dimension not in self._known:
            found = [place(record, dimension) for record in self._records]
            self._known[dimension] = np.array(found, dtype=np.int64)
        return self._known[dimension]

    def cells(self, view: View) -> NDArray[np.int64]:
        """The cell of each record in a view, row-major over its dimensions."""
        cell = np.zeros(len(self._records), dtype=np.int64)
        for dimension in view:
            cell = cell * len(categories(dimension)) + self.of(dimension)
        return cell


def encode(
    records: Sequence[Trajectory], layout: Layout, programme: Programme
) -> NDArray[np.int64]:
    """Return the vector of one cohort, shape (layout.length,), before noise.

    `records`: the counted ones, one for each client. Values are clipped, never refused; each
    entry is clamped to 5,000 people.
    """
    vector = np.zeros(layout.length, dtype=np.int64)
    places = _Places(records)
    questionnaires = {q.id: q for q in programme.questionnaires}
    known: dict[Ask, tuple[NDArray[np.int64], People]] = {}
    for block in layout.blocks:
        if block.ask not in known:
            statistic = layout.statistic(block.ask)
            horizon = block.ask.horizon
            inside = [k for k, r in enumerate(records) if belongs(r, statistic.population, horizon)]
            people = ask_people(
                [records[k] for k in inside], statistic.measure, horizon, questionnaires
            )
            known[block.ask] = np.array(inside, dtype=np.int64), people
        chosen, people = known[block.ask]
        vector[block.slice] = _table(block, places, chosen, people)
    return vector


def _table(
    block: Block, places: _Places, chosen: NDArray[np.int64], people: People
) -> NDArray[np.int64]:
    table = np.zeros((block.cells, block.part.lanes), dtype=np.int64)
    cells = places.cells(block.part.view)[chosen]
    np.add.at(table, cells, values_of(block.part, people, block.multiplier))
    most = MOST_PEOPLE * block.most
    return np.clip(table, -most, most).ravel()
