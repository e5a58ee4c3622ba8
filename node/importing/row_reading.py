"""One row of a table: each cell is read by its field, then what cells say of each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from node.importing.dates import year_of_birth
from node.importing.fields import AGE, ROW_MOMENT, Found, Slot
from node.importing.long_form import ANSWER, ITEM, MOMENT, ROW_FIELDS
from node.importing.planning import Plan, PlannedColumn
from node.importing.refusal import WrongCell, WrongValue
from node.importing.sheets.cells import Cell
from node.importing.table import Row
from node.importing.writing import text_of

Flat = dict[Slot, Any]
_MOST_REMEMBERED = 5_000


@dataclass(slots=True)
class _Reader:
    """One planned column at its place; equal cells are read once, as most columns hold few
    different ones."""

    place: int
    column: PlannedColumn
    known: dict[object, Found | WrongValue] = field(default_factory=dict, repr=False)

    def read(self, cell: Cell) -> Found | WrongValue:
        key = cell if isinstance(cell, str) else (type(cell), cell)
        found = self.known.get(key)
        if found is None:
            found = _read(self.column, cell)
            if len(self.known) < _MOST_REMEMBERED:
                self.known[key] = found
        return found


def _read(column: PlannedColumn, cell: Cell) -> Found | WrongValue:
    try:
        return column.read(cell)
    except WrongValue as wrong:
        return wrong


class RowReader:
    """Reads the rows of one table as a plan says."""

    def __init__(self, plan: Plan, columns: Sequence[str]) -> None:
        """`columns`: of the table, in their order."""
        self._plan = plan
        self._readers = [
            _Reader(columns.index(column.name), column)
            for column in plan.columns
            if column.name in columns
        ]
        self._settles = (
            any(one.age_on is not None or one.field.name in ROW_FIELDS for one in plan.columns)
            or (MOMENT,) in plan.constants
        )

    def read(self, row: Row) -> tuple[Flat, list[WrongCell]]:
        """Return what a row says, slot by slot, and its wrong cells."""
        flat: Flat = dict(self._plan.constants)
        wrong: list[WrongCell] = []
        for reader in self._readers:
            cell = row.cells[reader.place]
            if cell is None or cell == "":
                continue
            found = reader.read(cell)
            if isinstance(found, WrongValue):
                wrong.append(wrong_cell(row, reader.column.name, cell, found))
                continue
            for slot, value in found:  # quicker than `update`, and there are ten million
                flat[slot] = value
        if self._settles:
            wrong += self._settled(row, flat)
        return flat, wrong

    def _settled(self, row: Row, flat: Flat) -> Iterator[WrongCell]:
        """Give what other cells of the row complete its place in the record."""
        for settle in (self._answer, self._moment, self._age):
            try:
                settle(flat)
            except _Incomplete as one:
                yield wrong_cell(row, self._plan.names[one.field], one.cell, one.expected)

    def _answer(self, flat: Flat) -> None:
        item, answer = flat.pop((ITEM,), None), flat.pop((ANSWER,), None)
        if answer is None or item == "":  # the mapping says that this item is not ours
            return
        if item is None:
            raise _Incomplete(ITEM, "", WrongValue("the item of the answer beside it"))
        try:
            flat.update(self._plan.items[item].read(answer))
        except WrongValue as wrong:
            raise _Incomplete(ANSWER, answer, wrong) from None

    def _moment(self, flat: Flat) -> None:
        moment = flat.pop((MOMENT,), None)
        for slot in [one for one in flat if len(one) > 1 and one[1] == ROW_MOMENT]:
            if moment is None:
                expected = WrongValue("the moment of the answers: intake, end, 6m or 12m")
                raise _Incomplete(MOMENT, "", expected)
            flat[slot[0], moment, *slot[2:]] = flat.pop(slot)

    def _age(self, flat: Flat) -> None:
        age = flat.pop(AGE, None)
        if age is None:
            return
        said = next(one.age_on for one in self._plan.columns if one.age_on is not None)
        on = flat.get((said,)) if isinstance(said, str) else said
        if not isinstance(on, date):
            expected = WrongValue("an age with a day under {field}", field=str(said))
            raise _Incomplete("birth_year", age, expected)
        flat["birth_year",] = year_of_birth(age, on)


class _Incomplete(Exception):
    """A cell needs another one of its row, which is not there."""

    def __init__(self, field: str, cell: object, expected: WrongValue) -> None:
        super().__init__(field)
        self.field, self.cell, self.expected = field, cell, expected


def wrong_cell(row: Row, column: str, cell: object, expected: WrongValue) -> WrongCell:
    """Name a wrong value by where it stands."""
    return WrongCell(
        row.sheet, row.number, column, text_of(cell), expected.message, expected.values
    )
