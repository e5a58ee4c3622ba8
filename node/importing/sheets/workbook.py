"""Workbooks: values only, formulas as last computed; nothing in them is ever executed."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from node.importing.refusal import UnreadableFile, WrongMapping
from node.importing.sheets.frames import Sink
from node.importing.sheets.kinds import damaged, locked
from node.importing.sheets.pattern import chosen
from node.importing.sheets.xlsx_parts import PIECE, Parts

_BROKEN = (
    CalamineError, zipfile.BadZipFile, zipfile.LargeZipFile, ParseError, KeyError, ValueError,
    EOFError, OSError, NotImplementedError, RuntimeError,
)  # fmt: skip
Numbered = Iterator[tuple[int, Sequence[object]]]


def read_workbook(path: Path, sink: Sink, wanted: Sequence[str] | None) -> None:
    """Put the sheets into the sink: those wanted, or all. Raises UnreadableFile, WrongMapping."""
    with _as_refusals(path), CalamineWorkbook.from_path(path) as book:
        for name, hidden in _named(book, path, sink, wanted):
            sink.sheet(name, hidden=hidden)
            sink.rows(_rows(book.get_sheet_by_name(name)))


def read_xlsx(path: Path, sink: Sink, wanted: Sequence[str] | None) -> None:
    """The same for an .xlsx, whose formulas are looked at and whose large sheets are cut."""
    with _as_refusals(path), zipfile.ZipFile(path) as archive:
        parts = Parts(path, archive)
        with CalamineWorkbook.from_path(path) as book:
            for name, hidden in _named(book, path, sink, wanted):
                _refuse_unsaved(path, parts, name)
                sink.sheet(name, hidden=hidden)
                small = parts.size(name) <= PIECE
                sink.rows(_rows(book.get_sheet_by_name(name)) if small else _long(parts, name))


@contextmanager
def _as_refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, WrongMapping):
        raise
    except PasswordError:
        raise locked(path) from None
    except _BROKEN:
        raise damaged(path) from None


def _named(
    book: CalamineWorkbook, path: Path, sink: Sink, wanted: Sequence[str] | None
) -> list[tuple[str, bool]]:
    """Name of each sheet to read, and whether it is hidden. Charts hold no cells."""
    present = {
        sheet.name: sheet.visible != SheetVisibleEnum.Visible
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet
    }
    if not present:
        raise UnreadableFile(
            "{file} holds charts but no sheet with cells. Nothing was stored. Export the table "
            "itself and retry.",
            file=path.name,
        )
    names = chosen(wanted, list(present), path)
    sink.left_out([name for name in present if name not in names])
    return [(name, present[name]) for name in names]


def _refuse_unsaved(path: Path, parts: Parts, sheet: str) -> None:
    unsaved = parts.unsaved(sheet)
    if unsaved is not None:
        raise UnreadableFile(
            "Formulas on sheet {sheet} of {file} have no stored result: {count}, the first in cell "
            "{cell}. Nothing was stored. Open the file in Excel or LibreOffice, save it there and "
            "retry.",
            sheet=sheet,
            file=path.name,
            count=unsaved.count,
            cell=unsaved.first,
        )


def _rows(sheet: CalamineSheet) -> Numbered:
    """Rows with their numbers; a value merged over several rows stands in each of them."""
    start = sheet.start
    if start is None:
        return
    top, left = start
    below = _merged_down(sheet)
    held: dict[tuple[int, int], object] = {}
    before: list[Any] = [None] * left
    for row, cells in enumerate(sheet.iter_rows(), top):
        whole: list[Any] = before + cells if left else cells
        for place, last in below.get(row, ()):
            for under in range(row + 1, last + 1):
                held[under, place] = whole[place] if place < len(whole) else None
        if held:
            _fill(whole, row, held)
        yield row + 1, whole


def _merged_down(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Row -> (column, last row) of merged cells that run over several rows."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if last > first:
            found.setdefault(first, []).append((column, last))
    return found


def _fill(cells: list[Any], row: int, held: dict[tuple[int, int], object]) -> None:
    for place in [place for number, place in held if number == row]:
        value = held.pop((row, place))
        if place < len(cells) and cells[place] in (None, ""):
            cells[place] = value


def _long(parts: Parts, name: str) -> Numbered:
    """The rows of a large sheet, a piece at a time; its merged cells are left as they are."""
    after = 0
    for piece in parts.pieces(name):
        number, shift = 0, 0
        with CalamineWorkbook.from_filelike(piece) as book:
            for number, cells in _rows(book.get_sheet_by_name(name)):
                if number <= after and not shift:
                    shift = after  # some programs leave the numbers of rows out: they count on
                yield number + shift, cells
        after = max(after, number + shift)
