"""A later file adds: what it does not say keeps its value, and a value goes only when declared."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from store_content import content_of
from typer.testing import CliRunner

from node.cli import app
from node.store import NodeStore, records
from schemas.cohort import Cohort
from schemas.record import Trajectory

CASES = Path(__file__).parents[2] / "fixtures" / "intake"
SURVEY = CASES / "survey-file-wipes-record"
REQUIRED = {"klant": "client_ref", "dossier": "trajectory_ref", "start": "started_on",
            "status": "status"}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    NodeStore.create(where)
    return where


def imported(folder: Path, file: Path, mapping: Path, *more: str) -> Result:
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder), *more]
    return CliRunner().invoke(app, words)


def read(folder: Path, header: str, *rows: str, empty: str = "", **fields: str) -> dict[str, Any]:
    """Import rows under a header; `fields`: column -> field; `empty`: a column that clears."""
    columns: dict[str, dict[str, str]] = {
        name: {"field": field} for name, field in {**REQUIRED, **fields}.items()
    }
    if empty:
        columns[empty]["empty"] = "clears"
    file, mapping = folder.parent / "file.csv", folder.parent / "mapping.json"
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    mapping.write_text(json.dumps({"version": 1, "columns": columns}), encoding="utf-8")
    said = imported(folder, file, mapping, "--json")
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def only(folder: Path, cohort: str = "2024Q3") -> Trajectory:
    with NodeStore.open(folder).begin() as connection:
        (one,) = records.of_cohort(connection, Cohort.parse(cohort))
    return one


def test_a_survey_file_adds_answers_and_wipes_neither_wage_nor_place_nor_consent(
    folder: Path,
) -> None:
    imported(folder, SURVEY / "klanten.csv", SURVEY / "mapping.json")
    said = imported(folder, SURVEY / "enquete.csv", SURVEY / "enquete.mapping.json")
    assert said.exit_code == 0
    one = only(folder)
    assert (one.wage_before, one.residence, one.consent.counts) == (2760, "BE234", True)
    assert one.wellbeing == {"end": {"meaning": (4, None, None)}}
    assert "0 new, 1 changed, 0 already there." in said.stdout
    assert "Filled in where nothing stood: wellbeing.end (1)." in said.stdout
    assert "Replaced" not in said.stdout
    assert "Taken away" not in said.stdout


def test_the_two_files_in_the_other_order_make_the_same_record(folder: Path) -> None:
    imported(folder, SURVEY / "enquete.csv", SURVEY / "enquete.mapping.json")
    imported(folder, SURVEY / "klanten.csv", SURVEY / "mapping.json")
    one = only(folder)
    assert (one.wage_before, one.residence, one.consent.counts) == (2760, "BE234", True)
    assert one.wellbeing == {"end": {"meaning": (4, None, None)}}


HEADER = "klant;dossier;start;status;loon"


def test_an_empty_cell_keeps_a_value_unless_the_mapping_says_that_it_clears(folder: Path) -> None:
    read(folder, HEADER, "1;d1;1/9/2024;lopend;2760", loon="wage_before")
    kept = read(folder, HEADER, "1;d1;1/9/2024;lopend;", loon="wage_before")
    assert (kept["same"], only(folder).wage_before) == (1, 2760)
    gone = read(folder, HEADER, "1;d1;1/9/2024;lopend;nvt", loon="wage_before", empty="loon")
    assert (gone["changed"], only(folder).wage_before) == (1, None)
    assert gone["values"] == {"filled": {}, "replaced": {}, "emptied": {"wage_before": 1}}


def test_what_changed_is_told_in_counts_by_field(folder: Path) -> None:
    header = HEADER + ";wg;uren"
    fields = {"loon": "wage_before", "wg": "wellbeing.intake.meaning.2", "uren": "guidance_hours"}
    read(folder, header, "1;d1;1/9/2024;lopend;2760;3;", "2;d2;1/9/2024;lopend;;;", **fields)
    told = read(
        folder, header, "1;d1;1/9/2024;afgerond;2800;4;2", "2;d2;1/9/2024;lopend;1900;5;", **fields
    )
    assert told["values"] == {
        "filled": {"wage_before": 1, "wellbeing.intake": 1, "guidance_hours": 1},
        "replaced": {"status": 1, "wage_before": 1, "wellbeing.intake": 1},
        "emptied": {},
    }


@pytest.mark.parametrize(
    ("cell", "counts"), [("ja", True), ("nee", False), ("", True), ("nvt", True)]
)
def test_consent_changes_by_a_word_and_not_by_silence(
    folder: Path, cell: str, counts: bool
) -> None:
    header = "klant;dossier;start;status;ok"
    read(folder, header, "1;d1;1/9/2024;lopend;ja", ok="consent_statistics")
    told = read(folder, header, f"1;d1;1/9/2024;lopend;{cell}", ok="consent_statistics")
    assert only(folder).consent.counts is counts
    assert told["agreed_before"] == (cell in ("", "nvt"))


def test_an_empty_consent_that_clears_is_a_no(folder: Path) -> None:
    header = "klant;dossier;start;status;ok"
    read(folder, header, "1;d1;1/9/2024;lopend;ja", ok="consent_statistics")
    told = read(folder, header, "1;d1;1/9/2024;lopend;", ok="consent_statistics", empty="ok")
    assert not only(folder).consent.counts
    assert told["values"]["emptied"] == {"consent_statistics": 1}
    assert told["agreed_before"] == 0


def test_one_answered_item_replaces_one_item(folder: Path) -> None:
    header = "klant;dossier;start;status;a;b"
    fields = {"a": "wellbeing.intake.meaning.1", "b": "wellbeing.intake.meaning.3"}
    read(folder, header, "1;d1;1/9/2024;lopend;2;5", **fields)
    read(folder, header, "1;d1;1/9/2024;lopend;3;", **fields)
    assert only(folder).wellbeing == {"intake": {"meaning": (3, None, 5)}}
    read(folder, header, "1;d1;1/9/2024;lopend;;", empty="b", **fields)
    assert only(folder).wellbeing == {"intake": {"meaning": (3, None, None)}}


def test_a_new_sector_does_not_keep_the_division_of_the_old_one(folder: Path) -> None:
    header = "klant;dossier;start;status;sector"
    read(folder, header, "1;d1;1/9/2024;lopend;86.10", sector="sector_before")
    read(folder, header, "1;d1;1/9/2024;lopend;", sector="sector_before")
    assert (only(folder).sector_before, only(folder).division_before) == ("R", "86")
    read(folder, header, "1;d1;1/9/2024;lopend;F", sector="sector_before")
    assert (only(folder).sector_before, only(folder).division_before) == ("F", None)


def test_dates_that_contradict_an_earlier_file_are_refused_with_their_row(folder: Path) -> None:
    header = "klant;dossier;start;status;einde"
    read(folder, header, "1;d1;1/9/2024;afgerond;1/11/2024", einde="ended_on")
    file, mapping = folder.parent / "file.csv", folder.parent / "mapping.json"
    columns = {name: {"field": field} for name, field in REQUIRED.items()}
    mapping.write_text(json.dumps({"version": 1, "columns": columns}), encoding="utf-8")
    file.write_text(
        "klant;dossier;start;status\n2;d2;1/9/2024;lopend\n1;d1;1/9/2025;afgerond\n",
        encoding="utf-8",
    )
    said = imported(folder, file, mapping)
    assert said.exit_code == 3
    assert "1 row does not go together with what stands here" in said.stderr
    assert "row 3; expected: dates that follow" in said.stderr
    assert only(folder).started_on == date(2024, 9, 1)


def test_a_dry_run_tells_the_same_counts_and_leaves_the_store_as_it_was(folder: Path) -> None:
    imported(folder, SURVEY / "klanten.csv", SURVEY / "mapping.json")
    before = content_of(folder)
    files = (SURVEY / "enquete.csv", SURVEY / "enquete.mapping.json")
    rehearsed = json.loads(imported(folder, *files, "--json", "--dry-run").stdout)
    assert content_of(folder) == before
    done = json.loads(imported(folder, *files, "--json").stdout)
    assert {**rehearsed, "dry_run": False} == done


def test_client_numbers_that_excel_destroyed_are_refused_each_with_its_row(folder: Path) -> None:
    case = CASES / "client-number-destroyed-by-excel"
    said = imported(folder, case / "klanten.csv", case / "mapping.json")
    assert said.exit_code == 2
    for row, cell in ((2, "8,50731E+10"), (3, "8,50731E+10"), (4, "#N/B"), (5, "#N/B")):
        assert f'row {row}, klant: "{cell}"; expected: a number' in said.stderr
    assert "row 6, klant" in said.stderr
    assert "There is a problem in 5 of 5 rows. Nothing was stored." in said.stderr


@pytest.mark.parametrize("number", ["8e10", "12E5", "#12", "nr#n/b", "1.5.2024", "85073112345"])
def test_a_code_that_only_looks_like_one_is_read(folder: Path, number: str) -> None:
    read(folder, "klant;dossier;start;status", f"{number};d1;1/9/2024;lopend")
    assert only(folder).status == "running"
