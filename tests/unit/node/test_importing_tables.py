"""Files as centres save them: separators, encodings, sheets, titles, totals, damage."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from node.importing.layout import FileLayout
from node.importing.refusal import NothingToImport, UnreadableFile, WrongMapping
from node.importing.table import read_table

ROWS = [["Klant", "Café"], ["1", "crème"], ["2", "€ 3,50"]]


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """Save rows as an .xlsx file with these sheets."""
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators_are_recognised(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "a.csv"
    lines = [separator.join(f'"{cell}"' for cell in row) for row in ROWS]
    path.write_text("\r\n".join(lines), encoding=encoding)
    table = read_table(path)
    assert table.columns == ("Klant", "Café")
    assert [row.cells for row in table.rows] == [("1", "crème"), ("2", "€ 3,50")]


def test_rows_keep_the_number_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Klant;Nota\n1;"twee\nregels"\n\n;\n2;x\n', encoding="utf-8")
    assert [(row.number, row.cells[0]) for row in read_table(path).rows] == [(2, "1"), (5, "2")]


def test_titles_above_and_totals_below_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Overzicht 2025;\n;\nKlant;Uren\n1;3,5\n\nTotaal;3,5\n;\n", encoding="utf-8")
    table = read_table(path, FileLayout(header_row=3, skip_last_rows=1))
    assert table.columns == ("Klant", "Uren")
    assert [row.cells for row in table.rows] == [("1", "3,5")]


def test_two_header_rows_become_one_name(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        A=[["", "Start", None, "Einde"], ["Klant", "WG1", "WG2", "WG1"], [1, 2, 3, 4]],
    )
    table = read_table(path, FileLayout(header_rows=2))
    assert table.columns == ("Klant", "Start WG1", "Start WG2", "Einde WG1")


def test_a_workbook_keeps_dates_and_numbers(tmp_path: Path) -> None:
    day = datetime(2025, 11, 3)  # noqa: DTZ001 - Excel knows no zone
    path = workbook(tmp_path / "a.xlsx", A=[["Klant", "Start"], [412, day], [None, None]])
    assert [row.cells for row in read_table(path).rows] == [(412, day.date())]


def test_chosen_sheets_are_read_together_whatever_the_order_of_their_columns(
    tmp_path: Path,
) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        K1=[["Klant", "Uren"], [1, 2]],
        K2=[["Uren", "Klant"], [3, 4]],
        Nota=[["iets"], ["anders"]],
    )
    table = read_table(path, FileLayout(sheets=("K1", "K2")))
    assert [(row.sheet, row.number, row.cells) for row in table.rows] == [
        ("K1", 2, (1, 2)),
        ("K2", 2, (4, 3)),
    ]


def test_several_sheets_without_a_choice_are_refused_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", K1=ROWS, K2=ROWS, Leeg=[])
    with pytest.raises(WrongMapping, match="several sheets: K1, K2"):
        read_table(path)


def test_an_empty_extra_sheet_is_no_choice_to_make(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", K1=ROWS, Blad2=[])
    assert len(read_table(path).rows) == 2


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", K1=ROWS)
    with pytest.raises(WrongMapping, match="no sheet 2024; it has K1"):
        read_table(path, FileLayout(sheet="2024"))


def test_sheets_with_different_columns_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", K1=ROWS, K2=[["Klant", "Thee"], ["1", "x"]])
    with pytest.raises(WrongMapping, match="different columns: Café, Thee"):
        read_table(path, FileLayout(sheets=("K1", "K2")))


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.touch()
    with pytest.raises(NothingToImport, match="is empty"):
        read_table(path)


def test_a_header_without_rows_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Klant;Uren\n;\n", encoding="utf-8")
    with pytest.raises(NothingToImport, match="header but no rows"):
        read_table(path)


def test_a_header_row_past_the_end_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Klant;Uren\n1;2\n", encoding="utf-8")
    with pytest.raises(NothingToImport, match="no header on row 9"):
        read_table(path, FileLayout(header_row=9))


def test_a_value_under_no_name_has_a_column_named_for_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(";Klant;;Uren;\n1;2;;4;\n2;3;weg;4;\n5;6;;7;;x\n", encoding="utf-8")
    table = read_table(path)
    assert table.columns == ("kolom 1", "Klant", "kolom 3", "Uren", "kolom 6")
    assert [row.cells[2] for row in table.rows] == ["", "weg", ""]
    assert table.rows[2].cells[4] == "x"


def test_columns_of_the_same_name_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Uren;Uren (2); Uren;kolom 5;\n1;2;3;4;5\n", encoding="utf-8")
    assert read_table(path).columns == ("Uren", "Uren (2)", "Uren (3)", "kolom 5", "kolom 5 (2)")


def test_a_file_without_a_header_has_columns_by_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("7;d7\n8;d8\n", encoding="utf-8")
    table = read_table(path, FileLayout(header_row=0))
    assert (table.columns, [row.number for row in table.rows]) == (("kolom 1", "kolom 2"), [1, 2])


def test_rows_below_the_header_are_skipped_on_each_sheet(tmp_path: Path) -> None:
    sheet = [["Klant", "Uren"], ["Antwoord", "hoeveel"], ["{id}", "{q}"], ["1", "2"]]
    path = workbook(tmp_path / "a.xlsx", K1=sheet, K2=sheet)
    table = read_table(path, FileLayout(sheets=("K1", "K2"), skip_rows_below_header=2))
    assert [(row.sheet, row.number, row.cells[0]) for row in table.rows] == [
        ("K1", 4, "1"),
        ("K2", 4, "1"),
    ]


def test_a_quotation_mark_that_stays_open_swallows_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Klant;Nota\n1;"open\n2;x\n3;y\n', encoding="utf-8")
    with pytest.raises(UnreadableFile, match="quotation mark"):
        read_table(path)


def test_a_truncated_workbook_says_it_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", A=ROWS)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFile, match="damaged"):
        read_table(path)


def test_a_workbook_with_a_damaged_sheet_says_it_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", A=[["Klant", "Nota"], *([i, f"x{i}"] for i in range(500))])
    with ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    raw = bytearray(path.read_bytes())
    raw[start + 200 : start + 260] = bytes(60)
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_table(path)


def test_a_workbook_behind_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    streams = "EncryptionInfo", "EncryptedPackage"
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + names)
    with pytest.raises(UnreadableFile, match="has a password"):
        read_table(path)


def test_a_picture_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with pytest.raises(UnreadableFile, match="not a table in text"):
        read_table(path)
