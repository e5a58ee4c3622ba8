"""Files that are not what they seem end in data, or in the sentence that says what they are."""

from datetime import date
from pathlib import Path

import pytest
from importing_files import FIXTURES, FOUR, mapping, run, stored, workbook
from openpyxl import Workbook, load_workbook


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's store with nothing in it."""
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert run(where, "init").exit_code == 0
    return where


OLD_XML = b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>"
MISLEADING = FIXTURES / "misleading-file-sentences"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("strict.xlsx", "was saved as Strict Open XML"),
        ("html.xls", "is a web page, whatever its name says"),
        ("tekst.xlsx", "is text and not a workbook"),
        ("aanhaling.csv", "Row 41 of aanhaling.csv has a quotation mark"),
    ],
)
def test_a_misleading_file_is_called_what_it_is(folder: Path, name: str, sentence: str) -> None:
    done = run(folder, "import", MISLEADING / name, "--mapping", MISLEADING / "mapping.json")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Nothing was stored" in done.stderr
    assert stored(folder) == []


def test_a_line_that_names_the_separator_is_no_row(folder: Path) -> None:
    file = MISLEADING / "SEP.csv"
    assert run(folder, "import", file, "--mapping", MISLEADING / "mapping.json").exit_code == 0
    assert [one.started_on for one in stored(folder)] == [date(2024, 9, 1)]


def test_a_soft_line_break_cuts_no_row(folder: Path) -> None:
    case = FIXTURES / "vertical-tab-cuts-a-row"
    done = run(folder, "import", case / "klanten.csv", "--mapping", case / "mapping.json")
    assert done.exit_code == 0, done.stderr
    assert sorted(one.wage_before or 0 for one in stored(folder)) == [2500, 2760]
    assert all(one.consent.counts for one in stored(folder))


@pytest.mark.parametrize("mark", ["\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_only_line_ends_cut_rows(folder: Path, mark: str) -> None:
    file = folder.parent / "a.csv"
    text = f"Klant;Dossier;Start;Status;Nota\n1;a;1/9/2024;lopend;een{mark}twee\n2;b;2/9/2024;x;\n"
    file.write_text(text, encoding="utf-8")
    columns = {**FOUR, "Nota": {"ignore": True}}
    done = run(folder, "import", file, "--mapping", mapping(folder.parent / "m.json", columns))
    assert "row 3, Status" in done.stderr  # as the spreadsheet numbers it
    assert "row 2" not in done.stderr


def test_a_formula_without_a_stored_result_is_named_by_its_cell(folder: Path) -> None:
    case = FIXTURES / "formula-without-stored-result"
    done = run(folder, "import", case / "klanten.xlsx", "--mapping", case / "mapping.json")
    assert done.exit_code == 2
    assert "no stored result: 1, the first in cell E2" in done.stderr
    assert stored(folder) == []


def test_formulas_without_results_are_counted_whatever_their_form(folder: Path) -> None:
    file = workbook(folder.parent / "a.xlsx", A=[["Klant", "Dossier", "Start", "Status"]])
    book = load_workbook(file)
    for row in range(2, 6):
        for column, cell in enumerate((row, f'="d"&{row}', date(2024, 9, 1), "lopend"), 1):
            book["A"].cell(row, column, cell)
    book.save(file)
    done = run(folder, "import", file, "--mapping", mapping(folder.parent / "m.json", FOUR))
    assert "no stored result: 4, the first in cell B2" in done.stderr


def test_a_second_sheet_is_named_and_the_proposal_is_for_the_first(folder: Path) -> None:
    source = FIXTURES / "no-proposal-with-a-second-sheet" / "klanten.xlsx"
    out = folder.parent / "m.json"
    said = run(folder, "suggest-mapping", source, "--out", out)
    assert said.exit_code == 0
    assert "Sheets that are not read: Keuzelijst" in said.stdout
    done = run(folder, "import", source, "--mapping", out)
    assert done.exit_code == 0, done.stderr
    assert "Sheets that are not read: Keuzelijst" in done.stdout
    assert [one.started_on for one in stored(folder)] == [date(2024, 2, 1)]


def test_a_hidden_second_sheet_is_named_as_well(folder: Path) -> None:
    source = FIXTURES / "no-proposal-with-a-second-sheet" / "klanten.xlsx"
    book = load_workbook(source)
    book["Keuzelijst"].sheet_state = "hidden"
    book.save(folder.parent / "hidden.xlsx")
    out = folder.parent / "m.json"
    said = run(folder, "suggest-mapping", folder.parent / "hidden.xlsx", "--out", out)
    assert "Sheets that are not read: Keuzelijst" in said.stdout


def test_a_sheet_of_charts_is_passed_over(folder: Path) -> None:
    from openpyxl.chart import BarChart, Reference

    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["Klant", "Dossier", "Start", "Status"], [1, "a", date(2024, 9, 1), "lopend"]):
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    book.create_chartsheet("Grafiek").add_chart(chart)
    file = folder.parent / "a.xlsx"
    book.save(file)
    done = run(folder, "import", file, "--mapping", mapping(folder.parent / "m.json", FOUR))
    assert done.exit_code == 0, done.stderr
    assert len(stored(folder)) == 1


@pytest.mark.parametrize(
    ("name", "start", "sentence"),
    [
        ("a.csv", b"%PDF-1.7 ...", "is a document of PDF and no table"),
        ("a.xlsx", b"\x1f\x8b\x08\0", "is an archive with other files"),
        ("a.csv", b"SQLite format 3\0", "is a database of SQLite"),
        ("a.xml", b"<?xml version='1.0'?><klanten/>", "is XML and no table"),
        ("a.xls", OLD_XML, "XML of Excel 2003"),
        ("a.xls", b"Klant\0Dossier\0", "is damaged or was not copied"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(
    folder: Path, name: str, start: bytes, sentence: str
) -> None:
    file = folder.parent / name
    file.write_bytes(start)
    done = run(folder, "import", file, "--mapping", mapping(folder.parent / "m.json", FOUR))
    assert done.exit_code == 2
    assert sentence in done.stderr
