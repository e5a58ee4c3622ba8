"""`wegwijs-node import`: what is stored, and that a wrong file stores nothing."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import Workbook
from sqlalchemy import Connection, select
from typer.testing import CliRunner

from chassis.store import audit_log
from node.cli import app
from node.store import NodeStore, records
from node.store.tables import batch
from schemas.cohort import Cohort

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intake"
CLIENTS, MAPPING = FIXTURES / "klanten.csv", FIXTURES / "klanten.mapping.json"
HEADER, FIRST, SECOND = CLIENTS.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's store with nothing in it."""
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert run(where, "init").exit_code == 0
    return where


def run(folder: Path, *words: str | Path) -> Result:
    """Run one command of `wegwijs-node` in this process."""
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def imported(folder: Path, file: Path, *more: str, mapping: Path = MAPPING) -> Result:
    """Run `import`."""
    return run(folder, "import", file, "--mapping", mapping, *more)


def saved(folder: Path, *lines: str) -> Path:
    """Write a CSV file beside the store."""
    path = folder.parent / "file.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def imports(connection: Connection) -> list[tuple[str, int, int]]:
    """(file, imported at, rows) of each import."""
    rows = connection.execute(select(batch).order_by(batch.c.id))
    return [(row.file, row.imported_at, row.rows) for row in rows]


def content(folder: Path) -> tuple[list[Any], ...]:
    """All that the store says, to compare before and after."""
    with NodeStore.open(folder).begin() as connection:
        cohorts = [records.of_cohort(connection, Cohort.parse(f"2025Q{q}")) for q in (1, 2, 3, 4)]
        whole = [record for cohort in cohorts for record in cohort]
        return whole, imports(connection), [audit_log.check(connection)]


def refused(folder: Path, result: Result, before: tuple[list[Any], ...]) -> str:
    """Assert a refusal of wrong input that changed nothing; return its words."""
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert content(folder) == before
    assert "Nothing was stored" in result.stderr
    return result.stderr


def test_a_file_becomes_records_without_the_centres_own_references(folder: Path) -> None:
    assert imported(folder, CLIENTS).exit_code == 0
    found, batches, _ = content(folder)
    first = next(record for record in found if record.status == "completed")
    assert (len(found), len(batches)) == (2, 1)
    assert (first.residence, first.sector_before, first.guidance_quarters) == ("BE234", "R", 14)
    assert (first.price_client, first.started_on) == (4500, date(2025, 11, 3))
    assert first.wellbeing == {"intake": {"meaning": (4, None, None)}}
    assert first.consent.counts
    assert len(first.client_ref) == len(first.trajectory_ref) == 64
    raw = (folder / "node.db").read_bytes()
    assert b"00412" not in raw
    assert b"belt na" not in raw


def test_the_same_file_again_is_nothing_new(folder: Path) -> None:
    imported(folder, CLIENTS)
    again = json.loads(imported(folder, CLIENTS, "--json").stdout)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 2)
    assert len(content(folder)[0]) == 2


def test_a_corrected_row_replaces_the_record(folder: Path) -> None:
    imported(folder, CLIENTS)
    corrected = saved(folder, HEADER, FIRST.replace("9000 Gent", "2000 Antwerpen"), SECOND)
    answer = json.loads(imported(folder, corrected, "--json").stdout)
    assert (answer["new"], answer["changed"], answer["same"]) == (0, 1, 1)
    assert {record.residence for record in content(folder)[0]} == {"BE211", "BE254"}


def test_a_dry_run_says_what_would_happen_and_stores_nothing(folder: Path) -> None:
    before = content(folder)
    answer = json.loads(imported(folder, CLIENTS, "--dry-run", "--json").stdout)
    assert (answer["rows"], answer["new"], answer["dry_run"]) == (2, 2, True)
    assert content(folder) == before


def test_an_unknown_column_is_named(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER + ";Schoenmaat", FIRST + ";39")
    assert "does not mention: Schoenmaat" in refused(folder, imported(folder, file), before)


def test_a_date_in_the_future_is_named_with_its_row(folder: Path) -> None:
    before = content(folder)
    tomorrow = (date.today() + timedelta(days=2)).strftime("%d/%m/%Y")  # noqa: DTZ011
    file = saved(folder, HEADER, FIRST, SECOND.replace("4/11/25", tomorrow))
    said = refused(folder, imported(folder, file), before)
    assert "1 of 2 rows" in said
    assert f'row 3, Datum intake: "{tomorrow}"' in said
    assert "not in the future" in said


def test_a_score_of_8_on_a_scale_of_5_is_named_with_its_row(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST.replace(";4;ja", ";8;ja"), SECOND)
    said = refused(folder, imported(folder, file), before)
    assert 'row 2, WG1: "8"; expected: a score from 1 to 5' in said


def test_an_empty_file_is_said_to_be_empty(folder: Path) -> None:
    before = content(folder)
    file = folder.parent / "leeg.csv"
    file.touch()
    assert "leeg.csv is empty" in refused(folder, imported(folder, file), before)


def test_a_truncated_workbook_is_said_to_be_damaged(folder: Path) -> None:
    before = content(folder)
    book, file = Workbook(write_only=True), folder.parent / "half.xlsx"
    sheet = book.create_sheet("A")
    for line in (HEADER, FIRST, SECOND):
        sheet.append(line.split(";"))
    book.save(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    said = refused(folder, imported(folder, file), before)
    assert "half.xlsx is damaged or was not copied to its end" in said


def test_the_mapping_of_another_file_is_recognised_as_such(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, "naam;leeftijd", "a;1")
    assert "for another file" in refused(folder, imported(folder, file), before)


def test_a_file_given_as_mapping_is_refused(folder: Path) -> None:
    before = content(folder)
    result = imported(folder, CLIENTS, mapping=CLIENTS)
    assert "not a mapping file" in refused(folder, result, before)


def test_one_wrong_row_keeps_all_rows_out(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST, SECOND.replace("lopend", "on the moon"))
    said = refused(folder, imported(folder, file), before)
    assert "expected: one of completed, running, stopped" in said


def test_the_wrong_cells_are_listed_in_json_too(folder: Path) -> None:
    file = saved(folder, HEADER, FIRST.replace("9000 Gent", "thuis"), SECOND)
    result = imported(folder, file, "--json")
    (cell,) = json.loads(result.stdout)["wrong"]
    assert result.exit_code == 2
    assert (cell["row"], cell["column"], cell["value"]) == (2, "Postcode + gemeente", "thuis")


def test_right_rows_can_be_read_alone_and_the_others_are_counted(folder: Path) -> None:
    file = saved(folder, HEADER, FIRST, SECOND.replace("lopend", "on the moon"))
    result = imported(folder, file, "--skip-wrong")
    assert result.exit_code == 0
    assert "1 wrong row was skipped" in result.stdout
    assert len(content(folder)[0]) == 1


def test_skipping_all_rows_is_refused(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST.replace("afgerond", "on the moon"))
    assert "No row is right" in refused(folder, imported(folder, file, "--skip-wrong"), before)


def test_a_reference_that_stands_twice_is_named_with_both_rows(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST, SECOND.replace("2025-018", "2025-017"))
    said = refused(folder, imported(folder, file), before)
    assert "row 3, Dossiernummer" in said
    assert "also in row 2" in said


def test_a_missing_required_value_is_named(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST.replace("00412", ""), SECOND)
    assert "row 2, Klantnr" in refused(folder, imported(folder, file), before)


def test_an_own_word_that_means_nothing_leaves_a_required_field_empty(folder: Path) -> None:
    before = content(folder)
    file = saved(folder, HEADER, FIRST.replace("afgerond", "later"))
    assert "row 2, Status traject" in refused(folder, imported(folder, file), before)


def test_a_number_that_starts_again_each_year_does_not_overwrite_another_client(
    folder: Path,
) -> None:
    imported(folder, CLIENTS)
    before = content(folder)
    file = saved(folder, HEADER, FIRST.replace("00412", "00999"))
    result = imported(folder, file)
    assert result.exit_code == 3
    assert "belongs to another client" in result.stderr
    assert content(folder) == before


def test_control_characters_of_a_file_do_not_reach_the_terminal(folder: Path) -> None:
    file = saved(folder, HEADER, FIRST.replace("afgerond", "\x1b[2Jweg"))
    result = imported(folder, file)
    assert "\x1b" not in result.output
    assert "?[2Jweg" in result.stderr


def test_a_file_that_is_not_there_is_another_kind_of_failure(folder: Path) -> None:
    result = imported(folder, folder / "nergens.csv")
    assert result.exit_code == 4
    assert "nergens.csv is not there" in result.stderr


def test_importing_needs_a_store(tmp_path: Path) -> None:
    result = imported(tmp_path / "none", CLIENTS)
    assert result.exit_code == 4
    assert not (tmp_path / "none").exists()


def test_refusals_are_dutch_unless_asked_otherwise(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEGWIJS_LANG")
    file = saved(folder, HEADER, FIRST.replace("9000 Gent", "thuis"))
    said = imported(folder, file).stderr
    assert "Er is een probleem in 1 van 1 rijen. Er is niets bewaard." in said
    assert 'rij 2, Postcode + gemeente: "thuis"; verwacht: een Belgische postcode' in said


def test_status_tells_the_last_import(folder: Path) -> None:
    imported(folder, CLIENTS)
    seen = json.loads(run(folder, "status", "--json").stdout)
    assert (seen["records"], seen["imports"]) == (2, 1)
    assert (seen["last_import"]["file"], seen["last_import"]["rows"]) == ("klanten.csv", 2)
    assert "Last read: klanten.csv, 2 rows" in run(folder, "status").stdout
