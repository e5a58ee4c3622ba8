"""A store: one database whose every transaction is whole, and on disk when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, event

_READING = "wegwijs_reading"


def only_reads(connection: Connection) -> bool:
    """Whether a transaction was opened to read."""
    return bool(connection.get_execution_options().get(_READING))


def one_writer(engine: Engine) -> Engine:
    """Have a SQLite database take one writer at a time, and readers beside it."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = only_reads(connection)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class Store:
    """A database in a folder. Cheap to open; every `begin` is one durable transaction."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self.folder = engine, folder

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends, or nothing is."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One moment of the database; waits for no writer, and cannot write."""
        with self._engine.connect() as opened:
            connection = opened.execution_options(**{_READING: True})
            with connection.begin():
                yield connection
