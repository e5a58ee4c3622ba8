"""What left this centre, byte for byte; and what happened here, in a hash chain."""

import hashlib
import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from chassis.errors import Refusal
from node.store.tables import audit, egress

_START = "0" * 64


class BrokenTrail(Refusal):
    """An entry of the audit log was changed or removed after it was written."""

    code = "broken-trail"


@dataclass(frozen=True, slots=True)
class Departure:
    """One message that left. `body`: exactly the bytes."""

    at: int
    kind: str
    number: int | None
    size: int
    digest: str
    body: bytes = field(repr=False)


def departed(connection: Connection, at: int, kind: str, number: int | None, body: bytes) -> None:
    """Log a message in the same transaction that allows it to leave."""
    digest = hashlib.sha256(body).hexdigest()
    if _said(connection, number, digest):
        return  # a resend tells nobody anything new, and whoever asks on and on fills no disk
    connection.execute(
        insert(egress).values(
            at=at, kind=kind, number=number, size=len(body), digest=digest, body=body
        )
    )


def _said(connection: Connection, number: int | None, digest: str) -> bool:
    """Whether these bytes left before: in this round; of none, such as a refusal, just now."""
    if number is None:
        last = select(egress.c.digest).order_by(egress.c.id.desc()).limit(1)
        return bool(connection.execute(last).scalar() == digest)
    same = (egress.c.number == number) & (egress.c.digest == digest)
    return connection.execute(select(egress.c.id).where(same).limit(1)).first() is not None


def departures(connection: Connection) -> list[Departure]:
    """Everything that left, oldest first."""
    rows = connection.execute(select(egress).order_by(egress.c.id))
    return [Departure(r.at, r.kind, r.number, r.size, r.digest, r.body) for r in rows]


def note(connection: Connection, at: int, event: str, **details: str | int) -> None:
    """Append to the audit log. Details hold parameters, never a client's data."""
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


def contributed(connection: Connection) -> dict[str, int]:
    """Number of each round that this centre contributed to, by round id."""
    rows = connection.execute(select(audit.c.details).where(audit.c.event == "contributed"))
    found = [json.loads(details) for (details,) in rows]
    return {details["rid"]: details["round"] for details in found}


def _hash(previous: str, at: int, event: str, text: str) -> str:
    return hashlib.sha256(f"{previous}\n{at}\n{event}\n{text}".encode()).hexdigest()


def check(connection: Connection) -> int:
    """Return how many entries the chain has. Raises BrokenTrail."""
    previous, entries = _START, 0
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.previous != previous or row.hash != _hash(previous, row.at, row.event, row.details):
            raise BrokenTrail(
                "The audit log was changed after it was written: entry {entry} does not follow "
                "from the one before. Find out who could write here, and restore a backup.",
                entry=row.id,
            )
        previous, entries = row.hash, entries + 1
    return entries
