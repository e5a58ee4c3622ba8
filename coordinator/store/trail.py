"""The coordinator's audit log: append-only, each entry bound to the one before."""

import hashlib
import json

from sqlalchemy import Connection, insert, select

from chassis.errors import NotAllowed
from coordinator.store.tables import audit

_START = "0" * 64


class BrokenTrail(NotAllowed):
    """An entry of the audit log was changed or removed after it was written."""

    code = "broken-trail"


def note(connection: Connection, at: int, event: str, **details: str | int) -> None:
    """Append an entry. Details hold parameters, never anything a centre sent."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"))
    last = connection.execute(select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)).scalar()
    previous = last or _START
    connection.execute(
        insert(audit).values(
            at=at, event=event, details=text, previous=previous,
            hash=_hash(previous, at, event, text),
        )
    )  # fmt: skip


def _hash(previous: str, at: int, event: str, text: str) -> str:
    return hashlib.sha256(f"{previous}\n{at}\n{event}\n{text}".encode()).hexdigest()


def check(connection: Connection) -> int:
    """Return how many entries the chain has. Raises BrokenTrail."""
    previous, entries = _START, 0
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.previous != previous or row.hash != _hash(previous, row.at, row.event, row.details):
            raise BrokenTrail(
                "entry {seq} of the audit log does not follow from the one before", seq=row.id
            )
        previous, entries = row.hash, entries + 1
    return entries
