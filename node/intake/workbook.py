"""Excel workbooks (.xlsx), values only: formulas as last computed, nothing is executed."""

import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from node.intake.layout import FileLayout
from node.intake.refusal import UnreadableFile, WrongMapping

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_UNPACKED = 500 * 2**20
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"  # OLE container: .xls, or .xlsx behind a password
Grid = list[tuple[Any, ...]]


def read_workbook(path: Path, layout: FileLayout) -> Mapping[str, Grid]:
    """Return the chosen sheets, each as rows of values. Raises UnreadableFile or WrongMapping."""
    _check_container(path)
    with _broken_becomes_refusal(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that we do not read
        from openpyxl import load_workbook  # slow to import; most centres send CSV

        book = load_workbook(path, read_only=True, data_only=True)
        try:
            names = _named(book, layout, path)
            grids = {name: _values(book, name) for name in names}
        finally:
            book.close()
    if layout.sheet is None and layout.sheets is None:
        return _the_only_filled(grids, path)
    return grids


def filled_sheets(path: Path) -> list[str]:
    """Return the names of the sheets that hold anything. Raises UnreadableFile."""
    _check_container(path)
    with _broken_becomes_refusal(path):
        from openpyxl import load_workbook

        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return [sheet.title for sheet in book.worksheets if _values(book, sheet.title)]
        finally:
            book.close()


def _check_container(path: Path) -> None:
    with path.open("rb") as source:
        start = source.read(4)
    if start == _OLD_OR_LOCKED:
        raise UnreadableFile(
            "{file} has a password or is an old .xls file. Nothing was stored. Open it in your "
            "program, save it as .xlsx without a password and retry.",
            file=path.name,
        )
    with _broken_becomes_refusal(path), ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise UnreadableFile(
            "{file} is larger than {most} MB. Nothing was stored. Split it by year and read "
            "the parts.",
            file=path.name,
            most=MOST_UNPACKED // 2**20,
        )


@contextmanager
def _broken_becomes_refusal(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, WrongMapping):
        raise
    except (BadZipFile, ParseError, zlib.error, KeyError, ValueError, EOFError, TypeError):
        raise UnreadableFile(
            "{file} is damaged or was not copied to its end. Nothing was stored. Copy or export "
            "it again and retry.",
            file=path.name,
        ) from None


def _named(book: "Workbook", layout: FileLayout, path: Path) -> Sequence[str]:
    present = [sheet.title for sheet in book.worksheets]
    if layout.sheet is None and layout.sheets is None:
        return present
    wanted = layout.sheets or (layout.sheet or "",)
    missing = [name for name in wanted if name not in present]
    if missing:
        raise WrongMapping(
            "{file} has no sheet {missing}; it has {present}. Nothing was stored. Correct "
            "`sheet` or `sheets` in the mapping file.",
            file=path.name,
            missing=", ".join(missing),
            present=", ".join(present),
        )
    return wanted


def _the_only_filled(grids: Mapping[str, Grid], path: Path) -> Mapping[str, Grid]:
    """Without a choice in the mapping there is one sheet to read, or the file is refused."""
    filled = {name: grid for name, grid in grids.items() if grid}
    if len(filled) > 1:
        raise WrongMapping(
            "{file} has several sheets: {present}. Nothing was stored. Say in the mapping file, "
            "under `sheet` or `sheets`, which to read.",
            file=path.name,
            present=", ".join(filled),
        )
    return filled or {"": []}


def _values(book: "Workbook", name: str) -> Grid:
    sheet: Any = book[name]
    sheet.reset_dimensions()  # some exporters write a wrong size, which would cut rows off
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    while rows and not any(value not in (None, "") for value in rows[-1]):
        rows.pop()
    return rows
