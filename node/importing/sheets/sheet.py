"""Rows of cells, packed: a file of a million rows takes some tens of megabytes.

Rows without any value are left out; each of the others keeps its number. Blocks are JSON, so that
whoever unpacks them runs nothing, whatever the process that read the file had become.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from node.importing.sheets import cells
from node.importing.sheets.cells import PLAIN, Cell, is_empty

MOST_UNPACKED = 64 * 2**20
NumberedRow = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows; `first` and `last` are numbers of rows, `used` the places that hold a value."""

    first: int
    last: int
    count: int
    used: tuple[int, ...]
    packed: bytes = field(repr=False)

    def rows(self) -> Iterator[NumberedRow]:
        """Each row with its number. Raises ValueError when the block is not one."""
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(self.packed, MOST_UNPACKED)
        if unpacking.unconsumed_tail:
            raise ValueError("a block unpacks to more than a block may hold")
        content = json.loads(plain)
        numbers, rows, typed = content["numbers"], content["rows"], content["typed"]
        if numbers is None:
            numbers = range(self.first, self.first + len(rows))
        for number, row in zip(numbers, rows, strict=True):
            for place in typed:
                if place < len(row) and isinstance(row[place], list):
                    row[place] = cells.read(row[place])
            yield number, row


def pack(rows: Sequence[tuple[int, Sequence[object]]]) -> Block:
    """Pack rows, at least one, in the order of their numbers."""
    numbers = [number for number, _ in rows]
    first, last = numbers[0], numbers[-1]
    typed: set[int] = set()
    plain = [_plain(row, typed) for _, row in rows]
    content = {
        "numbers": None if last - first + 1 == len(rows) else numbers,
        "rows": plain,
        "typed": sorted(typed),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    packed = zlib.compress(text.encode("utf-8", "replace"), 1)
    return Block(first, last, len(rows), _used(plain), packed)


def _plain(row: Sequence[object], typed: set[int]) -> Sequence[object]:
    if PLAIN.issuperset(map(type, row)):
        return row
    found = [cells.written(cell) for cell in row]
    typed.update(place for place, cell in enumerate(found) if isinstance(cell, list))
    return found


def _used(rows: Sequence[Sequence[object]]) -> tuple[int, ...]:
    width = max(map(len, rows))
    unused = list(range(width))
    for row in rows:
        unused = [place for place in unused if place >= len(row) or is_empty(row[place])]
        if not unused:
            break
    return tuple(sorted(set(range(width)) - set(unused)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; a CSV file has one, without a name."""

    name: str
    blocks: tuple[Block, ...] = field(repr=False)
    hidden: bool = False

    @property
    def last(self) -> int:
        """The number of the last row that holds anything; 0 when none does."""
        return self.blocks[-1].last if self.blocks else 0

    def rows(self, first: int, last: int) -> Iterator[NumberedRow]:
        """Each row from `first` to `last` that holds anything, a block at a time."""
        for block in self.blocks:
            if first <= block.first and block.last <= last:
                yield from block.rows()
            elif block.last >= first and block.first <= last:
                yield from (one for one in block.rows() if first <= one[0] <= last)

    def ending(self, count: int) -> list[int]:
        """The numbers of the last `count` rows that hold anything."""
        found: list[int] = []
        for block in reversed(self.blocks):
            if len(found) >= count:
                break
            found = [number for number, _ in block.rows()] + found
        return found[len(found) - count :] if count else []

    def used(self, first: int, last: int) -> set[int]:
        """The places that hold a value in the rows from `first` to `last`."""
        found: set[int] = set()
        for block in self.blocks:
            if first <= block.first and block.last <= last:
                found.update(block.used)
            elif block.last >= first and block.first <= last:
                for _, row in Sheet("", (block,)).rows(first, last):
                    found.update(place for place, one in enumerate(row) if not is_empty(one))
        return found

    def count(self, first: int, last: int) -> int:
        """How many rows from `first` to `last` hold anything."""
        return sum(
            block.count
            if first <= block.first and block.last <= last
            else sum(1 for _ in Sheet("", (block,)).rows(first, last))
            for block in self.blocks
        )


@dataclass(frozen=True, slots=True)
class Sheets:
    """What was read of a file, and the names of the sheets that were not asked for."""

    read: tuple[Sheet, ...]
    left_out: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all that was read, hexadecimal."""
        content = hashlib.sha256()
        for sheet in self.read:
            content.update(sheet.name.encode())
            for block in sheet.blocks:
                content.update(block.packed)
        return content.hexdigest()
