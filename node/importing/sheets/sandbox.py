"""A process of its own reads a file, within limits: a hostile file harms that process alone."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import IO

from node.importing.refusal import IntakeRefusal, NothingToImport, UnreadableFile, WrongMapping
from node.importing.sheets.child import Job
from node.importing.sheets.frames import Head, block_of, frames
from node.importing.sheets.limits import MOST_PACKED, MOST_SECONDS
from node.importing.sheets.sheet import Block, Sheet, Sheets

_CHILD = "node.importing.sheets.child"
_REFUSALS: Mapping[str, type[IntakeRefusal]] = {
    kind.code: kind for kind in (UnreadableFile, NothingToImport, WrongMapping)
}
_SENTENCE = re.compile(r"(?:[^{}]|\{[a-z]+\})*")
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")  # and no passphrase
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
Progress = Callable[[float], object]


def read_apart(job: Job, name: str, progress: Progress) -> Sheets:
    """Read a file in a process of its own; `progress` is told the part that was read, 0 to 1.

    Raises what the reader refused, and UnreadableFile when it came to an end by itself.
    """
    with _started(job) as (process, source):
        try:
            found = _gathered(frames(source), name, progress)
        except IntakeRefusal:
            raise
        except (ValueError, KeyError, TypeError):  # not what our reader says
            process.kill()
            found = None
        if found is None:
            raise _ended(name, process.wait())
    return found


@contextmanager
def _started(job: Job) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    process = subprocess.Popen(  # noqa: S603 - our own module; the file's name is no argument
        [sys.executable, "-P", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may hold what stands in the file
        env={name: value for name, value in os.environ.items() if name in _PASSED_ON} | _SINGLE,
    )
    limit = threading.Timer(2 * MOST_SECONDS, process.kill)
    limit.daemon = True
    limit.start()
    try:
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipe to the process that reads")
        with process.stdin as pipe:
            pipe.write(json.dumps(asdict(job)).encode())
        yield process, process.stdout
    finally:
        limit.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _gathered(told: Iterator[tuple[Head, bytes]], name: str, progress: Progress) -> Sheets | None:
    """All sheets; None when the process ended before it had said that all was read."""
    sheets: list[tuple[Head, list[Block]]] = []
    left_out: tuple[str, ...] = ()
    total = 0
    for head, body in told:
        match head["is"]:
            case "sheet":
                sheets.append((head, []))
            case "block":
                total += len(body)
                if total > MOST_PACKED:
                    raise _ended(name, 1)
                sheets[-1][1].append(block_of(head, body))
                progress(float(head["done"]))
            case "left_out":
                left_out = tuple(map(str, head["names"]))
            case "refusal":
                raise _refusal(head)
            case "end":
                return Sheets(tuple(_sheet(*one) for one in sheets), left_out)
    return None


def _sheet(head: Head, blocks: list[Block]) -> Sheet:
    return Sheet(str(head["name"]), tuple(blocks), hidden=bool(head["hidden"]))


def _refusal(head: Head) -> IntakeRefusal:
    """The refusal that the process told; its sentence can do no more than name its values."""
    message, values = str(head["message"]), head["values"]
    if not _SENTENCE.fullmatch(message):
        raise ValueError("a refusal is no sentence")
    plain = {str(key): one if isinstance(one, int) else str(one) for key, one in values.items()}
    return _REFUSALS[str(head["code"])](message, **plain)


def _ended(name: str, code: int) -> UnreadableFile:
    if code in _TOOK_TOO_LONG:
        return UnreadableFile(
            "{file} takes longer to read than a file of clients can. Nothing was stored. Save the "
            "table as CSV, or keep fewer rows and columns, and retry.",
            file=name,
        )
    return UnreadableFile(
        "{file} asks for more memory than a file of clients can, or is damaged. Nothing was "
        "stored. Delete rows and columns far outside the table, save it again or as CSV, and "
        "retry.",
        file=name,
    )


_TOOK_TOO_LONG = (-24, -9)  # SIGXCPU, and our own limit of time
