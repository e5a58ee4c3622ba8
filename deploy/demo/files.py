"""The files of ten centres, each with the mapping its owner would have made."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deploy.demo.centres import CENTRES, Centre, Keeping
from deploy.demo.keeping import Column, Value, columns

Row = Sequence[Value]
_ONE_SHEET = "Trajecten"


@dataclass(frozen=True, slots=True)
class CentreFiles:
    """One centre with the file of its clients and the mapping that explains it."""

    path: Path
    mapping: Path
    name: str
    organisation: str
    recognised_number: str


def write_files(frame: pd.DataFrame, folder: Path) -> list[CentreFiles]:
    """Write each centre's file and mapping into `folder` and return them, centre 0 first.

    `frame` is what `clients.generate` or `sources.load` returns; only columns it has are written.
    Raises ValueError when a centre has no row: an empty file cannot be imported.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write_centre(number, centre, frame[frame["centre"] == number], folder)
        for number, centre in enumerate(CENTRES)
    ]


def _write_centre(number: int, centre: Centre, rows: pd.DataFrame, folder: Path) -> CentreFiles:
    if rows.empty:
        raise ValueError(f"centre {number} has no row; every centre of the demo needs a client")
    stem = f"{number + 1:02d}-{centre.name.lower().replace(' ', '-')}"
    path = folder / f"{stem}.{centre.keeping.suffix}"
    mapping = write_file(rows, centre.keeping, path, title=centre.name)
    return CentreFiles(path, mapping, centre.name, centre.organisation, centre.recognised_number)


def write_file(rows: pd.DataFrame, keeping: Keeping, path: Path, *, title: str) -> Path:
    """Write one file the way its centre keeps it, and its mapping beside it; returns the latter.

    `title` stands above the header where the centre keeps such a line.
    """
    ordered = rows.sort_values("trajectory_ref", kind="stable")
    kept = list(columns(ordered, keeping))
    table: list[Row] = list(zip(*(column.cells for column in kept), strict=True))
    by_sheet = {_ONE_SHEET: table}
    if keeping.quarters:
        by_sheet = _by_quarter(table, ordered["started_on"])
    sheets = {
        sheet: _with_margins(title, kept, lines, keeping) for sheet, lines in by_sheet.items()
    }
    if keeping.suffix == "csv":
        _write_csv(path, sheets[_ONE_SHEET], keeping)
    else:
        _write_xlsx(path, sheets)
    document = _mapping(kept, keeping, list(by_sheet) if keeping.quarters else None)
    mapping = path.with_name(f"{path.stem}.mapping.json")
    mapping.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return mapping


def _mapping(
    kept: Sequence[Column], keeping: Keeping, sheets: list[str] | None
) -> dict[str, object]:
    """Return the mapping document, as `wegwijs-node import --mapping` reads it."""
    return {
        "version": 1,
        "file": {
            "sheet": None,
            "sheets": sheets,
            "header_row": keeping.title_rows + 1,
            "skip_last_rows": int(keeping.totals),
            "nace_revision": "2" if keeping.sectors == "rev2" else "2.1",
        },
        "columns": {column.header: dict(column.meaning) for column in kept},
    }


def _by_quarter(table: Sequence[Row], started: "pd.Series[pd.Timestamp]") -> dict[str, list[Row]]:
    sheets: dict[str, list[Row]] = {}
    for row, day in sorted(zip(table, started, strict=True), key=lambda pair: pair[1]):
        sheets.setdefault(f"K{day.quarter} {day.year}", []).append(row)
    return sheets


def _with_margins(
    title: str, kept: Sequence[Column], table: Sequence[Row], keeping: Keeping
) -> list[Row]:
    """Put the header above the rows, and the title and totals that some centres add."""
    width = len(kept)
    above: list[Row] = [[f"Overzicht trajecten - {title}", *[None] * (width - 1)]]
    above += [["Klant", "Traject", *[None] * (width - 2)]] * (keeping.title_rows - 1)
    below: list[Row] = [["Totaal", len(table), *[None] * (width - 2)]]
    header: Row = [column.header for column in kept]
    return [
        *(above if keeping.title_rows else []),
        header,
        *table,
        *(below if keeping.totals else []),
    ]


def _write_csv(path: Path, rows: Sequence[Row], keeping: Keeping) -> None:
    with path.open("w", encoding=keeping.encoding, newline="") as sink:
        csv.writer(sink, delimiter=keeping.separator, lineterminator="\r\n").writerows(rows)


def _write_xlsx(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    from openpyxl import Workbook  # only three of ten centres need it

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
