"""`init` and `status`, and how every command of a node ends when something goes wrong."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chassis.store import audit_log, settings
from node.cli import app
from node.store import NodeStore
from node.store.database import Connection
from privacy.secure_sum.keys import Identity
from schemas.key_words import key_words


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    monkeypatch.delenv("WEGWIJS_DEBUG", raising=False)


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def test_init_makes_a_store_that_only_this_user_reads(tmp_path: Path) -> None:
    result = run(tmp_path / "new", "init")
    assert result.exit_code == 0
    assert "Only this user can read it." in result.stdout
    assert "Nothing leaves this computer by that." in result.stdout
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    with NodeStore.open(tmp_path / "new").begin() as connection:
        assert audit_log.check(connection) == 1
        assert settings.get(connection, "identity") is None


def test_init_answers_machines_in_json(tmp_path: Path) -> None:
    facts = json.loads(run(tmp_path / "new", "init", "--json").stdout)
    assert facts == {"folder": str(tmp_path / "new"), "created": True}


def test_init_never_replaces_a_store(tmp_path: Path) -> None:
    run(tmp_path / "new", "init")
    key = (tmp_path / "new" / "node.key").read_bytes()
    again = run(tmp_path / "new", "init")
    assert (again.exit_code, again.stdout) == (4, "")
    assert "already holds a centre's store. Nothing was changed." in again.stderr
    assert (tmp_path / "new" / "node.key").read_bytes() == key


def test_status_says_that_nothing_leaves_before_a_centre_has_joined(tmp_path: Path) -> None:
    run(tmp_path / "new", "init")
    assert "nothing leaves. Next: join" in run(tmp_path / "new", "status").stdout


@pytest.mark.parametrize(
    ("state", "sentence"),
    [("connected", "Connected since"), ("waiting", "keeps trying"), ("refused", "Not let in"),
     ("stopped", "was stopped on"), ("clock", "more than five minutes off"),
     (None, "did not run yet")],
)  # fmt: skip
def test_status_says_where_a_centre_takes_part_and_how_that_goes(
    tmp_path: Path, state: str | None, sentence: str
) -> None:
    run(tmp_path / "new", "init")
    with NodeStore.open(tmp_path / "new").begin() as connection:
        settings.put(connection, "url", b"https://region.example:8443")
        settings.put(connection, "identity", IDENTITY.seed)
        approve_something(connection)
        if state:
            body = json.dumps({"state": state, "at": 1_764_000_000}).encode()
            settings.put(connection, "connection", body)
    said = run(tmp_path / "new", "status").stdout
    assert "Takes part at https://region.example:8443." in said
    assert sentence in said
    assert "Rounds: 0 in a published sum, 0 under way, 0 given up." in said
    assert f"The six words of this centre's key: {key_words(IDENTITY.public_hex)}." in said


IDENTITY = Identity(b"\x07" * 32)


def approve_something(connection: Connection, at: int | None = 1_764_000_000) -> None:
    connection.exec_driver_sql(
        "INSERT INTO signed_document (kind, version, digest, body, approved_at) "
        "VALUES (?, ?, ?, ?, ?)",
        ("programme", 1 if at else 2, "00", "{}", at),
    )


def test_status_says_taking_part_only_of_a_centre_that_does(tmp_path: Path) -> None:
    run(tmp_path / "new", "init")
    store = NodeStore.open(tmp_path / "new")
    with store.begin() as connection:
        settings.put(connection, "url", b"https://region.example:8443")
    said = run(tmp_path / "new", "status").stdout
    assert "It takes part in nothing before you agree to the newest programme." in said
    with store.begin() as connection:
        approve_something(connection)
    assert "Takes part at https" in run(tmp_path / "new", "status").stdout
    run(tmp_path / "new", "pause")
    said = run(tmp_path / "new", "status").stdout
    assert "Joined at https://region.example:8443, and paused: no new round is answered." in said
    assert "Takes part" not in said
    run(tmp_path / "new", "resume")
    with store.begin() as connection:
        approve_something(connection, at=None)  # a newer version came with a round
    said = run(tmp_path / "new", "status").stdout
    assert "Takes part" not in said
    assert "Next: approve." in said


@pytest.mark.parametrize(
    ("ahead", "sentence"), [(240, "240 seconds fast"), (-61, "61 seconds slow"), (0, None)]
)
def test_status_says_by_how_much_the_clock_is_off(
    tmp_path: Path, ahead: int, sentence: str | None
) -> None:
    run(tmp_path / "new", "init")
    with NodeStore.open(tmp_path / "new").begin() as connection:
        settings.put(connection, "url", b"https://region.example:8443")
        body = {"state": "connected", "at": 1_764_000_000, "ahead": ahead}
        settings.put(connection, "connection", json.dumps(body).encode())
    said = run(tmp_path / "new", "status").stdout
    assert sentence is None or sentence in said
    assert ("The clock of this computer is" in said) == (sentence is not None)
    facts = json.loads(run(tmp_path / "new", "status", "--json").stdout)
    assert facts["clock_ahead"] == ahead


def test_status_of_a_new_store_says_what_to_do_next(tmp_path: Path) -> None:
    run(tmp_path / "new", "init")
    assert "No file was read yet. Next: import FILE" in run(tmp_path / "new", "status").stdout
    facts = json.loads(run(tmp_path / "new", "status", "--json").stdout)
    assert (facts["records"], facts["imports"], facts["last_import"]) == (0, 0, None)


def test_the_folder_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEGWIJS_NODE_DIR", str(tmp_path / "here"))
    assert CliRunner().invoke(app, ["init"]).exit_code == 0
    assert (tmp_path / "here" / "node.db").exists()


def test_help_is_dutch_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    english = CliRunner().invoke(app, ["status", "--help"]).stdout
    monkeypatch.delenv("WEGWIJS_LANG")
    dutch = CliRunner().invoke(app, ["status", "--help"]).stdout
    whole = CliRunner().invoke(app, ["--help"]).stdout
    assert "Say what this centre holds and does." in english
    assert "Say what this centre holds and does." not in dutch + whole


def test_status_of_a_witness_says_what_it_certified_and_asks_for_no_file(tmp_path: Path) -> None:
    run(tmp_path / "new", "init")
    with NodeStore.open(tmp_path / "new").begin() as connection:
        settings.put(connection, "url", b"https://region.example:8443")
        settings.put(connection, "identity", IDENTITY.seed)
        settings.put(connection, "role", b"witness")
        approve_something(connection)
    said = run(tmp_path / "new", "status").stdout
    assert "holds keys and no records." in said
    assert "import" not in said
    assert f"The six words of this witness's key: {key_words(IDENTITY.public_hex)}." in said
    assert "Rounds: 0 certified, 0 of these opened, 0 given up." in said
    assert "centre" not in said


def test_init_tells_a_witness_that_it_reads_no_file(tmp_path: Path) -> None:
    assert "Next for a witness: join INVITATION." in run(tmp_path / "new", "init").stdout
