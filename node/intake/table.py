"""A file as named columns and numbered rows, whatever its format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from node.intake.delimited import read_delimited
from node.intake.layout import FileLayout
from node.intake.refusal import NothingToImport, UnreadableFile, WrongMapping
from node.intake.workbook import read_workbook
from node.intake.writing import clean

Cell = str | int | float | bool | datetime | date | time | timedelta | None
_WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` as the spreadsheet shows it; cells in the order of the columns."""

    sheet: str
    number: int
    cells: tuple[Cell, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of the chosen sheets under one header; empty rows and totals are left out."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read_table(path: Path, layout: FileLayout | None = None) -> Table:
    """Read a CSV or .xlsx file. Raises FileNotFoundError or an IntakeRefusal."""
    layout = layout or FileLayout()
    if path.stat().st_size == 0:
        raise NothingToImport(
            "{file} is empty. Nothing was stored. Export it again and retry.", file=path.name
        )
    grids: Mapping[str, Sequence[Sequence[Cell]]]
    if path.suffix.lower() in _WORKBOOKS:
        grids = read_workbook(path, layout)
    else:
        grids = {"": read_delimited(path, layout.header_row)}
    tables = [_table(path.name, sheet, grid, layout) for sheet, grid in grids.items()]
    return _joined(path.name, tables)


def _table(file: str, sheet: str, grid: Sequence[Sequence[Cell]], layout: FileLayout) -> Table:
    first = layout.header_row - 1 + layout.header_rows
    names = _names(grid, layout)
    if not any(names):
        raise NothingToImport(
            "{file} has no header on row {row}. Nothing was stored. Correct `header_row` in the "
            "mapping file.",
            file=file,
            row=layout.header_row,
        )
    filled = [
        (number, cells)
        for number, cells in enumerate(grid[first:], first + 1)
        if any(not _is_empty(cell) for cell in cells)
    ]
    filled = filled[: len(filled) - layout.skip_last_rows] if layout.skip_last_rows else filled
    kept = _named_columns(file, names, filled)
    rows = tuple(
        Row(sheet, number, tuple(cells[i] if i < len(cells) else None for i in kept))
        for number, cells in filled
    )
    return Table(tuple(names[i] for i in kept), rows)


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _names(grid: Sequence[Sequence[Cell]], layout: FileLayout) -> list[str]:
    rows = [
        ["" if cell is None else clean(str(cell)) for cell in row]
        for row in grid[layout.header_row - 1 : layout.header_row - 1 + layout.header_rows]
    ]
    if layout.header_rows == 1 or len(rows) < 2:
        return rows[0] if rows else []
    above, below = rows
    group, names = "", []
    for place, name in enumerate(below):
        group = (above[place] if place < len(above) else "") or group  # merged cells: first only
        names.append(clean(f"{group} {name}") if name else "")
    return names


def _named_columns(
    file: str, names: Sequence[str], rows: Sequence[tuple[int, Sequence[Cell]]]
) -> list[int]:
    """Return the places of the columns with a name. Refuses values that have no column."""
    for number, cells in rows:
        for place, cell in enumerate(cells):
            if not _is_empty(cell) and (place >= len(names) or not names[place]):
                raise UnreadableFile(
                    "Row {row} of {file} has a value in column {column}, which has no name in the "
                    "header. Nothing was stored. Name the column or empty it.",
                    row=number,
                    file=file,
                    column=place + 1,
                )
    kept = [place for place, name in enumerate(names) if name]
    _check_unique(file, [names[place] for place in kept])
    return kept


def _check_unique(file: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFile(
            "{file} has several columns with the same name: {columns}. Nothing was stored. Give "
            "each its own name.",
            file=file,
            columns=", ".join(twice),
        )


def _joined(file: str, tables: Iterable[Table]) -> Table:
    first, *others = tables
    rows = list(first.rows)
    for table in others:
        if set(table.columns) != set(first.columns):
            different = sorted(set(table.columns) ^ set(first.columns))
            raise WrongMapping(
                "The sheets of {file} have different columns: {columns}. Nothing was stored. Give "
                "them the same header, or read them one by one with `sheet`.",
                file=file,
                columns=", ".join(different),
            )
        order = [table.columns.index(name) for name in first.columns]
        rows += [Row(r.sheet, r.number, tuple(r.cells[i] for i in order)) for r in table.rows]
    if not rows:
        raise NothingToImport(
            "{file} has a header but no rows. Nothing was stored. Export it again and retry.",
            file=file,
        )
    return Table(first.columns, tuple(rows))
