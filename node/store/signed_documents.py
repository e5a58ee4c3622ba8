"""Settings, and the signed papers a centre holds: rosters and programmes."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from node.store.tables import paper, setting
from schemas.signed import Signed

Kind = Literal["roster", "programme"]


def get(connection: Connection, key: str) -> bytes | None:
    """Return a setting, or None."""
    return connection.execute(select(setting.c.value).where(setting.c.key == key)).scalar()


def put(connection: Connection, key: str, value: bytes) -> None:
    """Set a setting."""
    connection.execute(delete(setting).where(setting.c.key == key))
    connection.execute(insert(setting).values(key=key, value=value))


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed document as it was received; version: a roster's epoch."""

    kind: Kind
    version: int
    digest: str
    signed: Signed
    approved_at: int | None


def latest(connection: Connection, kind: Kind) -> Paper | None:
    """Return the newest paper of a kind, or None."""
    row = connection.execute(
        select(paper).where(paper.c.kind == kind).order_by(paper.c.version.desc()).limit(1)
    ).first()
    if row is None:
        return None
    signed = Signed.from_canonical(row.body.encode())
    return Paper(kind, row.version, row.digest, signed, row.approved_at)


def every(connection: Connection, kind: Kind) -> list[Paper]:
    """Return all papers of a kind, oldest first."""
    rows = connection.execute(select(paper).where(paper.c.kind == kind).order_by(paper.c.version))
    return [
        Paper(kind, r.version, r.digest, Signed.from_canonical(r.body.encode()), r.approved_at)
        for r in rows
    ]


def last_approved(connection: Connection, kind: Kind) -> Paper | None:
    """Return the newest paper that the owner agreed to, or None."""
    agreed = [held for held in every(connection, kind) if held.approved_at is not None]
    return agreed[-1] if agreed else None


def signed_of(connection: Connection, kind: Kind, digest: str) -> Signed | None:
    """Return the paper with this digest, or None."""
    same = (paper.c.kind == kind) & (paper.c.digest == digest)
    body = connection.execute(select(paper.c.body).where(same)).scalar()
    return None if body is None else Signed.from_canonical(body.encode())


def keep(connection: Connection, new: Paper) -> None:
    """Store a paper, or replace the one of the same version."""
    same = (paper.c.kind == new.kind) & (paper.c.version == new.version)
    connection.execute(delete(paper).where(same))
    connection.execute(
        insert(paper).values(
            kind=new.kind,
            version=new.version,
            digest=new.digest,
            body=new.signed.canonical().decode(),
            approved_at=new.approved_at,
        )
    )


def approve(connection: Connection, kind: Kind, version: int, at: int) -> None:
    """Note that the owner agreed."""
    same = (paper.c.kind == kind) & (paper.c.version == version)
    connection.execute(update(paper).where(same).values(approved_at=at))
