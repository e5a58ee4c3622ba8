"""From rows to records: every cell is read, every wrong one is listed, nothing is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from node.importing.adding import Columns
from node.importing.dates import year_of_birth
from node.importing.fields import AGE, REQUIRED, Found, Rules, Slot
from node.importing.mapping import MappingFile, PlannedColumn, fit, plan
from node.importing.refusal import WrongCell, WrongValue
from node.importing.table import Row, Table, read_table
from node.importing.whole_columns import notations
from node.importing.writing import text_of
from schemas.record import Trajectory

_ORDERS = (
    ("started_on", "ended_on"),
    ("job_started_on", "job_ended_on"),
    ("started_on", "last_seen_on"),
)
Flat = dict[Slot, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file after the check. Right rows are records with the centre's own references.

    `places`: where in the file each of them stands; `columns`: what the file speaks of;
    `left_out`: sheets that were not read.
    """

    trajectories: tuple[Trajectory, ...] = field(repr=False)
    wrong: tuple[WrongCell, ...]
    rows: int
    places: tuple[str, ...] = field(default=(), repr=False)
    columns: Columns = field(default_factory=Columns)
    left_out: tuple[str, ...] = ()

    @property
    def skipped(self) -> int:
        """Rows with at least one wrong cell."""
        return self.rows - len(self.trajectories)


def read_file(path: Path, mapping: MappingFile, rules: Rules) -> Reading:
    """Read and check a file. Raises FileNotFoundError or an IntakeRefusal."""
    plan(mapping, rules)
    table = read_table(path, mapping.file)
    fit(mapping, table.columns)
    columns = plan(mapping, rules, notations(table, mapping))
    return check(table, columns, replace(rules, last_seen_on=mapping.file.last_seen_on))


def check(table: Table, columns: Sequence[PlannedColumn], rules: Rules) -> Reading:
    """Check every cell of a table whose columns are the planned ones."""
    flats: list[Flat] = [{} for _ in table.rows]
    wrong: list[WrongCell] = []
    for column in columns:
        _read_column(table, column, flats, wrong)
    for column in columns:
        if column.age_on is not None:
            _years_of_birth(table, column, flats, wrong)
    names = {column.field.name: column.name for column in columns}
    checker = _Checker(names, rules, wrong, {(cell.sheet, cell.row) for cell in wrong})
    found = [checker.record(row, flat) for row, flat in zip(table.rows, flats, strict=True)]
    ordered = tuple(sorted(wrong, key=lambda cell: (cell.sheet, cell.row)))
    places = tuple(row.place for row, one in zip(table.rows, found, strict=True) if one is not None)
    right = tuple(one for one in found if one is not None)
    return Reading(right, ordered, len(table.rows), places, _spoken_of(columns), table.left_out)


def _spoken_of(columns: Sequence[PlannedColumn]) -> Columns:
    given = frozenset(slot for column in columns for slot in column.field.slots)
    cleared = (column.field.slots for column in columns if column.clears)
    return Columns(given, frozenset(slot for slots in cleared for slot in slots))


def _read_column(
    table: Table, column: PlannedColumn, flats: Sequence[Flat], wrong: list[WrongCell]
) -> None:
    """Read a column; equal cells are read once, as most columns hold few different ones."""
    place = table.columns.index(column.name)
    known: dict[object, Found | WrongValue] = {}
    for row, flat in zip(table.rows, flats, strict=True):
        cell = row.cells[place]
        if cell is None or cell == "":
            continue
        key = cell if isinstance(cell, str) else (type(cell), cell)
        found = known.get(key)
        if found is None:
            found = known[key] = _read(column, cell)
        if isinstance(found, WrongValue):
            wrong.append(_wrong(row, column.name, cell, found))
        else:
            flat.update(found)


def _years_of_birth(
    table: Table, column: PlannedColumn, flats: Sequence[Flat], wrong: list[WrongCell]
) -> None:
    """Turn ages into years of birth, once the day on which they were true is read."""
    for row, flat in zip(table.rows, flats, strict=True):
        age = flat.pop(AGE, None)
        if age is None:
            continue
        on = flat.get((column.age_on,)) if isinstance(column.age_on, str) else column.age_on
        if isinstance(on, date):
            flat["birth_year",] = year_of_birth(age, on)
        else:
            needed = WrongValue("an age with a day under {field}", field=str(column.age_on))
            wrong.append(_wrong(row, column.name, age, needed))


def _read(column: PlannedColumn, cell: object) -> Found | WrongValue:
    try:
        return column.read(cell)
    except WrongValue as wrong:
        return wrong


def _wrong(row: Row, column: str, cell: object, expected: WrongValue) -> WrongCell:
    return WrongCell(
        row.sheet, row.number, column, text_of(cell), expected.message, expected.values
    )


@dataclass
class _Checker:
    """Rules that need a whole row, or the rows before it."""

    columns: Mapping[str, str]
    rules: Rules
    wrong: list[WrongCell]
    bad: set[tuple[str, int]]
    seen: dict[str, Row] = field(default_factory=dict)

    def record(self, row: Row, flat: Flat) -> Trajectory | None:
        """Return the row's record, or None after listing what is wrong with it."""
        for name in REQUIRED:
            if (name,) not in flat and (row.sheet, row.number) not in self.bad:
                self._refuse(row, name, "", WrongValue("a value: every record needs it"))
        for earlier, later in _ORDERS:
            first, last = flat.get((earlier,)), flat.get((later,))
            if isinstance(first, date) and isinstance(last, date) and last < first:
                self._refuse(
                    row, later, last, WrongValue("a date that is not before {column}",
                                                 column=self.columns[earlier]),
                )  # fmt: skip
        self._look_until(row, flat)
        self._check_unique(row, flat)
        return None if (row.sheet, row.number) in self.bad else self._build(row, flat)

    def _refuse(self, row: Row, name: str, cell: object, expected: WrongValue) -> None:
        self.wrong.append(_wrong(row, self.columns[name], cell, expected))
        self.bad.add((row.sheet, row.number))

    def _look_until(self, row: Row, flat: Flat) -> None:
        """Who has no day of her own on which she was last seen gets that of the whole file."""
        day, started = self.rules.last_seen_on, flat.get(("started_on",))
        if day is None or ("last_seen_on",) in flat:
            return
        if isinstance(started, date) and started > day:
            late = WrongValue("a date up to {day}, the last_seen_on of the mapping file",
                              day=f"{day:%d/%m/%Y}")  # fmt: skip
            self._refuse(row, "started_on", started, late)
        flat["last_seen_on",] = day

    def _check_unique(self, row: Row, flat: Flat) -> None:
        reference = flat.get(("trajectory_ref",))
        if reference is None:
            return
        first = self.seen.setdefault(reference, row)
        if first is not row:
            expected = WrongValue(
                "a reference that stands in one row only; this one is also in row {row}",
                row=first.place,
            )
            self._refuse(row, "trajectory_ref", reference, expected)

    def _build(self, row: Row, flat: Flat) -> Trajectory | None:
        try:
            return Trajectory.model_validate(_nested(flat, self.rules))
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else REQUIRED[0]
            name = name if name in self.columns else REQUIRED[0]
            cell = row.cells  # the schema is stricter than a field: say where, not what
            self._refuse(row, name, cell and "", WrongValue("a value that this field allows"))
            return None


def _nested(flat: Flat, rules: Rules) -> dict[str, Any]:
    """Put a row's (slot, value) pairs in the shape of a record."""
    found: dict[str, Any] = {"questionnaire": rules.questionnaire.id}
    for slot, value in flat.items():
        if len(slot) == 1:
            found[str(slot[0])] = value
        elif slot[0] == "wellbeing":
            _, when, dimension, place = slot
            answers = found.setdefault("wellbeing", {}).setdefault(when, {})
            answers.setdefault(dimension, {})[place] = value
        elif slot[0] == "context_fit":
            found.setdefault("context_fit", {}).setdefault(slot[1], {})[slot[2]] = value
        else:
            found.setdefault(str(slot[0]), {})[slot[1]] = value
    for answers in found.get("wellbeing", {}).values():
        for dimension, given in answers.items():
            length = len(rules.questionnaire.items_of(dimension))
            answers[dimension] = tuple(given.get(place) for place in range(length))
    return found
