import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from deploy.demo import sample
from deploy.demo.centres import CENTRES
from deploy.demo.clients import generate
from deploy.demo.files import CentreFiles, write_files
from schemas import codes


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return generate(7, 1_500)


@pytest.fixture(scope="module")
def written(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[CentreFiles]:
    return write_files(frame, tmp_path_factory.mktemp("centres"))


def _mapping(files: CentreFiles) -> Any:
    return json.loads(files.mapping.read_text(encoding="utf-8"))


def _lines(written: list[CentreFiles], number: int) -> list[list[str]]:
    keeping = CENTRES[number].keeping
    with written[number].path.open(encoding=keeping.encoding, newline="") as source:
        return list(csv.reader(source, delimiter=keeping.separator))


def _column(written: list[CentreFiles], number: int, field: str) -> list[str]:
    """The cells of one field of a centre's CSV, from the first client to the last."""
    columns = _mapping(written[number])["columns"]
    header = next(name for name, meaning in columns.items() if meaning.get("field") == field)
    lines = _lines(written, number)
    top = _mapping(written[number])["file"]["header_row"] - 1
    below = len(lines) - _mapping(written[number])["file"]["skip_last_rows"]
    place = lines[top].index(header)
    return [line[place] for line in lines[top + 1 : below]]


def test_ten_centres_each_have_a_file_a_mapping_and_a_name(written: list[CentreFiles]) -> None:
    assert len(written) == 10
    assert len({files.name for files in written}) == 10
    assert len({files.organisation for files in written}) == 10
    assert all(files.path.exists() and files.mapping.exists() for files in written)


def test_every_header_is_mapped_once(written: list[CentreFiles]) -> None:
    for number, files in enumerate(written):
        if files.path.suffix == ".csv":
            header = _lines(written, number)[_mapping(files)["file"]["header_row"] - 1]
            assert header == list(_mapping(files)["columns"])


def test_each_csv_has_a_row_for_each_trajectory(
    frame: pd.DataFrame, written: list[CentreFiles]
) -> None:
    for number, files in enumerate(written):
        if files.path.suffix == ".csv":
            got = _column(written, number, "trajectory_ref")
            wanted = frame.loc[frame["centre"] == number, "trajectory_ref"]
            assert sorted(got) == sorted(wanted)


def test_encodings_are_those_that_centres_use(written: list[CentreFiles]) -> None:
    raw = [files.path.read_bytes() for files in written[:7]]
    with pytest.raises(UnicodeDecodeError):
        raw[0].decode("utf-8")  # Windows-1252: the euro sign
    assert raw[1].startswith(b"\xef\xbb\xbf")
    assert raw[2].decode("utf-8").count(",") > raw[2].decode("utf-8").count(";")


def test_a_field_is_written_in_each_centres_own_way(written: list[CentreFiles]) -> None:
    assert _column(written, 0, "price_client")[0].startswith("€ ")
    assert any("," in hours for hours in _column(written, 0, "guidance_hours"))
    assert all("u" in hours for hours in _column(written, 1, "guidance_hours"))
    assert all(len(cell) < 9 for cell in _column(written, 1, "started_on"))
    assert _column(written, 4, "residence")[0].startswith("B-")
    assert set(_column(written, 3, "gender")) <= {"V", "M", "X"}


def test_nis_codes_lead_to_the_residence_of_the_record(
    frame: pd.DataFrame, written: list[CentreFiles]
) -> None:
    rows = frame[frame["centre"] == 3].sort_values("trajectory_ref")
    got = [codes.nuts3_of_nis().get(nis) for nis in _column(written, 3, "residence")]
    assert got == [None if pd.isna(code) else code for code in rows["residence"]]


def test_rev2_letters_are_unambiguous_and_lead_back_to_rev21(
    frame: pd.DataFrame, written: list[CentreFiles]
) -> None:
    table = {
        (row["rev2_section"], division): row["rev21_section"]
        for row in codes.rows("nace2_to_nace21.csv")
        for low, _, high in [row["rev2_divisions"].partition("-")]
        for division in range(int(low), int(high or low) + 1)
    }
    rows = frame[frame["centre"] == 2].sort_values("trajectory_ref")
    for written_as, section in zip(
        _column(written, 2, "sector_before"), rows["sector_before"], strict=True
    ):
        letter, division = written_as[:1], written_as[1:]
        found = {new for (old, number), new in table.items()
                 if old == letter and (not division or number == int(division))}  # fmt: skip
        assert found == ({section} if isinstance(section, str) else set())
    assert _mapping(written[2])["file"]["nace_revision"] == "2"


def test_words_lead_back_to_the_codes(frame: pd.DataFrame, written: list[CentreFiles]) -> None:
    for number, field in ((1, "sector_before"), (0, "labour_status_12m"), (3, "education")):
        columns = _mapping(written[number])["columns"]
        values = next(c["values"] for c in columns.values() if c.get("field") == field)
        rows = frame[frame["centre"] == number].sort_values("trajectory_ref")
        got = [values.get(cell) for cell in _column(written, number, field)]
        assert got == [None if pd.isna(code) else code for code in rows[field]]


def test_a_title_stands_above_and_a_total_below(written: list[CentreFiles]) -> None:
    lines = _lines(written, 6)
    assert _mapping(written[6])["file"]["header_row"] == 3
    assert lines[0][0].startswith("Overzicht")
    assert lines[-1][0] == "Totaal"
    book = load_workbook(written[8].path, read_only=True)
    rows = list(book.active.iter_rows(values_only=True)) if book.active else []
    assert rows[2][0] == "Contact-ID"
    assert rows[-1][0] == "Totaal"


def test_one_centre_has_a_sheet_for_each_quarter(
    frame: pd.DataFrame, written: list[CentreFiles]
) -> None:
    book = load_workbook(written[7].path, read_only=True)
    sheets = ["K1 2024", "K2 2024", "K3 2024", "K4 2024"]
    assert book.sheetnames == sheets == _mapping(written[7])["file"]["sheets"]
    rows = sum(len(list(sheet.iter_rows(min_row=2))) for sheet in book.worksheets)
    assert rows == (frame["centre"] == 7).sum()


def test_free_text_is_in_the_files_and_ignored_by_the_mappings(
    written: list[CentreFiles],
) -> None:
    assert any("belt zelf terug" in cell for line in _lines(written, 0) for cell in line)
    assert _mapping(written[0])["columns"]["Opmerking"] == {"ignore": True}


def test_a_centre_without_clients_is_refused(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="centre 4 has no row"):
        write_files(frame[frame["centre"] != 4], tmp_path)


def test_the_committed_sample_is_what_the_command_writes(tmp_path: Path) -> None:
    shipped = Path(sample.__file__).parent.parent / "sample"
    for path in sample.write_sample(tmp_path):
        assert path.read_bytes() == (shipped / path.name).read_bytes()
    rows = sample.sample()
    assert len(rows) == 200
    assert rows["client_ref"].nunique() == 196
    assert (rows["consent_statistics"] == "no").sum() == 6
