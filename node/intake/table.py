"""A file as named columns and numbered rows, whatever its format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from node.intake.column_names import column_names
from node.intake.delimited import read_delimited
from node.intake.layout import FileLayout
from node.intake.refusal import NothingToImport, WrongMapping
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

    @property
    def place(self) -> str:
        """Sheet and number, as a person finds the row."""
        return f"{self.sheet} {self.number}".strip()


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
        grids = {"": read_delimited(path, max(1, layout.header_row))}
    tables = [_table(path.name, sheet, grid, layout) for sheet, grid in grids.items()]
    return _joined(path.name, tables)


def _table(file: str, sheet: str, grid: Sequence[Sequence[Cell]], layout: FileLayout) -> Table:
    headers = _headers(grid, layout)
    if layout.header_row and not any(headers):
        raise NothingToImport(
            "{file} has no header on row {row}. Nothing was stored. Correct `header_row` in the "
            "mapping file.",
            file=file,
            row=layout.header_row,
        )
    first = layout.first_row - 1
    filled = [
        (number, cells)
        for number, cells in enumerate(grid[first:], first + 1)
        if any(not _is_empty(cell) for cell in cells)
    ]
    filled = filled[: len(filled) - layout.skip_last_rows] if layout.skip_last_rows else filled
    names, kept = _columns(headers, [cells for _, cells in filled])
    rows = tuple(
        Row(sheet, number, tuple(cells[i] if i < len(cells) else None for i in kept))
        for number, cells in filled
    )
    return Table(tuple(names[i] for i in kept), rows)


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _headers(grid: Sequence[Sequence[Cell]], layout: FileLayout) -> list[str]:
    if layout.header_row == 0:
        return []
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


def _columns(
    headers: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> tuple[tuple[str, ...], list[int]]:
    """Return the names of all columns, and the places of those with a header or a value."""
    used = {place for place, header in enumerate(headers) if header}
    gap = next(place for place in range(len(headers) + 1) if place not in used)
    for cells in rows:
        used |= {place for place, cell in enumerate(cells[gap:], gap) if not _is_empty(cell)}
    kept = sorted(used)
    width = kept[-1] + 1 if kept else 0
    return column_names(headers[:width], width), kept


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
