"""A table or a query of a centre's own database, as a sheet: column names in row 1.

The address is SQLAlchemy's and holds no password, for arguments are seen by every user of a
computer and kept by shells. The connection may only read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Select,
    TextClause,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy import table as table_named
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from node.importing.refusal import NothingToImport, UnreadableFile, WrongAddress
from node.importing.sheets.frames import too_wide
from node.importing.sheets.limits import BLOCK_CELLS, MOST_COLUMNS, MOST_PACKED
from node.importing.sheets.sheet import Block, Sheet, Sheets, pack

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
_HERE = ZoneInfo("Europe/Brussels")
_SECONDS, _ROWS, _NAMED = 10, 500, 20
_PLAIN = (str, int, float, bool, datetime, date, time, timedelta)
AskPassword = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Question:
    """A table, with its schema before a point where it has one; or else a query."""

    table: str | None = None
    query: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What the import is called: never the query, which may name a client."""
        return self.table or "query"


def read_database(address: str, question: Question, password: AskPassword) -> Sheets:
    """Read the rows of a table or query. Raises WrongAddress, UnreadableFile, NothingToImport.

    `password` is called when the address names a user of a server.
    """
    if not (question.table or question.query or "").isprintable():
        raise WrongAddress(
            "What is asked holds characters that are no text. Nothing was read. Write the table or "
            "the query on one line."
        )
    url = _url(address, password)
    engine = _engine(url)
    try:
        with _as_refusals(), engine.connect() as connection:
            rows = _rows(connection, _statement(connection, question))
            return Sheets((Sheet("", tuple(_blocks(rows, question.name))),))
    finally:
        engine.dispose()


def _url(address: str, password: AskPassword) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise WrongAddress(
            "This is no address of a database. Nothing was stored. Write it as "
            "postgresql://user@server/name, mysql://user@server/name or sqlite:///file."
        ) from None
    if url.password is not None or "password" in url.query:
        raise WrongAddress(
            "The address holds a password, which every user of this computer can see. Nothing was "
            "read. Leave it out: it is asked, or taken from WEGWIJS_DATABASE_PASSWORD. Change it "
            "if others may have seen it."
        )
    driver = _DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise WrongAddress(
            "Databases of this kind are not read: {kind}. Nothing was stored. Export the table as "
            "CSV and read that.",
            kind=url.drivername,
        )
    url = url.set(drivername=driver)
    if driver == "sqlite":
        return _sqlite(url)
    return url.set(password=password()) if url.username else url


def _sqlite(url: URL) -> URL:
    path = Path(url.database or "")
    path.open("rb").close()  # SQLite would make a new file
    return URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})


def _engine(url: URL) -> Engine:
    arguments: dict[str, object] = {}
    if url.drivername.startswith("postgresql"):
        arguments = {"connect_timeout": _SECONDS, "options": "-c default_transaction_read_only=on"}
    elif url.drivername.startswith("mysql"):
        arguments = {"connect_timeout": _SECONDS, "charset": "utf8mb4",
                     "init_command": "SET SESSION TRANSACTION READ ONLY"}  # fmt: skip
    try:
        engine = create_engine(url, connect_args=arguments, hide_parameters=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise WrongAddress(
            "The driver of this database is not installed. Nothing was stored. Install "
            "wegwijs[databases], or export the table as CSV."
        ) from None
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _only_query)
    return engine


def _only_query(connection: object, _: object) -> None:
    connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]


@contextmanager
def _as_refusals() -> Iterator[None]:
    """What a driver says may hold values: its kind is told, its words are not."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or error.statement is None:
            raise WrongAddress(
                "The database does not answer, or refuses this user or password. Nothing was "
                "stored. Check the address, and whether the database runs."
            ) from None
        raise _wrong_query(error) from None
    except SQLAlchemyError as error:
        raise _wrong_query(error) from None


def _wrong_query(error: SQLAlchemyError) -> UnreadableFile:
    return UnreadableFile(
        "The database refuses what is asked of it ({kind}). Nothing was stored. Check the query, "
        "which may only read, and what this user may see.",
        kind=type(error).__name__,
    )


def _statement(
    connection: Connection, question: Question
) -> Select[tuple[object, ...]] | TextClause:
    if question.table is None:
        return text((question.query or "").replace(":", r"\:"))
    schema, _, name = question.table.rpartition(".")
    known = inspect(connection)
    if not known.has_table(name, schema or None):
        names = [*known.get_table_names(schema or None), *known.get_view_names(schema or None)]
        raise WrongAddress(
            "The database has no table {table}; it has {names}. Nothing was stored. Correct the "
            "name.",
            table=question.table,
            names=", ".join(sorted(names)[:_NAMED]) or "-",
        )
    return select(text("*")).select_from(table_named(name, schema=schema or None))


def _rows(
    connection: Connection, statement: Select[tuple[object, ...]] | TextClause
) -> Iterator[tuple[int, Sequence[object]]]:
    options: Mapping[str, object] = {"stream_results": True, "max_row_buffer": _ROWS}
    found = connection.execution_options(**options).execute(statement)
    yield 1, list(found.keys())
    for number, row in enumerate(found.yield_per(_ROWS), 2):
        yield number, [_cell(one) for one in row]


def _cell(value: object) -> object:
    """A value as a cell: moments with a zone as the clock here shows them, numbers as numbers."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(_HERE).replace(tzinfo=None)
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(bytes(value))} bytes)"
    return str(value)


def _blocks(rows: Iterator[tuple[int, Sequence[object]]], name: str) -> Iterator[Block]:
    waiting: list[tuple[int, Sequence[object]]] = []
    total = count = 0
    for one in rows:
        if len(one[1]) > MOST_COLUMNS:
            raise too_wide(name)
        waiting.append(one)
        count += 1
        if len(waiting) * len(one[1]) >= BLOCK_CELLS:
            block = pack(waiting)
            waiting, total = [], total + len(block.packed)
            if total > MOST_PACKED:
                raise UnreadableFile(
                    "This table is too large to be read safely. Nothing was stored. Ask for fewer "
                    "columns or rows with a query."
                )
            yield block
    if count < 2:
        raise NothingToImport("The database gives no rows for this. Nothing was stored.")
    if waiting:
        yield pack(waiting)
