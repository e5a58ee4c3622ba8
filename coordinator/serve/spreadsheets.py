"""Rows as CSV: one column for each dimension; and the same as Dutch Excel opens it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coordinator.serve.rows import Row

_BOM = "\ufeff"
_FIRST = ("release", "period", "statistic", "horizon", "measure", "variable")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is spelled."""

    delimiter: str
    decimal: str
    start: str = ""


PLAIN = Dialect(",", ".")
EXCEL_NL = Dialect(";", ",", _BOM)


def spell(rows: Iterable[Row], dimensions: Sequence[str], dialect: Dialect = PLAIN) -> str:
    """Return the rows as CSV with a header; an absent number or dimension is an empty field.

    `dimensions`: the columns between `variable` and `unit`.
    """
    last = [name for name in Row.model_fields if name not in (*_FIRST, "cell")]
    out = io.StringIO()
    out.write(dialect.start)
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow([*_FIRST, *dimensions, *last])
    for row in rows:
        cell = [row.cell.get(dimension, "") for dimension in dimensions]
        values = [_text(getattr(row, name), dialect) for name in last]
        writer.writerow([*(getattr(row, name) for name in _FIRST), *cell, *values])
    return out.getvalue()


def _text(value: object, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", dialect.decimal)
    return str(value)
