"""What only a whole column shows: which order its dates have, and whether it holds provinces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from node.importing.date_spellings import order_shown
from node.importing.mapping import ColumnMapping, MappingFile
from node.importing.notation import Notation
from node.importing.places import names_a_province
from node.importing.planning import by_column
from node.importing.refusal import WrongMapping
from node.importing.sheets.cells import Cell
from node.importing.table import Table

_DAYS = ("_on", "birth_year", "consent_statistics", "consent_training")
_PLACES = ("residence", "workplace_before", "workplace_desired", "workplace_12m")


def notations(table: Table, mapping: MappingFile) -> Mapping[str, Notation]:
    """Return how each column writes its values. Raises WrongMapping where dates have the month
    first, or may have it, and the mapping file does not say so."""
    columns = {name: said for name, said in by_column(mapping).items() if name in table.columns}
    found = {name: said.notation for name, said in columns.items()}
    cells = _cells(table, [name for name, said in columns.items() if _holds(said, _DAYS + _PLACES)])
    undecided: list[str] = []
    for name, different in cells.items():
        said = columns[name]
        if holds_days(said):
            seen = shown(different)
            _check_order(name, said, seen)
            if said.dates is None and seen.either and not seen.day_first:
                undecided.append(name)
        if _holds(said, _PLACES):
            provinces = any(isinstance(c, str) and names_a_province(c) for c in different)
            found[name] = replace(found[name], provinces=provinces)
    american = [name for name, said in columns.items() if said.dates == "month-first"]
    if american and undecided:
        raise WrongMapping(
            "The dates under {columns} can be read in two ways, and those under {other} have the "
            'month first. Nothing was stored. Say under each, in the mapping file, "dates": '
            '"month-first" or "day-first".',
            columns=", ".join(undecided),
            other=american[0],
        )
    return found


def holds_days(column: ColumnMapping) -> bool:
    """Whether a column is read as dates."""
    return _holds(column, _DAYS)


def _holds(column: ColumnMapping, fields: tuple[str, ...]) -> bool:
    return any(name.endswith(fields) for name in column.names)


def _cells(table: Table, names: Sequence[str]) -> Mapping[str, dict[Cell, str]]:
    """Each different cell of some columns, with the first row in which it stands."""
    found: dict[str, dict[Cell, str]] = {name: {} for name in names}
    places = [(table.columns.index(name), found[name]) for name in names]
    for row in table.rows if names else ():
        for place, different in places:
            if row.cells[place] not in different:
                different[row.cells[place]] = row.place
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows in which a date shows its order, or is the spreadsheet's own."""

    day_first: str | None
    month_first: str | None
    either: str | None
    real: str | None


def shown(cells: Mapping[Cell, str]) -> Shown:
    """Return which orders the dates of a column show, each with the row that shows it."""
    found: dict[str | None, str] = {}
    for cell, row in cells.items():
        if isinstance(cell, str):
            found.setdefault(order_shown(cell), row)
        elif isinstance(cell, date):
            found.setdefault("real", row)
    return Shown(
        found.get("day-first"), found.get("month-first"), found.get("either"), found.get("real")
    )


def _check_order(name: str, column: ColumnMapping, seen: Shown) -> None:
    if seen.month_first and seen.real:
        raise WrongMapping(
            "Under {column} the spreadsheet took some texts for dates (row {real}) and left others "
            "that have the month first (row {row}): it may have swapped days and months. Nothing "
            "was stored. Export the table as CSV and do not open it in a spreadsheet.",
            column=name,
            real=seen.real,
            row=seen.month_first,
        )
    if seen.month_first and column.dates is None:
        raise WrongMapping(
            "Under {column} stands a date that exists only with the month first (row {row}), so "
            "none of its dates is sure. Nothing was stored. Say under this column, in the mapping "
            'file, "dates": "month-first"; or "day-first" if that row is a mistake.',
            column=name,
            row=seen.month_first,
        )
