"""Opening the database: `coordinator.db` in the folder, or a PostgreSQL URL from settings."""

from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, Inspector, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from chassis.errors import WrongInput
from chassis.files import private_folder
from chassis.store.engine import Store, one_writer, only_reads
from chassis.store.errors import StoreExists, StoreMissing, StoreUnreadable
from chassis.store.migrations import Migrations, version_of
from coordinator.store.tables import metadata

__all__ = ["Connection", "CoordinatorStore"]

HEAD = "0001"
_DATABASE, _URL = "coordinator.db", "database.url"
_DRIVER = "postgresql+psycopg"
_ONE_WRITER = 0x77676A73  # number of the advisory lock that lets one transaction in at a time
MIGRATIONS = Migrations(Path(__file__).parent / "migrations" / "versions", HEAD, metadata)


class NoDatabase(WrongInput):
    """What is given is no address of a database that we can use."""

    code = "no-database"


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    return one_writer(engine)


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
        if only_reads(connection):
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


class CoordinatorStore(Store):
    """The coordinator's database."""

    @classmethod
    def create(cls, folder: Path, url: str | None = None) -> Self:
        """Make the database. Raises StoreExists."""
        if (folder / _DATABASE).exists() or (folder / _URL).exists():
            raise StoreExists("{folder} already holds a coordinator", folder=folder)
        engine = _postgres(url) if url else _sqlite(folder / _DATABASE)
        if url and _answering(engine).has_table("round"):
            raise StoreExists("the database already holds a coordinator")
        private_folder(folder)
        MIGRATIONS.make_tables(engine)
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
                at = version_of(connection)
        except DBAPIError:
            raise StoreUnreadable(
                "the database of {folder} cannot be read: it is damaged, or does not answer",
                folder=folder,
            ) from None
        MIGRATIONS.bring_up_to_date(engine, at)
        return cls(engine, folder)
