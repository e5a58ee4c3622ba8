"""The encrypted file and its key, below SQLAlchemy: where they are, and one raw connection."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from chassis.store.errors import StoreBusy, StoreLocked, StoreMissing
from node.store.keys import PASSPHRASE, KeyFileError, read_key

DATABASE, KEY = "node.db", "node.key"
PATIENCE = 30.0
"""Seconds that a transaction waits for the one before it."""


def connect(path: Path, key: bytes) -> Any:
    """Open a DB-API connection in autocommit; what it writes is on disk when it says so."""
    connection = sqlcipher.connect(str(path), timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is our sentence to say
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def key_of(folder: Path) -> bytes:
    """Return the key of the store in a folder. Raises StoreMissing or StoreLocked."""
    if not (folder / DATABASE).exists() or not (folder / KEY).exists():
        raise StoreMissing(
            "{folder} holds no centre's store. Nothing was changed. Make one with init, or "
            "point to yours with --dir.",
            folder=str(folder),
        )
    try:
        return read_key(folder / KEY, os.environ.get(PASSPHRASE))
    except KeyFileError as error:
        raise StoreLocked(str(error)) from None


def refuse_busy(error: Exception) -> None:
    """Raise StoreBusy if that is what the database's own error means."""
    if "database is locked" in str(error):
        raise StoreBusy(
            "Another program is busy in the store. Nothing was changed. Try again in a minute."
        ) from None


@contextmanager
def opening(*, failures: type[Exception] = sqlcipher.DatabaseError) -> Iterator[None]:
    """Turn the database's own errors at opening into StoreLocked or StoreBusy."""
    try:
        yield
    except failures as error:
        refuse_busy(error)
        raise StoreLocked(
            "The key does not open the store, or the store is damaged. Nothing was changed. Put "
            "back the node.key that belongs to it, or restore a backup."
        ) from None
