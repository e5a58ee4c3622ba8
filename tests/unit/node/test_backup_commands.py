"""`backup` and `restore`: what the owner sees, and what is refused."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chassis.store import audit_log, settings
from node.cli import app
from node.store import NodeStore


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    monkeypatch.delenv("WEGWIJS_BACKUP_PASSPHRASE", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with NodeStore.create(tmp_path / "centre").begin() as connection:
        settings.put(connection, "identity", b"i" * 32)
        settings.put(connection, "kem", b"a very secret key")
    return tmp_path / "centre"


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def test_a_recovery_code_is_shown_once_and_opens_the_backup_in_any_spelling(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, new = tmp_path / "b.backup", tmp_path / "new"
    made = json.loads(run(folder, "backup", file, "--json").stdout)
    assert file.stat().st_mode & 0o077 == 0
    raw = file.read_bytes()
    assert b"SQLite format" not in raw
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", made["recovery_code"].lower().replace("-", " "))
    said = run(new, "restore", file)
    assert said.exit_code == 0, said.output
    assert "zeros and noise only" in said.stdout
    with NodeStore.open(new).begin() as connection:
        assert settings.get(connection, "identity") == b"i" * 32
        assert settings.get(connection, "kem") is None
        assert audit_log.check(connection) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.backup", "centre", "new"]


def test_another_passphrase_a_damaged_file_or_none_restores_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.backup"
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", "vier losse woorden samen")
    assert "read back: 0 trajectories" in run(folder, "backup", file).stdout
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "damaged").write_bytes(raw)
    (tmp_path / "short").write_bytes(b"x")
    for bad in ("damaged", "short"):
        assert "cannot be read" in run(tmp_path / "new", "restore", tmp_path / bad).stderr
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", "vijf andere woorden")
    assert "cannot be read" in run(tmp_path / "new", "restore", file).stderr
    monkeypatch.delenv("WEGWIJS_BACKUP_PASSPHRASE")
    assert run(tmp_path / "new", "restore", file).exit_code == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.heavy
def test_nothing_is_written_over_and_no_short_passphrase_is_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.backup"
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", "kort")
    assert run(folder, "backup", file).exit_code == 2
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", "vier losse woorden samen")
    run(folder, "backup", file)
    before = file.read_bytes()
    assert "is there already" in run(folder, "backup", file).stderr
    assert file.read_bytes() == before
    assert "is not empty" in run(folder, "restore", file).stderr
