"""What the last import found where it wrote, so that it can be undone; older imports are final."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select, update

from node.store.tables import batch, earlier, record, withdrawal

if TYPE_CHECKING:
    from schemas.record import Trajectory


@dataclass(frozen=True, slots=True)
class Batch:
    """An import that can be undone; `at` in Unix seconds."""

    id: int
    file: str
    at: int
    rows: int


def begin(connection: Connection, batch_id: int) -> None:
    """Forget what the import before found; what this one finds is noted from here on."""
    connection.execute(delete(earlier))
    connection.execute(insert(earlier).values(kind="batch", key=str(batch_id), batch=batch_id))


def note_records(connection: Connection, batch_id: int, writes: Iterable["Trajectory"]) -> None:
    """Keep the rows that these records will replace; none where they are new."""
    clients = {one.trajectory_ref: one.client_ref for one in writes}
    found = _rows(connection, list(clients))
    rows = [
        {"kind": "record", "key": key, "batch": batch_id, "client": client,
         "before": found.get(key)}
        for key, client in clients.items()
    ]  # fmt: skip
    if rows:
        connection.execute(insert(earlier), rows)


def _rows(connection: Connection, wanted: list[str]) -> Mapping[str, str]:
    """The stored rows of these trajectories, as JSON."""
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        some = record.c.trajectory.in_(wanted[start : start + 500])
        for row in connection.execute(select(record).where(some)):
            found[row.trajectory] = json.dumps(dict(row._mapping))  # noqa: SLF001
    return found


def note_withdrawals(connection: Connection, batch_id: int, clients: Iterable[str]) -> None:
    """Keep what was known of the withdrawals of these clients, before it is added to."""
    rows = [
        {"kind": "withdrawal", "key": client, "batch": batch_id, "client": client,
         "before": _withdrawal(connection, client)}
        for client in clients
    ]  # fmt: skip
    if rows:
        connection.execute(insert(earlier), rows)


def withdrawals_written(connection: Connection, clients: Iterable[str]) -> None:
    """Note what the import made of these withdrawals: whoever withdraws later changes it."""
    for client in clients:
        its = (earlier.c.kind == "withdrawal") & (earlier.c.key == client)
        now = _withdrawal(connection, client)
        connection.execute(update(earlier).where(its).values(after=now))


def _withdrawal(connection: Connection, client: str) -> str | None:
    same = withdrawal.c.client == client
    row = connection.execute(select(withdrawal).where(same)).first()
    return None if row is None else json.dumps(dict(row._mapping))  # noqa: SLF001


def last(connection: Connection) -> Batch | None:
    """The import that can be undone, or None."""
    noted = select(earlier.c.batch).where(earlier.c.kind == "batch")
    row = connection.execute(select(batch).where(batch.c.id == noted.scalar_subquery())).first()
    return None if row is None else Batch(row.id, row.file, row.imported_at, row.rows)


def put_back(connection: Connection) -> tuple[list[str], list[str]]:
    """Put every row back as it was, and forget the import; what a client withdrew since stays.

    Returns the trajectories that are gone again, and those that are what they were.
    """
    noted = list(connection.execute(select(earlier)))
    gone: list[str] = []
    back: list[str] = []
    for row in noted:
        if row.kind == "withdrawal" and _withdrawal(connection, row.key) == row.after:
            connection.execute(delete(withdrawal).where(withdrawal.c.client == row.key))
            if row.before is not None:
                connection.execute(insert(withdrawal).values(**json.loads(row.before)))
        elif row.kind == "record":
            connection.execute(delete(record).where(record.c.trajectory == row.key))
            (gone if row.before is None else back).append(row.key)
            if row.before is not None:
                connection.execute(insert(record).values(**json.loads(row.before)))
        elif row.kind == "batch":
            connection.execute(delete(batch).where(batch.c.id == row.batch))
    connection.execute(delete(earlier))
    return gone, back
