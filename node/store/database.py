"""Opening the encrypted file: SQLCipher under SQLAlchemy, migrations by Alembic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from node.store import cipher
from node.store.keys import PASSPHRASE, write_key
from node.store.refusal import StoreBusy, StoreError, StoreExists, StoreLocked, StoreMissing
from node.store.tables import metadata

__all__ = [
    "Connection",
    "NodeStore",
    "StoreBusy",
    "StoreError",
    "StoreExists",
    "StoreLocked",
    "StoreMissing",
]

HEAD = "0003"


def _engine(path: Path, key: bytes) -> Engine:
    engine = create_engine(
        "sqlite://",
        module=sqlcipher,
        creator=lambda: cipher.connect(path, key),
        poolclass=NullPool,
        hide_parameters=True,  # an error of the database may be shown; a client's record may not
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_tables(engine: Engine) -> None:
    """A new store starts at HEAD: as if every migration had run, without loading Alembic."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


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
        if (folder / cipher.DATABASE).exists() or (folder / cipher.KEY).exists():
            raise StoreExists(
                "{folder} already holds a centre's store. Nothing was changed. Choose another "
                "folder with --dir.",
                folder=str(folder),
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        key = os.urandom(32)
        write_key(folder / cipher.KEY, key, os.environ.get(PASSPHRASE))
        engine = _engine(folder / cipher.DATABASE, key)
        _make_tables(engine)
        (folder / cipher.DATABASE).chmod(0o600)
        return cls(engine, folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store. Raises StoreMissing or StoreLocked."""
        key = cipher.key_of(folder)
        engine = _engine(folder / cipher.DATABASE, key)
        with cipher.opening(failures=DatabaseError), engine.begin() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if at is not None and at > HEAD:
            raise StoreError(
                "The store was made by a newer version of this program. Nothing was changed. "
                "Install that version."
            )
        if at != HEAD:
            _migrate(engine)
        return cls(engine, folder)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends, or nothing is."""
        with self._engine.begin() as connection:
            yield connection
