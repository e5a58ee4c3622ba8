"""Invitations, enrolled centres, the signed documents of the authority, relayed links."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select, update

from coordinator.store.tables import centre, invitation, signed_document
from schemas.enrolment import Role
from schemas.signed import Signed

State = Literal["pending", "approved"]
Kind = Literal["roster", "programme"]


@dataclass(frozen=True, slots=True)
class Invited:
    """A place kept for a centre until it joins."""

    centre: int
    token_digest: str
    name: str
    organisation: str
    recognised_number: str
    expires_at: int
    used_at: int | None = None
    revoked_at: int | None = None
    role: Role = "centre"


def next_id(connection: Connection) -> int:
    """The next id; ids are never reused, not even of invitations that lapsed."""
    return int(connection.execute(select(func.max(invitation.c.centre))).scalar() or 0) + 1


def invite(connection: Connection, new: Invited) -> None:
    """Keep an invitation."""
    connection.execute(insert(invitation).values(**_fields(new)))


def _fields(new: Any) -> dict[str, Any]:
    return {name: getattr(new, name) for name in new.__dataclass_fields__}


def invited(connection: Connection, token_digest: str) -> Invited | None:
    """Return the invitation with this token, or None."""
    row = connection.execute(
        select(invitation).where(invitation.c.token_digest == token_digest)
    ).first()
    return None if row is None else Invited(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def use(connection: Connection, token_digest: str, at: int) -> None:
    """Note that an invitation was used."""
    same = invitation.c.token_digest == token_digest
    connection.execute(update(invitation).where(same).values(used_at=at))


def open_invitations(connection: Connection) -> list[Invited]:
    """Invitations that were neither used nor revoked, by centre; some may have expired."""
    unused = invitation.c.used_at.is_(None) & invitation.c.revoked_at.is_(None)
    rows = connection.execute(select(invitation).where(unused).order_by(invitation.c.centre))
    return [Invited(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def revoke(connection: Connection, centre_id: int, at: int) -> int:
    """Make an unused invitation worthless. Returns how many there were: 0 or 1."""
    same = (invitation.c.centre == centre_id) & invitation.c.used_at.is_(None)
    unrevoked = same & invitation.c.revoked_at.is_(None)
    return connection.execute(update(invitation).where(unrevoked).values(revoked_at=at)).rowcount


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A centre that joined: its keys and whether an operator approved it."""

    id: int
    name: str
    organisation: str
    recognised_number: str
    key: str
    flower_key: bytes
    card: str
    state: State
    enrolled_at: int
    last_seen: int | None = None
    role: Role = "centre"


def enrol(connection: Connection, new: Enrolled) -> None:
    """Keep a centre that joined."""
    connection.execute(insert(centre).values(**_fields(new)))


def enrolled(connection: Connection) -> list[Enrolled]:
    """All centres that joined, by id."""
    rows = connection.execute(select(centre).order_by(centre.c.id))
    return [Enrolled(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def of(connection: Connection, node: int) -> Enrolled | None:
    """One centre that joined, or None."""
    row = connection.execute(select(centre).where(centre.c.id == node)).first()
    return None if row is None else Enrolled(**row._mapping)  # noqa: SLF001 - as above


def taken(connection: Connection, key: str, flower_key: bytes) -> bool:
    """Whether some centre joined with either of these keys."""
    either = (centre.c.key == key) | (centre.c.flower_key == flower_key)
    return connection.execute(select(centre.c.id).where(either)).first() is not None


def flower_keys(connection: Connection) -> dict[int, bytes]:
    """Of every approved centre, by id: with what it signs its calls to Flower."""
    approved = select(centre.c.id, centre.c.flower_key).where(centre.c.state == "approved")
    return {node: bytes(key) for node, key in connection.execute(approved.order_by(centre.c.id))}


def approve(connection: Connection, ids: Iterable[int]) -> int:
    """Approve pending centres. Returns how many."""
    wanted = centre.c.id.in_(list(ids)) & (centre.c.state == "pending")
    return connection.execute(update(centre).where(wanted).values(state="approved")).rowcount


def seen(connection: Connection, ids: Iterable[int], at: int) -> None:
    """Note that centres are reachable."""
    connection.execute(update(centre).where(centre.c.id.in_(list(ids))).values(last_seen=at))


def card_of(connection: Connection, node: int) -> Signed | None:
    """Return a centre's key card, or None."""
    body = connection.execute(select(centre.c.card).where(centre.c.id == node)).scalar()
    return Signed.from_canonical(body.encode()) if body else None


def keep_card(connection: Connection, node: int, card: str) -> None:
    """Replace a centre's key card."""
    connection.execute(update(centre).where(centre.c.id == node).values(card=card))


def latest(connection: Connection, kind: Kind) -> Signed | None:
    """Return the newest signed document of a kind, or None."""
    body = connection.execute(
        select(signed_document.c.body)
        .where(signed_document.c.kind == kind)
        .order_by(signed_document.c.version.desc())
        .limit(1)
    ).scalar()
    return None if body is None else Signed.from_canonical(body.encode())


def latest_digest(connection: Connection, kind: Kind) -> str | None:
    """Return the digest of the newest document of a kind, or None; the document is not read."""
    query = (
        select(signed_document.c.digest)
        .where(signed_document.c.kind == kind)
        .order_by(signed_document.c.version.desc())
    )
    return connection.execute(query.limit(1)).scalar()


def chain(connection: Connection, kind: Kind) -> dict[int, Signed]:
    """Return all documents of a kind, by version, oldest first."""
    query = select(signed_document.c.version, signed_document.c.body).where(
        signed_document.c.kind == kind
    )
    rows = connection.execute(query.order_by(signed_document.c.version))
    return {row.version: Signed.from_canonical(row.body.encode()) for row in rows}


def document_of(connection: Connection, kind: Kind, digest: str) -> Signed:
    """Return the document with this digest. Raises LookupError."""
    same = (signed_document.c.kind == kind) & (signed_document.c.digest == digest)
    body = connection.execute(select(signed_document.c.body).where(same)).scalar()
    if body is None:
        raise LookupError(f"no {kind} with that digest was installed")
    return Signed.from_canonical(body.encode())


def keep_paper(
    connection: Connection, kind: Kind, version: int, digest: str, signed: Signed
) -> None:
    """Install a signed document."""
    connection.execute(
        insert(signed_document).values(
            kind=kind, version=version, digest=digest, body=signed.canonical().decode()
        )
    )
