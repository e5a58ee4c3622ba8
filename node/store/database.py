"""Opening the encrypted file: SQLCipher under SQLAlchemy, migrations by Alembic."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from chassis.files import private_folder
from chassis.store.engine import Store, one_writer
from chassis.store.errors import StoreExists
from chassis.store.migrations import Migrations, version_of
from node.store import cipher
from node.store.keys import PASSPHRASE, write_key
from node.store.tables import metadata

__all__ = ["Connection", "NodeStore"]

HEAD = "0003"
MIGRATIONS = Migrations(Path(__file__).parent / "migrations" / "versions", HEAD, metadata)


def _engine(path: Path, key: bytes) -> Engine:
    return one_writer(
        create_engine(
            "sqlite://",
            module=sqlcipher,
            creator=lambda: cipher.connect(path, key),
            poolclass=NullPool,
            hide_parameters=True,  # an error of the database may be shown; a record may not
        )
    )


class NodeStore(Store):
    """One centre's database."""

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new store in `folder` (made if missing). Raises StoreExists."""
        if (folder / cipher.DATABASE).exists() or (folder / cipher.KEY).exists():
            raise StoreExists(
                "{folder} already holds a centre's store. Nothing was changed. Choose another "
                "folder with --dir.",
                folder=str(folder),
            )
        private_folder(folder)
        key = os.urandom(32)
        write_key(folder / cipher.KEY, key, os.environ.get(PASSPHRASE))
        engine = _engine(folder / cipher.DATABASE, key)
        MIGRATIONS.make_tables(engine)
        (folder / cipher.DATABASE).chmod(0o600)
        return cls(engine, folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store. Raises StoreMissing, StoreLocked or StoreTooNew."""
        key = cipher.key_of(folder)
        engine = _engine(folder / cipher.DATABASE, key)
        with cipher.opening(failures=DatabaseError), engine.begin() as connection:
            at = version_of(connection)
        MIGRATIONS.bring_up_to_date(engine, at)
        return cls(engine, folder)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction. Raises StoreBusy when another one keeps the store for too long."""
        try:
            with super().begin() as connection:
                yield connection
        except OperationalError as error:
            cipher.refuse_busy(error)
            raise
