"""`undo-import`: the store is as it was before the last file, but for what clients did since."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from small_region import ASK, small_programme
from store_content import content_of
from typer.testing import CliRunner

from node.admission import charging
from node.admission.check import Standing
from node.cli import app
from node.store import NodeStore, budget, records
from privacy.encode.layout import make_layout
from schemas.cohort import Cohort
from schemas.record import Trajectory

MAPPING = {"version": 1, "columns": {
    "klant": {"field": "client_ref"}, "dossier": {"field": "trajectory_ref"},
    "start": {"field": "started_on"}, "status": {"field": "status"},
    "ok": {"field": "consent_statistics"}, "weg": {"field": "consent_withdrawn_on"},
}}  # fmt: skip
HEADER = "klant;dossier;start;status;ok;weg"
FIRST = ("1;d1;1/9/2024;lopend;ja;", "2;d2;1/9/2024;lopend;ja;", "3;d3;1/9/2024;lopend;ja;")
SECOND = ("1;d1;1/9/2024;afgerond;ja;", "2;d2;1/9/2024;stopgezet;nee;",
          "3;d3;1/9/2024;lopend;ja;1/2/2025", "4;d4;1/9/2024;lopend;ja;")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    run(where, "init")
    return where


def run(folder: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*words, "--dir", str(folder)], input=typed)


def read(folder: Path, *rows: str) -> None:
    file, mapping = folder.parent / "file.csv", folder.parent / "mapping.json"
    file.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    mapping.write_text(json.dumps(MAPPING), encoding="utf-8")
    said = run(folder, "import", str(file), "--mapping", str(mapping))
    assert said.exit_code == 0, said.output


def undone(folder: Path) -> dict[str, Any]:
    said = run(folder, "undo-import", "--json")
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def clients_of(folder: Path) -> dict[str, list[Any]]:
    """All tables but the log, which only grows, and what an import leaves to be undone."""
    left_out = ("audit", "earlier", "setting", "alembic_version")
    return {table: rows for table, rows in content_of(folder).items() if table not in left_out}


def kept(folder: Path) -> dict[str, Trajectory]:
    """Records by the centre's own number of the client."""
    with NodeStore.open(folder).begin() as connection:
        key = connection.exec_driver_sql(
            "SELECT value FROM setting WHERE key = 'reference_key'"
        ).scalar()
        found = records.of_cohort(connection, Cohort.parse("2024Q3"))
    names = {records.pseudonym(key, "client", n): n for n in "1234"}
    return {names[one.client_ref]: one for one in found}


def test_the_store_is_as_it_was_before_the_last_import(folder: Path) -> None:
    read(folder, *FIRST)
    before = clients_of(folder)
    read(folder, *SECOND)
    assert clients_of(folder) != before
    said = undone(folder)
    assert (said["file"], said["gone"], said["restored"], said["counted"]) == ("file.csv", 1, 3, 0)
    assert clients_of(folder) == before


def test_undoing_the_first_import_leaves_an_empty_store(folder: Path) -> None:
    before = clients_of(folder)
    read(folder, *FIRST)
    undone(folder)
    assert clients_of(folder) == before


def test_an_import_that_changed_nothing_is_undone_alone(folder: Path) -> None:
    read(folder, *FIRST)
    before = clients_of(folder)
    read(folder, *FIRST)
    said = undone(folder)
    assert (said["gone"], said["restored"]) == (0, 0)
    assert clients_of(folder) == before


def test_only_the_last_import_can_be_undone_and_only_once(folder: Path) -> None:
    assert run(folder, "undo-import").exit_code == 4
    read(folder, *FIRST)
    read(folder, *SECOND)
    undone(folder)
    said = run(folder, "undo-import")
    assert said.exit_code == 4
    assert "There is no import to undo" in said.stderr
    assert len(kept(folder)) == 3


def test_who_withdrew_since_stays_withdrawn(folder: Path) -> None:
    read(folder, *FIRST)
    read(folder, *SECOND)
    run(folder, "withdraw", typed="1\n3\n")
    undone(folder)
    found = kept(folder)
    assert (found["1"].status, found["1"].consent.counts) == ("running", False)
    assert not found["3"].consent.counts
    assert found["2"].consent.counts


def test_who_was_erased_since_does_not_come_back(folder: Path) -> None:
    read(folder, *FIRST)
    read(folder, *SECOND)
    run(folder, "erase", typed="1\n4\n")
    with NodeStore.open(folder).begin() as connection:
        (left,) = connection.exec_driver_sql(
            "SELECT count(*) FROM earlier WHERE kind = 'record'"
        ).one()
    assert left == 2
    undone(folder)
    assert sorted(kept(folder)) == ["2", "3"]


def test_who_was_counted_meanwhile_stays_in_register_and_ledger_and_is_told(folder: Path) -> None:
    read(folder, *FIRST)
    read(folder, *SECOND)
    programme = small_programme()
    here = Standing(1, None, programme)  # type: ignore[arg-type] # the programme alone is looked at
    layout = make_layout(programme, [ASK])
    with NodeStore.open(folder).begin() as connection:
        charging.count(connection, here, layout, ("2024Q3",), bytes)
        entered = budget.register(connection)
    assert len(entered) == 2  # 1 and 4 agree; 2 said no, 3 withdrew
    assert "2 of their clients were counted" in run(folder, "undo-import").stdout
    with NodeStore.open(folder).begin() as connection:
        assert budget.register(connection) == entered


def test_the_audit_log_notes_what_was_undone(folder: Path) -> None:
    read(folder, *FIRST)
    undone(folder)
    event, details = content_of(folder)["audit"][-1][2:4]
    assert (event, json.loads(details)) == ("import-undone", {"batch": 1, "gone": 3, "restored": 0})
