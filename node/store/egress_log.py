"""What left this centre, byte for byte."""

import hashlib
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from node.store.tables import egress


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
