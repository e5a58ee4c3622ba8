"""Opening the encrypted file: SQLCipher under SQLAlchemy, migrations by Alembic.

StoreError
├── StoreExists    `init` was run here before
├── StoreMissing   `init` was not run here
└── StoreLocked    the key does not open the file
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from node.store.keys import PASSPHRASE, KeyFileError, read_key, write_key

__all__ = ["Connection", "NodeStore", "StoreError", "StoreExists", "StoreLocked", "StoreMissing"]

HEAD = "0001"
_DATABASE, _KEY = "node.db", "node.key"


class StoreError(RuntimeError):
    """The store cannot be used as asked. Nothing in it was changed."""


class StoreExists(StoreError):
    """There is a store in this folder already."""


class StoreMissing(StoreError):
    """There is no store in this folder."""


class StoreLocked(StoreError):
    """The key does not open the store."""


def _engine(path: Path, key: bytes) -> Engine:
    def connect() -> Any:
        connection = sqlcipher.connect(str(path), timeout=30, isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    engine = create_engine("sqlite://", module=sqlcipher, creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


class NodeStore:
    """One centre's database. Cheap to open; every `begin` is one durable transaction."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self.folder = engine, folder

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new store in `folder` (made if missing). Raises StoreExists."""
        if (folder / _DATABASE).exists() or (folder / _KEY).exists():
            raise StoreExists(f"{folder} already holds a centre's store")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        key = os.urandom(32)
        write_key(folder / _KEY, key, os.environ.get(PASSPHRASE))
        engine = _engine(folder / _DATABASE, key)
        _migrate(engine)
        (folder / _DATABASE).chmod(0o600)
        return cls(engine, folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store. Raises StoreMissing or StoreLocked."""
        if not (folder / _DATABASE).exists() or not (folder / _KEY).exists():
            raise StoreMissing(f"{folder} holds no centre's store")
        try:
            key = read_key(folder / _KEY, os.environ.get(PASSPHRASE))
        except KeyFileError as error:
            raise StoreLocked(str(error)) from None
        engine = _engine(folder / _DATABASE, key)
        try:
            with engine.begin() as connection:
                at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except sqlcipher.DatabaseError:
            raise StoreLocked("the key does not open the store") from None
        if at != HEAD:
            _migrate(engine)
        return cls(engine, folder)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends, or nothing is."""
        with self._engine.begin() as connection:
            yield connection
