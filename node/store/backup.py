"""The backup: one encrypted file with what a centre cannot make again, and nothing it must forget.

The file is a SQLCipher database. Its first 16 bytes, which SQLCipher keeps in clear, are the
salt of the key: scrypt of a passphrase that belongs to the backup alone.

In it: records, imports, who withdrew, identity and Flower keys, the region, documents, charges, the
counted register, the audit log, digests of what left, rounds that ended. Never in it: prekeys, the
key card's secret, links, channel keys, open rounds, the bytes of anything that left.

BackupError
├── BackupThere       a file of that name is there already
├── BackupUnreadable  no backup, a damaged one, or another passphrase
└── FolderInUse       the folder to restore into is not empty
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from chassis.errors import Refusal
from node.store import cipher
from node.store.keys import PASSPHRASE, backup_key, write_key

_SALT = 16
KEPT_SETTINGS = (
    "authority", "ca", "committee", "flower", "forgotten_until", "forgotten_up_to", "generation",
    "identity", "least_witnesses", "mapping_sources", "name", "node", "paused",
    "reference_key", "restored_at", "role", "special_category_basis", "stuck_days", "token", "url",
    "watched_folders",
)  # fmt: skip
LEFT_SETTINGS = ("card", "connection", "eligibility", "halted", "kem")
_WHOLE = (
    "alembic_version", "audit", "batch", "charge", "counted", "earlier", "lookalike", "number",
    "signed_document", "record", "restriction", "withdrawal",
)  # fmt: skip
_KEPT_EGRESS = """
INSERT INTO copy.egress SELECT id, at, kind, number, size, digest, x'' FROM main.egress
"""
_KEPT_ROUNDS = """
INSERT INTO copy.round
SELECT number, rid, descriptor, '[]', NULL, NULL, committee, mark, set_digest, set_ids, NULL,
       outcome, updated_at
FROM main.round WHERE outcome IN ('in_sum', 'not_in_sum', 'abandoned')
"""
_KEPT_SETTINGS = """
INSERT INTO copy.setting
SELECT key, value FROM main.setting WHERE key IN (SELECT value FROM json_each(?))
"""
_GENERATION = """
INSERT OR REPLACE INTO copy.setting
SELECT 'generation', CAST(json_extract(json_extract(CAST(value AS TEXT), '$.body'), '$.generation')
                          AS BLOB)
FROM main.setting WHERE key = 'card'
"""


class BackupError(Refusal, RuntimeError):
    """No backup was made or restored. Nothing was changed."""

    code = "backup"
    exit_code = 4


class BackupThere(BackupError):
    """A file of that name is there already."""

    code = "backup-there"


class BackupUnreadable(BackupError):
    """No backup, a damaged one, or another passphrase."""

    code = "backup-unreadable"


class FolderInUse(BackupError):
    """The folder to restore into is not empty."""

    code = "folder-in-use"


def write(folder: Path, target: Path, passphrase: str, made_at: int) -> Mapping[str, int]:
    """Write a backup of the store in `folder`, as it is at one moment, and read it back.

    The service may run meanwhile. Returns rows by table. Raises StoreError or BackupError.
    """
    if target.exists():
        raise BackupThere(
            "{file} is there already. Nothing was changed. Give the backup another name.",
            file=str(target),
        )
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        salt = os.urandom(_SALT)
        written = _copy(folder, part, _key(passphrase, salt), made_at)
        _flush(part)
        if _rows(part, passphrase) != written:
            raise _unreadable()
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return written


def _key(passphrase: str, salt: bytes) -> str:
    return f"x'{backup_key(passphrase, salt).hex()}{salt.hex()}'"


def _copy(folder: Path, part: Path, key: str, made_at: int) -> Mapping[str, int]:
    source = cipher.key_of(folder)
    with cipher.opening(), closing(cipher.connect(folder / cipher.DATABASE, source)) as connection:
        connection.execute("ATTACH DATABASE ? AS copy KEY ?", (str(part), key))
        connection.execute("BEGIN")  # one moment of the store, however long the copy takes
        _make_tables(connection)
        for table in _WHOLE:
            connection.execute(f"INSERT INTO copy.{table} SELECT * FROM main.{table}")  # noqa: S608
        for part_of_table in (_KEPT_EGRESS, _KEPT_ROUNDS):
            connection.execute(part_of_table)
        connection.execute(_KEPT_SETTINGS, (json.dumps(KEPT_SETTINGS),))
        connection.execute(_GENERATION)
        moment = str(made_at).encode()
        connection.execute("INSERT INTO copy.setting VALUES ('backup_made_at', ?)", (moment,))
        counted = _count(connection, "copy")
        connection.execute("COMMIT")
        connection.execute("DETACH DATABASE copy")
    return counted


def _make_tables(connection: Any) -> None:
    for (made,) in connection.execute(
        "SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL"
    ).fetchall():
        connection.execute(re.sub(r"^CREATE (TABLE|(UNIQUE )?INDEX) ", r"\g<0>copy.", made))


def _count(connection: Any, schema: str) -> Mapping[str, int]:
    tables = connection.execute(
        f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'"  # noqa: S608
    ).fetchall()
    return {
        name: connection.execute(f"SELECT count(*) FROM {schema}.{name}").fetchone()[0]  # noqa: S608
        for (name,) in sorted(tables)
    }


def _flush(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _unreadable() -> BackupUnreadable:
    return BackupUnreadable(
        "The backup cannot be read: it is damaged, or the passphrase or recovery code is another "
        "one. Nothing was changed. Try again, or use another backup."
    )


@contextmanager
def _reading(source: Path, passphrase: str) -> Iterator[Any]:
    """A checked connection to a backup; it is not written to. Raises BackupUnreadable."""
    with source.open("rb") as head:
        salt = head.read(_SALT)
    if len(salt) != _SALT:
        raise _unreadable()
    with closing(sqlcipher.connect(str(source), isolation_level=None)) as connection:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f'PRAGMA key = "{_key(passphrase, salt)}"')
        try:
            if connection.execute("PRAGMA cipher_integrity_check").fetchall():
                raise _unreadable()
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise _unreadable()
            connection.execute("SELECT count(*) FROM setting WHERE key = 'backup_made_at'")
        except sqlcipher.DatabaseError:
            raise _unreadable() from None
        yield connection


def _rows(source: Path, passphrase: str) -> Mapping[str, int]:
    with _reading(source, passphrase) as connection:
        return _count(connection, "main")


def restore(source: Path, folder: Path, passphrase: str, now: int) -> int:
    """Make a store of a backup, under a new key, in a new folder. Returns when it was made.

    The new store knows from its first moment that it was restored. Raises BackupError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(
            "{folder} is not empty. Nothing was changed. Restore into a new folder, with --dir.",
            folder=str(folder),
        )
    making = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(making, ignore_errors=True)
    with _reading(source, passphrase) as connection:
        making.mkdir(mode=0o700, parents=True)
        try:
            made_at = _export(connection, making, now)
            if folder.exists():
                folder.rmdir()
            making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return made_at


def _export(connection: Any, making: Path, now: int) -> int:
    key, database = os.urandom(32), making / cipher.DATABASE
    write_key(making / cipher.KEY, key, os.environ.get(PASSPHRASE))
    database.touch(mode=0o600)
    connection.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(database), f"x'{key.hex()}'"))
    connection.execute("SELECT sqlcipher_export('fresh')")
    known = dict(
        connection.execute(
            "SELECT key, CAST(CAST(value AS TEXT) AS INTEGER) FROM setting"
            " WHERE key IN ('backup_made_at', 'restored_at')"
        ).fetchall()
    )
    moment = str(max(now, *known.values())).encode()
    connection.execute("INSERT OR REPLACE INTO fresh.setting VALUES ('restored_at', ?)", (moment,))
    connection.execute("DELETE FROM fresh.setting WHERE key = 'backup_made_at'")
    connection.execute("DETACH DATABASE fresh")
    return int(known["backup_made_at"])
