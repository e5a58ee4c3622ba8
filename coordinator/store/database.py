"""Opening the database: `coordinator.db` in the folder, or a PostgreSQL URL from settings.

StoreError
├── StoreExists
├── StoreMissing
├── StoreTooNew
└── StoreUnreadable
NoDatabase
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    Connection,
    Engine,
    Inspector,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError

from chassis.errors import NotYet, WrongInput
from coordinator.store.tables import metadata

__all__ = ["Connection", "CoordinatorStore", "StoreError", "StoreExists", "StoreMissing"]

HEAD = "0001"
_DATABASE, _URL = "coordinator.db", "database.url"
_DRIVER = "postgresql+psycopg"
_READING = "wegwijs_reading"
_ONE_WRITER = 0x77676A73  # number of the advisory lock that lets one transaction in at a time


class StoreError(NotYet):
    """The store cannot be used as asked. Nothing in it was changed."""


class StoreExists(StoreError):
    """There is a coordinator in this folder already."""

    code = "store-exists"


class StoreMissing(StoreError):
    """There is no coordinator in this folder."""

    code = "store-missing"


class StoreUnreadable(StoreError):
    """The database is damaged, or does not answer."""

    code = "store-unreadable"


class NoDatabase(WrongInput):
    """What is given is no address of a database that we can use."""

    code = "no-database"


class StoreTooNew(StoreError):
    """A newer version of this program made it."""

    code = "store-too-new"


def _only_reads(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_READING))


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = _only_reads(connection)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgres(url: str) -> Engine:
    """Transactions one at a time, as in SQLite: the audit chain allows no two next entries.

    Raises NoDatabase.
    """
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        made = None
    if made is None or made.drivername != _DRIVER:
        raise NoDatabase(
            "the database is named by an address that begins with {driver}://", driver=_DRIVER
        )
    engine = create_engine(made, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _only_reads(connection):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_WRITER})")

    return engine


def _answering(engine: Engine) -> Inspector:
    """What is in a database. Raises StoreUnreadable; its address may hold a password."""
    try:
        return inspect(engine)
    except DBAPIError:
        raise StoreUnreadable("the database does not answer, or does not let us in") from None


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


class CoordinatorStore:
    """The coordinator's database; every `begin` is one transaction."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self.folder = engine, folder

    @classmethod
    def create(cls, folder: Path, url: str | None = None) -> Self:
        """Make the database. Raises StoreExists."""
        if (folder / _DATABASE).exists() or (folder / _URL).exists():
            raise StoreExists("{folder} already holds a coordinator", folder=folder)
        engine = _postgres(url) if url else _sqlite(folder / _DATABASE)
        if url and _answering(engine).has_table("round"):
            raise StoreExists("the database already holds a coordinator")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        _make_tables(engine)
        if url is not None:
            (folder / _URL).touch(mode=0o600)
            (folder / _URL).write_text(url, encoding="utf-8")
        return cls(engine, folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the database. Raises StoreMissing, StoreUnreadable or StoreTooNew."""
        if (folder / _URL).exists():
            engine = _postgres((folder / _URL).read_text(encoding="utf-8").strip())
        elif (folder / _DATABASE).exists():
            engine = _sqlite(folder / _DATABASE)
        else:
            raise StoreMissing("{folder} holds no coordinator", folder=folder)
        try:
            with engine.begin() as connection:
                at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DBAPIError:
            raise StoreUnreadable(
                "the database of {folder} cannot be read: it is damaged, or does not answer",
                folder=folder,
            ) from None
        if at is not None and at > HEAD:
            raise StoreTooNew("the store was made by a newer version of this program")
        if at != HEAD:
            _migrate(engine)
        return cls(engine, folder)

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
