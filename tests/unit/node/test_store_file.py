"""The encrypted file: who may read it, what opens it, and how it refuses."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.store import settings
from chassis.store.errors import StoreExists, StoreLocked, StoreMissing
from node.store import NodeStore
from node.store.keys import KeyFileError, read_key, write_key
from node.store.summary import summary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "centre"


def test_only_the_service_user_can_read_folder_key_and_database(folder: Path) -> None:
    NodeStore.create(folder)
    modes = [
        path.stat().st_mode & 0o777 for path in (folder, folder / "node.key", folder / "node.db")
    ]
    assert modes == [0o700, 0o600, 0o600]


def test_what_is_stored_cannot_be_read_without_the_key(folder: Path) -> None:
    store = NodeStore.create(folder)
    with store.begin() as connection:
        settings.put(connection, "sentinel", b"a very readable value")
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.name != "node.key")
    assert b"very readable" not in raw
    assert b"SQLite format" not in raw
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(folder / "node.db").execute("SELECT * FROM setting")


def test_a_transaction_is_kept_by_the_next_process(folder: Path) -> None:
    with NodeStore.create(folder).begin() as connection:
        settings.put(connection, "k", b"v")
    with NodeStore.open(folder).begin() as connection:
        assert settings.get(connection, "k") == b"v"


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(folder: Path) -> None:
    with NodeStore.create(folder).begin() as connection:
        settings.put(connection, "k", b"before")
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from chassis.store import settings; from node.store import NodeStore\n"
        "with NodeStore.open(Path(sys.argv[1])).begin() as c:\n"
        "    settings.put(c, 'k', b'after'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False, timeout=60)
    assert done.returncode == -9
    with NodeStore.open(folder).begin() as connection:
        assert settings.get(connection, "k") == b"before"


def test_an_exception_undoes_the_whole_transaction(folder: Path) -> None:
    store = NodeStore.create(folder)

    def fail() -> None:
        with store.begin() as connection:
            settings.put(connection, "k", b"v")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.begin() as connection:
        assert settings.get(connection, "k") is None


def test_writes_wait_for_each_other_and_reach_the_disk(folder: Path) -> None:
    with NodeStore.create(folder).begin() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert [str(value) for value in found] == ["wal", "2", "1", "1"]


def test_a_store_is_made_once(folder: Path) -> None:
    NodeStore.create(folder)
    before = (folder / "node.key").read_bytes()
    with pytest.raises(StoreExists):
        NodeStore.create(folder)
    assert (folder / "node.key").read_bytes() == before


@pytest.mark.parametrize("missing", ["node.db", "node.key"])
def test_a_store_without_its_file_or_its_key_is_missing(folder: Path, missing: str) -> None:
    NodeStore.create(folder)
    (folder / missing).unlink()
    with pytest.raises(StoreMissing):
        NodeStore.open(folder)
    with pytest.raises(StoreMissing):
        summary(folder)


def test_another_key_does_not_open_the_store(folder: Path) -> None:
    NodeStore.create(folder)
    (folder / "node.key").write_bytes(bytes(32))
    for look in (NodeStore.open, summary):
        with pytest.raises(StoreLocked, match="key does not open"):
            look(folder)


def test_a_damaged_database_is_refused_in_one_sentence(folder: Path) -> None:
    NodeStore.create(folder)
    (folder / "node.db").write_bytes(os.urandom(8192))
    with pytest.raises(StoreLocked, match="damaged"):
        NodeStore.open(folder)


def test_a_passphrase_seals_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_PASSPHRASE", "vier losse woorden samen")
    NodeStore.create(folder)
    assert len((folder / "node.key").read_bytes()) > 32
    NodeStore.open(folder)
    monkeypatch.setenv("WEGWIJS_PASSPHRASE", "iets anders")
    with pytest.raises(StoreLocked, match="passphrase does not open"):
        NodeStore.open(folder)
    monkeypatch.delenv("WEGWIJS_PASSPHRASE")
    with pytest.raises(StoreLocked, match="sealed"):
        NodeStore.open(folder)


def test_a_sealed_key_that_was_tampered_with_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    write_key(path, b"k" * 32, "wachtzin")
    assert read_key(path, "wachtzin") == b"k" * 32
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(KeyFileError):
        read_key(path, "wachtzin")


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    write_key(path, b"k" * 32, None)
    with pytest.raises(FileExistsError):
        write_key(path, b"l" * 32, None)


def test_a_summary_counts_what_the_store_counts(folder: Path) -> None:
    NodeStore.create(folder)
    seen = summary(folder)
    assert (seen.records, seen.imports, seen.last_import) == (0, 0, None)


def test_a_summary_loads_no_sqlalchemy(folder: Path) -> None:
    NodeStore.create(folder)
    code = (
        "import sys; from pathlib import Path; from node.store.summary import summary\n"
        "summary(Path(sys.argv[1])); sys.exit('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False, timeout=60)
    assert done.returncode == 0
