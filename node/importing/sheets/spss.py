"""SPSS files: variables by name in row 1, cases from row 2; a value with a label is its label."""

import math
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pyreadstat

from node.importing.sheets.frames import Sink
from node.importing.sheets.kinds import damaged

_CASES = 20_000


def read_spss(path: Path, sink: Sink, codes: Sequence[str]) -> None:
    """Put the cases into the sink; of variables in `codes` (names or patterns) the codes count.

    Values that the file calls missing are empty. Raises UnreadableFile.
    """
    sink.sheet("")
    try:
        sink.rows(_rows(path, sink, codes))
    except (pyreadstat.ReadstatError, OverflowError, UnicodeDecodeError, ValueError):
        raise damaged(path) from None


def _rows(path: Path, sink: Sink, codes: Sequence[str]) -> Iterator[tuple[int, Sequence[object]]]:
    _, about = pyreadstat.read_sav(str(path), metadataonly=True)
    names = list(about.column_names)
    labels = [
        {} if any(fnmatchcase(name, one) for one in codes) else _labels(about, name)
        for name in names
    ]
    yield 1, names
    total = about.number_rows or 0
    number = 1
    while True:
        found, _ = pyreadstat.read_sav(
            str(path), row_offset=number - 1, row_limit=_CASES, output_format="dict"
        )
        columns = [found[name].tolist() for name in names]
        if not columns or not columns[0]:
            return
        for case in zip(*columns, strict=True):
            number += 1
            sink.done = number / (total + 1) if total else 0.0
            yield number, [_cell(cell, known) for cell, known in zip(case, labels, strict=True)]


def _labels(about: Any, name: str) -> Mapping[object, str]:
    found: Mapping[object, str] = about.variable_value_labels.get(name, {})
    return found


def _cell(cell: object, labels: Mapping[object, str]) -> object:
    if isinstance(cell, float) and math.isnan(cell):
        return None
    return labels.get(cell, cell) if labels else cell
