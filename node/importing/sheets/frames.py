"""What the process that reads a file tells whoever started it: sheets, blocks, or a refusal.

A frame is two lengths of four bytes, a head in JSON, and a block of a sheet or nothing.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from node.importing.refusal import IntakeRefusal, UnreadableFile
from node.importing.sheets.cells import is_empty
from node.importing.sheets.limits import BLOCK_CELLS, BLOCK_LETTERS, MOST_COLUMNS
from node.importing.sheets.sheet import Block, pack

_LENGTHS = struct.Struct(">II")
_MOST_HEAD, _MOST_BLOCK = 2**20, 64 * 2**20
Head = Mapping[str, Any]


@dataclass
class Sink:
    """Where a reader puts what it finds; `name` is the file's, for sentences."""

    out: IO[bytes]
    name: str
    done: float = 0.0

    def sheet(self, name: str, *, hidden: bool = False) -> None:
        """Begin a sheet: the rows that follow are its own."""
        self._write({"is": "sheet", "name": name, "hidden": hidden})

    def left_out(self, names: Sequence[str]) -> None:
        """Name the sheets that nobody asked for."""
        self._write({"is": "left_out", "names": list(names)})

    def refuse(self, refusal: IntakeRefusal) -> None:
        """Say why the file is not read."""
        told = {"is": "refusal", "code": refusal.code, "message": refusal.message}
        self._write({**told, "values": dict(refusal.values)})

    def end(self) -> None:
        """Say that all was read."""
        self._write({"is": "end"})

    def rows(self, rows: Iterable[tuple[int, Sequence[object]]]) -> None:
        """Hand over rows with their numbers, in order; those without a value are left out.

        Raises UnreadableFile for a row of more columns than any spreadsheet has.
        """
        waiting: list[tuple[int, Sequence[object]]] = []
        size = letters = 0
        for number, row in rows:
            if all(map(is_empty, row)):
                continue
            if len(row) > MOST_COLUMNS:
                raise too_wide(self.name)
            waiting.append((number, row))
            size += len(row)
            letters += sum(len(cell) for cell in row if isinstance(cell, str))
            if size >= BLOCK_CELLS or letters >= BLOCK_LETTERS:
                self._block(pack(waiting))
                waiting, size, letters = [], 0, 0
        if waiting:
            self._block(pack(waiting))

    def _block(self, block: Block) -> None:
        head = {"is": "block", "first": block.first, "last": block.last, "count": block.count,
                "used": block.used, "done": round(self.done, 3)}  # fmt: skip
        self._write(head, block.packed)

    def _write(self, head: Head, body: bytes = b"") -> None:
        plain = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
        self.out.write(_LENGTHS.pack(len(plain), len(body)) + plain + body)
        self.out.flush()


def too_wide(file: str) -> UnreadableFile:
    """The refusal of a table of more columns than any spreadsheet has."""
    return UnreadableFile(
        "{file} has more than {most} columns. Nothing was stored. Keep the columns about clients, "
        "save it again and retry.",
        file=file,
        most=MOST_COLUMNS,
    )


def frames(source: IO[bytes]) -> Iterator[tuple[Head, bytes]]:
    """Read frames until the other end closes. Raises ValueError for what is no frame."""
    while lengths := source.read(_LENGTHS.size):
        if len(lengths) < _LENGTHS.size:
            raise ValueError("a frame ends early")
        head, body = _LENGTHS.unpack(lengths)
        if head > _MOST_HEAD or body > _MOST_BLOCK:
            raise ValueError("a frame is too long")
        plain, packed = source.read(head), source.read(body)
        if len(plain) < head or len(packed) < body:
            raise ValueError("a frame ends early")
        yield json.loads(plain), packed


def block_of(head: Head, packed: bytes) -> Block:
    """The block of a frame. Raises ValueError, TypeError or KeyError for a false head."""
    used = tuple(int(place) for place in head["used"])
    return Block(int(head["first"]), int(head["last"]), int(head["count"]), used, packed)
