"""The audit log: what happened here, append-only, each entry bound to the one before."""

import hashlib
import json

from sqlalchemy import Connection, insert, select

from chassis.errors import NotAllowed
from chassis.store.tables import audit

_START = "0" * 64


class BrokenLog(NotAllowed):
    """An entry of the audit log was changed or removed after it was written."""

    code = "broken-log"


def note(connection: Connection, at: int, event: str, **details: str | int) -> None:
    """Append an entry. Details hold parameters: no client's data, nothing that a centre sent."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"))
    previous = last_hash(connection)
    connection.execute(
        insert(audit).values(
            at=at, event=event, details=text, previous=previous,
            hash=_hash(previous, at, event, text),
        )
    )  # fmt: skip


def last_hash(connection: Connection) -> str:
    """The hash of the newest entry: another one as soon as anything happens here."""
    last = connection.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)).scalar()
    return last or _START


def details_of(connection: Connection, event: str) -> list[dict[str, str | int]]:
    """Return the details of every entry about an event, oldest first."""
    same = select(audit.c.details).where(audit.c.event == event).order_by(audit.c.id)
    return [json.loads(details) for (details,) in connection.execute(same)]


def _hash(previous: str, at: int, event: str, text: str) -> str:
    return hashlib.sha256(f"{previous}\n{at}\n{event}\n{text}".encode()).hexdigest()


def check(connection: Connection) -> int:
    """Return how many entries the chain has. Raises BrokenLog."""
    previous, entries = _START, 0
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.previous != previous or row.hash != _hash(previous, row.at, row.event, row.details):
            raise BrokenLog(
                "The audit log was changed after it was written: entry {entry} does not follow "
                "from the one before. Find out who could write here, and restore a backup.",
                entry=row.id,
            )
        previous, entries = row.hash, entries + 1
    return entries
