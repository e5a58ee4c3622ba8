"""Published releases, each as the coordinator signed it; whoever reads one checks that first."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from coordinator.store.tables import release
from privacy.secure_sum.keys import Identity
from schemas.release import Release, ReleaseLine
from schemas.signed import Signed


@dataclass(frozen=True, slots=True)
class Stored:
    """Which release there is of which round; `line` is a signed `ReleaseLine`, unchecked."""

    id: str
    round: int
    line: bytes


def publish(connection: Connection, new: Release, identity: Identity) -> None:
    """Sign a release and make it public; one for each round, ever."""
    envelope = Signed.seal(new, identity.private).canonical()
    line = Signed.seal(ReleaseLine.of(new, envelope), identity.private).canonical()
    connection.execute(
        insert(release).values(
            id=new.id, round=new.round, line=line.decode(), body=envelope.decode()
        )
    )


def published(connection: Connection) -> list[Stored]:
    """Public releases, newest first."""
    query = select(release.c.id, release.c.round, release.c.line)
    rows = connection.execute(query.order_by(release.c.round.desc()))
    return [Stored(row.id, row.round, row.line.encode()) for row in rows]


def document_of(connection: Connection, name: str) -> bytes | None:
    """Return the bytes of a release as they are stored, or None."""
    body = connection.execute(select(release.c.body).where(release.c.id == name)).scalar()
    return None if body is None else str(body).encode()
