"""Drafts that wait for a person, and rounds that were withheld; both as the coordinator signed."""

from sqlalchemy import Connection, delete, insert, select

from coordinator.store.tables import draft, withheld
from privacy.secure_sum.keys import Identity
from schemas.release import Release, Withheld
from schemas.signed import Signed


def keep(connection: Connection, new: Release, identity: Identity) -> None:
    """Keep the draft of a round."""
    body = Signed.seal(new, identity.private).canonical().decode()
    connection.execute(insert(draft).values(round=new.round, body=body))


def of(connection: Connection, number: int, signer: str) -> Release | None:
    """Return the draft of a round, or None. Raises BadSignature when it was altered."""
    body = connection.execute(select(draft.c.body).where(draft.c.round == number)).scalar()
    return None if body is None else Signed.from_canonical(body.encode()).open(Release, signer)


def waiting(connection: Connection) -> list[int]:
    """Rounds whose draft waits, oldest first."""
    return list(connection.execute(select(draft.c.round).order_by(draft.c.round)).scalars())


def drop(connection: Connection, number: int) -> None:
    """The draft was decided about."""
    connection.execute(delete(draft).where(draft.c.round == number))


def withhold(connection: Connection, body: Withheld, identity: Identity) -> None:
    """Say in public that a round is not published, and why."""
    signed = Signed.seal(body, identity.private).canonical().decode()
    connection.execute(insert(withheld).values(round=body.round, body=signed))


def withheld_rounds(connection: Connection) -> list[bytes]:
    """The signed statements about rounds that are not published, newest first."""
    rows = connection.execute(select(withheld.c.body).order_by(withheld.c.round.desc()))
    return [str(body).encode() for body in rows.scalars()]
