"""CSV as centres export it: `;` `,` or tab, UTF-8 (with or without a mark) or Windows-1252."""

import csv
from pathlib import Path

from node.intake.refusal import UnreadableFile

MOST_BYTES = 100 * 2**20
_SEPARATORS = (";", ",", "\t")


def read_delimited(path: Path, header_row: int) -> list[list[str]]:
    """Return every row as text, also empty ones. Raises UnreadableFile."""
    if path.stat().st_size > MOST_BYTES:
        raise UnreadableFile(
            "{file} is larger than {most} MB. Nothing was stored. Split it by year and read "
            "the parts.",
            file=path.name,
            most=MOST_BYTES // 2**20,
        )
    lines = _decode(path).splitlines(keepends=True)
    if lines and lines[0].startswith("sep="):
        lines[0] = "\n"  # a hint for Excel, which hides the line but counts it
    separator = max(_SEPARATORS, key=lambda mark: _width(lines, mark, header_row))
    try:
        return list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        raise UnreadableFile(
            "{file} has a quotation mark that is not closed, or text behind one. Nothing was "
            "stored. Save the table again from your program and retry.",
            file=path.name,
        ) from None


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(
        "{file} is not a table in text. Nothing was stored. Save it as CSV (UTF-8) or as .xlsx "
        "and retry.",
        file=path.name,
    )


def _width(lines: list[str], separator: str, header_row: int) -> int:
    """Count the columns that a separator gives the header."""
    rows = csv.reader(lines, delimiter=separator)
    try:
        for number, row in enumerate(rows, 1):
            if number == header_row:
                return len(row)
    except csv.Error:
        pass
    return 0
