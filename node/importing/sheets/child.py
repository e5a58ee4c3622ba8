"""The process that reads a file: it gets one job as JSON, and answers in frames.

python -m node.importing.sheets.child < job
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from node.importing.refusal import IntakeRefusal
from node.importing.sheets.frames import Sink
from node.importing.sheets.kinds import Kind, kind_of
from node.importing.sheets.limits import MOST_FILE, confine


@dataclass(frozen=True, slots=True)
class Job:
    """Which file to read, and what its mapping says of its form."""

    path: str
    sheets: Sequence[str] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    codes: Sequence[str] = ()


def main() -> None:
    """Read the file of the job; a refusal is an answer too."""
    job = Job(**json.load(sys.stdin))
    path = Path(job.path)
    sink = Sink(sys.stdout.buffer, path.name)
    confine()
    try:
        _read(job, path, sink)
    except IntakeRefusal as refusal:
        sink.refuse(refusal)
    except MemoryError:
        sys.exit(1)
    else:
        sink.end()


def _read(job: Job, path: Path, sink: Sink) -> None:
    kind = kind_of(path)
    if path.stat().st_size > MOST_FILE:
        from node.importing.sheets.xlsx_parts import too_large

        raise too_large(path)
    if kind is Kind.TEXT:
        from node.importing.sheets.text import read_text

        read_text(path, sink, encoding=job.encoding, mark=job.delimiter)
    elif kind is Kind.SPSS:
        from node.importing.sheets.spss import read_spss

        read_spss(path, sink, job.codes)
    elif kind is Kind.XLSX:
        from node.importing.sheets.workbook import read_xlsx

        read_xlsx(path, sink, job.sheets)
    else:
        from node.importing.sheets.workbook import read_workbook

        read_workbook(path, sink, job.sheets)


if __name__ == "__main__":
    main()
