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
        _write_centre(
            centre, rows, folder / f"{number + 1:02d}-{centre.name.lower().replace(' ', '-')}"
        )
        for number, centre in enumerate(CENTRES)
        if (rows := _rows_of(frame, number)) is not None
    ]


def _rows_of(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    rows = frame[frame["centre"] == number].sort_values("trajectory_ref")
    if rows.empty:
        raise ValueError(f"centre {number} has no row; every centre of the demo needs a client")
    return rows


def _write_centre(centre: Centre, rows: pd.DataFrame, stem: Path) -> CentreFiles:
    keeping = centre.keeping
    path = stem.with_name(f"{stem.name}.{keeping.suffix}")
    kept = list(columns(rows, keeping))
    write_table(path, centre.name, kept, keeping, rows["started_on"])
    mapping = stem.with_name(f"{stem.name}.mapping.json")
    document = mapping_of(kept, keeping, _sheets(rows["started_on"]) if keeping.quarters else None)
    mapping.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return CentreFiles(path, mapping, centre.name, centre.organisation, centre.recognised_number)


def mapping_of(
    kept: Sequence[Column], keeping: Keeping, sheets: list[str] | None = None
) -> dict[str, object]:
    """Return the mapping document of a file, as `wegwijs-node import --mapping` reads it."""
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


def write_table(
    path: Path,
    title: str,
    kept: Sequence[Column],
    keeping: Keeping,
    started: "pd.Series[pd.Timestamp]",
) -> None:
    """Write the columns the way this centre keeps them; `started` tells the quarter of a row."""
    table = list(zip(*(column.cells for column in kept), strict=True))
    if keeping.suffix == "csv":
        _write_csv(path, _with_margins(title, kept, table, keeping), keeping)
        return
    if not keeping.quarters:
        _write_xlsx(path, {"Trajecten": _with_margins(title, kept, table, keeping)})
        return
    names = _sheet_names(started)
    sheets = {
        sheet: _with_margins(
            title,
            kept,
            [row for row, name in zip(table, names, strict=True) if name == sheet],
            keeping,
        )
        for sheet in _sheets(started)
    }
    _write_xlsx(path, sheets)


def _sheet_names(started: "pd.Series[pd.Timestamp]") -> list[str]:
    return [f"K{day.quarter} {day.year}" for day in started]


def _sheets(started: "pd.Series[pd.Timestamp]") -> list[str]:
    return sorted(set(_sheet_names(started)), key=lambda name: (name[3:], name))


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
