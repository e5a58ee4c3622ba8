"""A file as named columns and numbered rows, whatever its format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import overload

from node.importing.column_names import column_names
from node.importing.layout import FileLayout
from node.importing.refusal import NothingToImport, WrongMapping
from node.importing.sheets.cells import Cell
from node.importing.sheets.read import read_sheets
from node.importing.sheets.sandbox import Progress
from node.importing.sheets.sheet import Sheet, Sheets
from node.importing.writing import clean, text_of


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
class _Part:
    """The rows of one sheet from `first` to `last`; `places`: where the columns stand in it."""

    sheet: Sheet
    first: int
    last: int
    places: tuple[int, ...]

    def __len__(self) -> int:
        return self.sheet.count(self.first, self.last)

    def __iter__(self) -> Iterator[Row]:
        name, places = self.sheet.name, self.places
        straight = places == tuple(range(len(places)))
        for number, cells in self.sheet.rows(self.first, self.last):
            if straight and len(cells) == len(places):
                yield Row(name, number, tuple(cells))
            else:
                found = (cells[one] if one < len(cells) else None for one in places)
                yield Row(name, number, tuple(found))


class Rows(Sequence[Row]):
    """Rows that are unpacked while they are read, as often as wanted; they are never all there."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        """Put the rows of some sheets after each other."""
        self._parts = tuple(parts)
        self._count = sum(map(len, self._parts))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(self._parts)

    @overload
    def __getitem__(self, wanted: int) -> Row: ...
    @overload
    def __getitem__(self, wanted: slice) -> Sequence[Row]: ...
    def __getitem__(self, wanted: int | slice) -> Row | Sequence[Row]:
        """One row or some, found by reading up to them."""
        if isinstance(wanted, slice):
            start, stop, step = wanted.indices(self._count)
            return tuple(islice(self, start, stop, step))
        place = wanted + self._count if wanted < 0 else wanted
        if not 0 <= place < self._count:
            raise IndexError("no such row")
        return next(islice(self, place, None))


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of the chosen sheets under one header; empty rows and totals are left out.

    `left_out`: sheets of the file that nobody asked for.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row] = field(repr=False)
    left_out: tuple[str, ...] = ()


def read_table(
    path: Path, layout: FileLayout | None = None, progress: Progress | None = None
) -> Table:
    """Read a file of any kind. Raises FileNotFoundError or an IntakeRefusal."""
    layout = layout or FileLayout()
    return table_of(path.name, read_sheets(path, layout, progress), layout)


def table_of(file: str, sheets: Sheets, layout: FileLayout) -> Table:
    """The rows of a file that was read, under the header that the layout points at.

    Raises WrongMapping when the sheets do not go together, NothingToImport when nothing is there.
    """
    chosen = _chosen(file, sheets, layout)
    named = [(sheet, *_columns(file, sheet, layout)) for sheet in chosen]
    columns = tuple(named[0][1])
    parts = [_part(file, columns, *one, layout) for one in named]
    rows = Rows(parts)
    if not rows:
        raise NothingToImport(
            "{file} has a header but no rows. Nothing was stored. Export it again and retry.",
            file=file,
        )
    return Table(columns, rows, sheets.left_out)


def _chosen(file: str, sheets: Sheets, layout: FileLayout) -> Sequence[Sheet]:
    """Without a choice in the mapping there is one sheet to read, or the file is refused."""
    if layout.sheet is not None or layout.sheets is not None:
        return sheets.read
    filled = [sheet for sheet in sheets.read if sheet.blocks]
    if len(filled) > 1:
        raise WrongMapping(
            "{file} has several sheets: {present}. Nothing was stored. Say in the mapping file, "
            "under `sheet` or `sheets`, which to read.",
            file=file,
            present=", ".join(sheet.name for sheet in filled),
        )
    return filled or sheets.read[:1]


def _last_row(sheet: Sheet, layout: FileLayout) -> int:
    """The last row that is no total."""
    if layout.skip_last_rows == 0:
        return sheet.last
    ending = sheet.ending(layout.skip_last_rows)
    return ending[0] - 1 if ending else 0


def _columns(file: str, sheet: Sheet, layout: FileLayout) -> tuple[dict[str, int], int]:
    """Name -> place of the columns with a header or a value; and the last row that is read."""
    headers = _headers(sheet, layout)
    if layout.header_row and not any(headers):
        raise NothingToImport(
            "{file} has no header on row {row}. Nothing was stored. Correct `header_row` in the "
            "mapping file.",
            file=file,
            row=layout.header_row,
        )
    last = _last_row(sheet, layout)
    used = {place for place, header in enumerate(headers) if header}
    used |= sheet.used(layout.first_row, last)
    width = max(used, default=-1) + 1
    names = column_names(headers[:width], width)
    return {names[place]: place for place in sorted(used)}, last


def _headers(sheet: Sheet, layout: FileLayout) -> list[str]:
    if layout.header_row == 0:
        return []
    wanted = range(layout.header_row, layout.header_row + layout.header_rows)
    rows: dict[int, list[str]] = {number: [] for number in wanted}
    for number, cells in sheet.rows(wanted.start, wanted[-1]):
        rows[number] = [clean(text_of(cell)) for cell in cells]
    above, below = rows[wanted[0]], rows[wanted[-1]]
    return below if layout.header_rows == 1 else _grouped(above, below)


def _grouped(above: Sequence[str], below: Sequence[str]) -> list[str]:
    group, names = "", []
    for place, name in enumerate(below):
        group = (above[place] if place < len(above) else "") or group  # merged cells: first only
        names.append(clean(f"{group} {name}") if name else "")
    return names


def _part(
    file: str, columns: Sequence[str], sheet: Sheet, places: dict[str, int], last: int,
    layout: FileLayout,
) -> _Part:  # fmt: skip
    different = sorted(places.keys() ^ set(columns))
    if different:
        raise WrongMapping(
            "The sheets of {file} have different columns: {columns}. Nothing was stored. Give "
            "them the same header, or read them one by one with `sheet`.",
            file=file,
            columns=", ".join(different),
        )
    return _Part(sheet, layout.first_row, last, tuple(places[name] for name in columns))
