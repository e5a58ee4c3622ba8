"""CSV as centres export it: any usual mark between cells, rows cut at line ends and nowhere else.

Vertical tabs, form feeds and the like inside a cell stay there: programs that write them as soft
line breaks do not quote them.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from node.importing.refusal import UnreadableFile
from node.importing.sheets.encodings import encoding_of, no_text
from node.importing.sheets.frames import Sink
from node.importing.sheets.limits import MOST_ROW

MARKS = (";", ",", "\t", "|", "~", "^", "\x1f")
_TRIED_ROWS, _TRIED_LETTERS = 200, 2**18
_HINT = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)


def read_text(path: Path, sink: Sink, *, encoding: str | None, mark: str | None) -> None:
    """Put the rows of a text file into the sink. Raises UnreadableFile or WrongMapping."""
    found = encoding_of(path, encoding)
    csv.field_size_limit(MOST_ROW)
    with path.open(encoding=found, newline="") as source:
        try:
            hint = _HINT.match(source.readline(100))
            source.seek(0)
            if hint:
                source.readline()
            lines = _Lines(source, path, path.stat().st_size)
            between = mark or (hint[1] if hint else _mark(source, path))
            sink.sheet("")
            sink.rows(_rows(lines, between, sink))
        except UnicodeDecodeError:
            raise no_text(path) from None


def _mark(source: TextIO, path: Path) -> str:
    """The mark that cuts most of the first rows into equally many cells, and into most."""
    start = source.tell()
    text = source.read(_TRIED_LETTERS)
    source.seek(start)
    pieces = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    if len(pieces) > 2:
        pieces.pop()  # cut off in mid-line, perhaps
    return max(MARKS, key=lambda mark: _evenness(pieces, mark))


def _evenness(lines: list[str], mark: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    try:
        for row in islice(csv.reader(lines, delimiter=mark), _TRIED_ROWS):
            if row:
                widths[len(row)] += 1
    except csv.Error:
        pass
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]))
    if width < 2:
        return 0.0, 1
    return count / widths.total(), width


@dataclass
class _Lines:
    """The lines of a file, each no longer than a row may be; knows how far the file was read."""

    source: TextIO
    path: Path
    size: int
    taken: int = 0
    in_row: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[str]:
        """Lines as csv wants them, with their ends. Raises UnreadableFile for an endless one."""
        take = self.source.readline
        while line := take(MOST_ROW):
            self.in_row += len(line)
            if self.in_row > MOST_ROW > len(line):
                raise csv.Error("many lines in one row: an open quotation mark")
            if len(line) == MOST_ROW:
                raise UnreadableFile(
                    "{file} has a row of more than {most} million characters. Nothing was stored. "
                    "Check that it is a table with a line for each client.",
                    file=self.path.name,
                    most=MOST_ROW // 2**20,
                )
            yield line

    @property
    def part(self) -> float:
        """The part of the file that was read, roughly."""
        return min(1.0, self.taken / max(1, self.size))


def _rows(lines: _Lines, mark: str, sink: Sink) -> Iterator[tuple[int, list[str]]]:
    number = 0
    reader = csv.reader(lines, delimiter=mark, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            lines.taken += lines.in_row
            lines.in_row = 0
            sink.done = lines.part
            yield number, row
    except csv.Error:
        raise UnreadableFile(
            "Row {row} of {file} has a quotation mark that is not closed, or text behind one. "
            "Nothing was stored. Correct that row, or save the table again from your program, and "
            "retry.",
            row=number + 1,
            file=lines.path.name,
        ) from None
