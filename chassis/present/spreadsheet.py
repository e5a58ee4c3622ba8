"""Rows as CSV: as programs read it, and as Dutch Excel opens it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is spelled."""

    delimiter: str
    decimal: str
    start: str = ""


PLAIN = Dialect(",", ".")
EXCEL_NL = Dialect(";", ",", _BOM)


def spell(header: Sequence[str], rows: Iterable[Sequence[object]], dialect: Dialect = PLAIN) -> str:
    """Return the rows as CSV under a header; None is an empty field."""
    out = io.StringIO()
    out.write(dialect.start)
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_text(value, dialect) for value in row])
    return out.getvalue()


def _text(value: object, dialect: Dialect) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", dialect.decimal)
    return str(value)
