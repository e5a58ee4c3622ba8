"""What stands in an .xlsx beside its values: formulas without a result, and its parts by name.

A workbook is a zip of XML. Its large sheets are read some rows at a time: each piece becomes a
small workbook of its own, so that memory does not grow with the file.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from node.importing.refusal import UnreadableFile
from node.importing.sheets.kinds import damaged

PIECE = 48 * 2**20
_MOST_INDEX, _MOST_PARTS, _MOST_UNPACKED = 4 * 2**20, 10_000, 4_000 * 2**20
_CHUNK = 2**20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = b"purl.oclc.org/ooxml"
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_DATA = re.compile(rb"<((?:\w+:)?)sheetData\s*>")
_UNSAVED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')


@dataclass(frozen=True, slots=True)
class Unsaved:
    """Formulas of a sheet whose result was never stored; `first`: a cell, such as E2."""

    count: int
    first: str


class Parts:
    """The parts of an .xlsx, opened within limits. Raises UnreadableFile."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Look at the index; refuse what is too large or in the strict form."""
        self._path, self._archive = path, archive
        entries = archive.infolist()
        if len(entries) > _MOST_PARTS or sum(one.file_size for one in entries) > _MOST_UNPACKED:
            raise too_large(path)
        book = self._small("xl/workbook.xml")
        if _STRICT in book[:_CHUNK]:
            raise UnreadableFile(
                "{file} was saved as Strict Open XML. Nothing was stored. Save it in Excel as an "
                "ordinary workbook (.xlsx) and retry.",
                file=path.name,
            )
        self._sheets = self._found(book)

    def _found(self, book: bytes) -> dict[str, str]:
        """Name of each sheet -> its part."""
        index = self._small("xl/_rels/workbook.xml.rels")
        relations = ET.fromstring(index)  # noqa: S314 - no DTD passes `_small`
        targets = {one.get("Id"): one.get("Target", "") for one in relations}
        found: dict[str, str] = {}
        for one in ET.fromstring(book).iter():  # noqa: S314
            target = targets.get(one.get(_RELATION))
            if one.tag.endswith("}sheet") and target:
                found[one.get("name", "")] = (
                    target[1:] if target.startswith("/") else f"xl/{target}"
                )
        return found

    def _small(self, name: str) -> bytes:
        """A part that is an index: short, and without a DTD, whose entities could swell."""
        with self._archive.open(name) as source:
            content = source.read(_MOST_INDEX + 1)
        if len(content) > _MOST_INDEX:
            raise too_large(self._path)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise damaged(self._path)
        return content

    def size(self, sheet: str) -> int:
        """Bytes of a sheet once unpacked; 0 when its part is not known."""
        part = self._sheets.get(sheet)
        return self._archive.getinfo(part).file_size if part else 0

    def unsaved(self, sheet: str) -> Unsaved | None:
        """Formulas of a sheet that have no stored result."""
        part = self._sheets.get(sheet)
        if part is None:
            return None
        count, first, rest = 0, b"", b""
        with self._archive.open(part) as source:
            while chunk := source.read(_CHUNK):
                text = rest + chunk
                cut = text.rfind(b"</row>") + 1 or text.rfind(b"row>") + 1
                text, rest = (text[:cut], text[cut:]) if cut else (b"", text)
                found = _without_result(text)
                first = first or (found[0] if found else b"")
                count += len(found)
                if len(rest) > PIECE:
                    raise too_large(self._path)
        return Unsaved(count, first.decode()) if count else None

    def pieces(self, sheet: str) -> Iterator[io.BytesIO]:
        """The sheet as workbooks of some rows each, in order, with that sheet alone filled."""
        part = self._sheets[sheet]
        others = {
            name: self._archive.read(name)
            for name in self._archive.namelist()
            if name != part and not name.startswith(("xl/worksheets/", "xl/media/", "xl/drawings/"))
        }
        empty = {name for name in self._sheets.values() if name != part}
        for piece in self._cut(part):
            yield _zipped(others, empty, part, piece)

    def _cut(self, part: str) -> Iterator[bytes]:
        """The XML of a sheet in pieces that are whole sheets."""
        with self._archive.open(part) as source:
            text = source.read(_CHUNK)
            opening = _DATA.search(text)
            if opening is None:
                raise damaged(self._path)
            head, prefix = text[: opening.end()], opening[1]
            tail = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
            row_end = b"</" + prefix + b"row>"
            rest = text[opening.end() :]
            while chunk := source.read(PIECE):
                text = rest + chunk
                cut = text.rfind(row_end)
                if cut < 0:
                    raise too_large(self._path)
                cut += len(row_end)
                yield head + text[:cut] + tail
                rest = text[cut:]
            cut = rest.rfind(row_end)
            if cut >= 0:
                yield head + rest[: cut + len(row_end)] + tail


def too_large(path: Path) -> UnreadableFile:
    """The refusal of what does not fit in the limits."""
    return UnreadableFile(
        "{file} is too large to be read safely. Nothing was stored. Delete the sheets, rows and "
        "columns that say nothing of clients, or save one sheet as CSV, and retry.",
        file=path.name,
    )


def _without_result(text: bytes) -> list[bytes]:
    """The places of formulas without a stored result; an empty text is a result."""
    if b"<f" not in text and b":f" not in text:
        return []
    found = []
    for cell in _UNSAVED.finditer(text):
        if cell[2].startswith(b"</") or b't="str"' not in cell[1]:
            place = _PLACE.search(cell[1])
            found.append(place[1] if place else b"?")
    return found


_BLANK = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData/></worksheet>"
)


def _zipped(others: dict[str, bytes], empty: set[str], part: str, piece: bytes) -> io.BytesIO:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in others.items():
            archive.writestr(name, content)
        for name in empty:
            archive.writestr(name, _BLANK)
        archive.writestr(part, piece)
    sink.seek(0)
    return sink
