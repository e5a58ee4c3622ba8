"""From rows to records: every cell is read, every wrong one is listed, nothing is guessed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from node.importing.adding import Columns
from node.importing.fields import REQUIRED, Rules
from node.importing.mapping import MappingFile
from node.importing.planning import Plan, fit, plan
from node.importing.refusal import WrongCell, WrongValue
from node.importing.row_reading import Flat, RowReader, wrong_cell
from node.importing.table import Row, Table, read_table
from node.importing.whole_columns import notations
from schemas.record import Trajectory

_ORDERS = (
    ("started_on", "ended_on"),
    ("job_started_on", "job_ended_on"),
    ("started_on", "last_seen_on"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file after the check. Right rows are records with the centre's own references.

    `places`: where in the file each of them stands; `columns`: what the file speaks of;
    `skipped`: rows of records in which something is wrong; `left_out`: sheets that were not read.
    """

    trajectories: tuple[Trajectory, ...] = field(repr=False)
    wrong: tuple[WrongCell, ...]
    rows: int
    places: tuple[str, ...] = field(default=(), repr=False)
    columns: Columns = field(default_factory=Columns)
    skipped: int = 0
    left_out: tuple[str, ...] = ()


def read_file(path: Path, mapping: MappingFile, rules: Rules) -> Reading:
    """Read and check a file. Raises FileNotFoundError or an IntakeRefusal."""
    plan(mapping, rules)
    return checked(read_table(path, mapping.file), mapping, rules)


def checked(table: Table, mapping: MappingFile, rules: Rules) -> Reading:
    """Check a table that was read with this mapping's layout. Raises WrongMapping."""
    fit(mapping, table.columns)
    planned = plan(mapping, rules, notations(table, mapping))
    return check(table, planned, replace(rules, last_seen_on=mapping.file.last_seen_on))


def check(table: Table, planned: Plan, rules: Rules) -> Reading:
    """Check every cell of a table whose columns are the planned ones."""
    wrong: list[WrongCell] = []
    drafts = _drafts(table.rows, RowReader(planned, table.columns), wrong)
    checker = _Checker(planned.names, rules, wrong)
    if planned.joined:
        drafts = _joined(drafts, planned, wrong)
    right: list[Trajectory] = []
    places: list[str] = []
    skipped = 0
    for draft in drafts:
        record = checker.record(draft)
        if record is None:
            skipped += draft.rows
            continue
        right.append(record)
        places.append(draft.row.place)
    ordered = tuple(sorted(wrong, key=lambda cell: (cell.sheet, cell.row)))
    spoken_of = _spoken_of(planned)
    return Reading(
        tuple(right), ordered, len(table.rows), tuple(places), spoken_of, skipped, table.left_out
    )


def _spoken_of(planned: Plan) -> Columns:
    given = frozenset(slot for column in planned.columns for slot in column.field.slots)
    cleared = (column.field.slots for column in planned.columns if column.clears)
    return Columns(
        given.union(planned.constants), frozenset(slot for slots in cleared for slot in slots)
    )


@dataclass
class _Draft:
    """What the rows of one record say together; `row`: the first of them."""

    row: Row
    flat: Flat
    right: bool
    rows: int = 1


def _drafts(rows: Iterable[Row], reader: RowReader, wrong: list[WrongCell]) -> Iterator[_Draft]:
    for row in rows:
        flat, cells = reader.read(row)
        wrong += cells
        yield _Draft(row, flat, not cells)


def _joined(drafts: Iterable[_Draft], planned: Plan, wrong: list[WrongCell]) -> Iterator[_Draft]:
    """Put the rows of one trajectory together; two that say different things are both wrong."""
    found: dict[str, _Draft] = {}
    for draft in drafts:
        reference = draft.flat.get(("trajectory_ref",))
        if reference is None:
            yield draft
            continue
        first = found.setdefault(reference, draft)
        if first is draft:
            continue
        first.rows += 1
        first.right &= draft.right
        for slot, value in draft.flat.items():
            if first.flat.setdefault(slot, value) != value:
                same = WrongValue("the same as in row {row}", row=first.row.place)
                wrong.append(wrong_cell(draft.row, planned.column_of(slot), value, same))
                first.right = False
    yield from found.values()


@dataclass
class _Checker:
    """Rules that need a whole record, or the records before it."""

    columns: Mapping[str, str]
    rules: Rules
    wrong: list[WrongCell]
    seen: dict[str, str] = field(default_factory=dict)

    def record(self, draft: _Draft) -> Trajectory | None:
        """Return the record, or None after listing what is wrong with it."""
        row, flat = draft.row, draft.flat
        before = len(self.wrong)
        if draft.right:
            self._check_complete(row, flat)
        self._check_orders(row, flat)
        self._look_until(row, flat)
        self._check_unique(row, flat)
        if not draft.right or len(self.wrong) > before:
            return None
        return self._build(row, flat)

    def _refuse(self, row: Row, name: str, cell: object, expected: WrongValue) -> None:
        self.wrong.append(wrong_cell(row, self.columns[name], cell, expected))

    def _check_complete(self, row: Row, flat: Flat) -> None:
        for name in REQUIRED:
            if (name,) not in flat:
                self._refuse(row, name, "", WrongValue("a value: every record needs it"))

    def _check_orders(self, row: Row, flat: Flat) -> None:
        for earlier, later in _ORDERS:
            first, last = flat.get((earlier,)), flat.get((later,))
            if isinstance(first, date) and isinstance(last, date) and last < first:
                expected = WrongValue(
                    "a date that is not before {column}", column=self.columns[earlier]
                )
                self._refuse(row, later, last, expected)

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
        place = row.place
        first = self.seen.setdefault(reference, place)
        if first != place:
            expected = WrongValue(
                "a reference that stands in one row only; this one is also in row {row}", row=first
            )
            self._refuse(row, "trajectory_ref", reference, expected)

    def _build(self, row: Row, flat: Flat) -> Trajectory | None:
        try:
            return Trajectory.model_validate(_nested(flat, self.rules))
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else REQUIRED[0]
            name = name if name in self.columns else REQUIRED[0]
            # the schema is stricter than a field: say where, not what
            self._refuse(row, name, "", WrongValue("a value that this field allows"))
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
