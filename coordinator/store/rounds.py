"""Rounds: their state, and everything the nodes said, kept before the next step is taken."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from coordinator.store.tables import round_, said
from schemas.signed import Signed

State = Literal[
    "ANNOUNCED", "OPEN", "CERTIFYING", "UNMASKING", "PUBLISHED", "ABANDONING", "ABANDONED", "STUCK"
]
Wanted = Literal["open", "close", "abandon"]
Kind = Literal[
    "prekey", "contribution", "mark", "shares", "statement", "refunded", "told", "refused"
]

FINAL: tuple[State, ...] = ("PUBLISHED", "ABANDONED", "STUCK")


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A round as the database holds it."""

    number: int
    state: State
    wanted: Wanted | None
    announcement: Signed
    descriptor: Signed | None
    closed_set: tuple[int, ...]
    release: str | None
    note: str | None
    changed_at: int


def _read(row: Any) -> StoredRound:
    descriptor = Signed.from_canonical(row.descriptor.encode()) if row.descriptor else None
    ids = tuple(int(part) for part in (row.closed_set or "").split() if part)
    return StoredRound(
        row.number, row.state, row.wanted, Signed.from_canonical(row.announcement.encode()),
        descriptor, ids, row.release, row.note, row.changed_at,
    )  # fmt: skip


def announce(connection: Connection, number: int, announcement: Signed, at: int) -> None:
    """Keep a new round."""
    body = announcement.canonical().decode()
    connection.execute(
        insert(round_).values(number=number, state="ANNOUNCED", announcement=body, changed_at=at)
    )


def get(connection: Connection, number: int) -> StoredRound | None:
    """Return a round, or None."""
    row = connection.execute(select(round_).where(round_.c.number == number)).first()
    return None if row is None else _read(row)


def unfinished(connection: Connection) -> list[StoredRound]:
    """Rounds that are neither published, abandoned nor stuck; oldest first."""
    rows = connection.execute(
        select(round_).where(round_.c.state.not_in(FINAL)).order_by(round_.c.number)
    )
    return [_read(row) for row in rows]


def everything(connection: Connection) -> list[StoredRound]:
    """All rounds, newest first."""
    return [_read(r) for r in connection.execute(select(round_).order_by(round_.c.number.desc()))]


def next_number(connection: Connection) -> int:
    """The next round number."""
    return int(connection.execute(select(func.max(round_.c.number))).scalar() or 0) + 1


def change(connection: Connection, number: int, **values: Any) -> None:
    """Write columns of a round."""
    if "closed_set" in values:
        values["closed_set"] = " ".join(str(node) for node in values["closed_set"])
    connection.execute(update(round_).where(round_.c.number == number).values(**values))


def keep(
    connection: Connection, number: int, kind: Kind, centre: int, body: bytes, at: int
) -> None:
    """Keep what a centre said; the last of a kind counts."""
    same = (said.c.number == number) & (said.c.kind == kind) & (said.c.centre == centre)
    connection.execute(delete(said).where(same))
    connection.execute(
        insert(said).values(number=number, kind=kind, centre=centre, body=body, at=at)
    )


def heard(connection: Connection, number: int, kind: Kind) -> dict[int, bytes]:
    """What centres said of one kind, by centre."""
    rows = connection.execute(
        select(said.c.centre, said.c.body)
        .where((said.c.number == number) & (said.c.kind == kind))
        .order_by(said.c.centre)
    )
    return {node: bytes(body) for node, body in rows}


def who(connection: Connection, number: int, kind: Kind) -> list[int]:
    """Ids of the centres that said something of a kind."""
    rows = connection.execute(
        select(said.c.centre)
        .where((said.c.number == number) & (said.c.kind == kind))
        .order_by(said.c.centre)
    )
    return [node for (node,) in rows]
