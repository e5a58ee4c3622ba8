"""Files of many kinds for tests of reading, and the command that reads them."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from node.cli import app
from node.store import NodeStore, records
from schemas.cohort import Cohort
from schemas.record import Trajectory

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intake"
FOUR = {
    "Klant": {"field": "client_ref"},
    "Dossier": {"field": "trajectory_ref"},
    "Start": {"field": "started_on"},
    "Status": {"field": "status"},
}
Cells = Sequence[Sequence[object]]


def run(folder: Path, *words: str | Path) -> Result:
    """Run one command of `wegwijs-node` in this process."""
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def mapping(path: Path, columns: Mapping[str, Mapping[str, Any]], **file: Any) -> Path:
    """Write a mapping file."""
    text = json.dumps({"version": 1, "file": file, "columns": columns}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def stored(folder: Path) -> list[Trajectory]:
    """All records of 2023 to 2026, by day of start."""
    quarters = [f"{year}Q{q}" for year in (2023, 2024, 2025, 2026) for q in (1, 2, 3, 4)]
    with NodeStore.open(folder).begin() as connection:
        found = [records.of_cohort(connection, Cohort.parse(one)) for one in quarters]
    return sorted((one for part in found for one in part), key=lambda t: t.started_on)


def workbook(path: Path, **sheets: Cells) -> Path:
    """Save rows as an .xlsx file with these sheets."""
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def open_document(path: Path, rows: Cells) -> Path:
    """Save rows as an .ods file with one sheet; dates are texts such as 2024-09-01."""
    text = "".join(
        "<table:table-row>" + "".join(map(_open_cell, row)) + "</table:table-row>" for row in rows
    )
    content = (
        '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Klanten">{text}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def _open_cell(cell: object) -> str:
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    text = str(cell)
    if len(text) == 10 and text[4] == text[7] == "-":
        return f'<table:table-cell office:value-type="date" office:date-value="{text}"/>'
    shown = f"<text:p>{escape(text)}</text:p>"
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'
