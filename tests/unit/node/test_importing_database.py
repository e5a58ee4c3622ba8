"""A table or query of a centre's own database is read as a file is, and nothing else is done."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from importing_files import FOUR, mapping, run, stored

WAGES = {**FOUR, "Loon": {"field": "wage_before"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's store with nothing in it."""
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert run(where, "init").exit_code == 0
    return where


@pytest.fixture
def address(folder: Path) -> str:
    """A database of SQLite with two clients."""
    file = folder.parent / "klanten.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE klanten (Klant, Dossier, Start, Status, Loon)")
        database.executemany(
            "INSERT INTO klanten VALUES (?, ?, ?, ?, ?)",
            [(1, "a", "2024-09-01", "lopend", 2500), (2, "b", "2024-09-02", "afgerond", None)],
        )
    database.close()
    return f"sqlite:///{file}"


def test_a_table_becomes_records(folder: Path, address: str) -> None:
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(folder, "import-database", address, "klanten", "--mapping", described)
    assert done.exit_code == 0, done.stderr
    assert [(one.started_on, one.wage_before) for one in stored(folder)] == [
        (date(2024, 9, 1), 2500),
        (date(2024, 9, 2), None),
    ]


def test_a_query_becomes_records_and_its_text_is_kept_nowhere(folder: Path, address: str) -> None:
    query = "SELECT Klant, Dossier, Start, Status, Loon FROM klanten WHERE Klant = 1"
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(folder, "import-database", address, query, "--mapping", described, "--json")
    assert (json.loads(done.stdout)["file"], json.loads(done.stdout)["new"]) == ("query", 1)
    assert "Klant = 1" not in done.stdout


def test_a_proposal_for_a_table_reads_that_table(folder: Path, address: str) -> None:
    out = folder.parent / "m.json"
    said = run(folder, "suggest-database", address, "klanten", "--out", out)
    assert said.exit_code == 0, said.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["columns"].keys() == WAGES.keys()


def test_a_query_that_writes_is_refused_and_writes_nothing(folder: Path, address: str) -> None:
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(folder, "import-database", address, "DELETE FROM klanten", "--mapping", described)
    assert done.exit_code == 2
    assert "may only read" in done.stderr
    with sqlite3.connect(address.removeprefix("sqlite:///")) as database:
        assert database.execute("SELECT count(*) FROM klanten").fetchone() == (2,)
    database.close()


def test_a_password_in_the_address_is_refused_before_anything_is_asked(folder: Path) -> None:
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(
        folder, "import-database", "postgresql://ik:Geheim123@127.0.0.1:1/x", "klanten",
        "--mapping", described,
    )  # fmt: skip
    assert done.exit_code == 2
    assert "which every user of this computer can see" in done.stderr
    assert "Geheim123" not in done.output


@pytest.mark.parametrize("server", ["postgresql", "mysql"])
def test_a_server_that_is_not_there_is_said_without_the_password(
    folder: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEGWIJS_DATABASE_PASSWORD", "Geheim123")
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(
        folder, "import-database", f"{server}://ik@127.0.0.1:1/x", "klanten", "--mapping", described
    )
    assert done.exit_code == 2
    assert "does not answer, or refuses" in done.stderr
    assert "Geheim123" not in done.output


@pytest.mark.parametrize(
    ("address", "code", "sentence"),
    [
        ("oracle://ik@server/x", 2, "Databases of this kind are not read: oracle"),
        ("klanten", 2, "no address of a database"),
        ("sqlite:///nergens.db", 4, "is not there"),
    ],
)
def test_an_address_that_cannot_be_used_has_its_sentence(
    folder: Path, address: str, code: int, sentence: str
) -> None:
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(folder, "import-database", address, "klanten", "--mapping", described)
    assert (done.exit_code, sentence in done.stderr) == (code, True), done.stderr


def test_a_table_that_is_not_there_is_named_with_those_that_are(folder: Path, address: str) -> None:
    described = mapping(folder.parent / "m.json", WAGES)
    done = run(folder, "import-database", address, "clients", "--mapping", described)
    assert "no table clients; it has klanten" in done.stderr
