"""The signed documents a centre holds: rosters and programmes."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select, update

from node.store.tables import signed_document
from schemas.signed import Signed

Kind = Literal["roster", "programme"]


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signed document as it was received; version: a roster's epoch."""

    kind: Kind
    version: int
    digest: str
    signed: Signed
    approved_at: int | None


def latest(connection: Connection, kind: Kind) -> SignedDocument | None:
    """Return the newest document of a kind, or None."""
    row = connection.execute(
        select(signed_document)
        .where(signed_document.c.kind == kind)
        .order_by(signed_document.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    signed = Signed.from_canonical(row.body.encode())
    return SignedDocument(kind, row.version, row.digest, signed, row.approved_at)


def every(connection: Connection, kind: Kind) -> list[SignedDocument]:
    """Return all documents of a kind, oldest first."""
    rows = connection.execute(
        select(signed_document)
        .where(signed_document.c.kind == kind)
        .order_by(signed_document.c.version)
    )
    return [
        SignedDocument(
            kind, r.version, r.digest, Signed.from_canonical(r.body.encode()), r.approved_at
        )
        for r in rows
    ]


def last_approved(connection: Connection, kind: Kind) -> SignedDocument | None:
    """Return the newest document that the owner agreed to, or None."""
    agreed = [held for held in every(connection, kind) if held.approved_at is not None]
    return agreed[-1] if agreed else None


def signed_of(connection: Connection, kind: Kind, digest: str) -> Signed | None:
    """Return the document with this digest, or None."""
    same = (signed_document.c.kind == kind) & (signed_document.c.digest == digest)
    body = connection.execute(select(signed_document.c.body).where(same)).scalar()
    return None if body is None else Signed.from_canonical(body.encode())


def keep(connection: Connection, new: SignedDocument) -> None:
    """Store a document, or replace the one of the same version."""
    same = (signed_document.c.kind == new.kind) & (signed_document.c.version == new.version)
    connection.execute(delete(signed_document).where(same))
    connection.execute(
        insert(signed_document).values(
            kind=new.kind,
            version=new.version,
            digest=new.digest,
            body=new.signed.canonical().decode(),
            approved_at=new.approved_at,
        )
    )


def approve(connection: Connection, kind: Kind, version: int, at: int) -> None:
    """Note that the owner agreed."""
    same = (signed_document.c.kind == kind) & (signed_document.c.version == version)
    connection.execute(update(signed_document).where(same).values(approved_at=at))
