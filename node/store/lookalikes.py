"""Pairs of clients who may be one person, and what the owner decided of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select, update

from node.store.tables import batch, lookalike, record


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Two clients who may be one; `other` came later. `why`: traits or spelling."""

    id: int
    one: str = field(repr=False)
    other: str = field(repr=False)
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the owner finds a client: a file and a row of it; no value of hers."""

    file: str
    row: str | None


def unsettled(connection: Connection) -> list[Lookalike]:
    """Pairs that wait for the owner, in the order in which they were found."""
    rows = select(lookalike).where(lookalike.c.different == 0).order_by(lookalike.c.id)
    return [Lookalike(r.id, r.one, r.other, r.why) for r in connection.execute(rows)]


def waiting(connection: Connection) -> frozenset[str]:
    """Clients who do not count before it is settled who they are: the later one of each pair."""
    rows = select(lookalike.c.other).where(lookalike.c.different == 0)
    return frozenset(connection.execute(rows).scalars())


def found(connection: Connection, pairs: Mapping[tuple[str, str], str]) -> None:
    """Replace the pairs that wait by these (first, later) -> why; what was settled stays."""
    rows = select(lookalike.c.one, lookalike.c.other).where(lookalike.c.different == 1)
    settled = {frozenset((one, other)) for one, other in connection.execute(rows)}
    known = {(p.one, p.other) for p in unsettled(connection)}
    for one, other in known - pairs.keys():
        its = (lookalike.c.one == one) & (lookalike.c.other == other)
        connection.execute(delete(lookalike).where(its))
    new = [
        {"one": one, "other": other, "why": why, "different": 0}
        for (one, other), why in pairs.items()
        if (one, other) not in known and frozenset((one, other)) not in settled
    ]
    if new:
        connection.execute(insert(lookalike), new)


def differ(connection: Connection, ids: Iterable[int]) -> None:
    """Note that these pairs are two people each."""
    its = lookalike.c.id.in_(list(ids))
    connection.execute(update(lookalike).where(its).values(different=1))


def forget(connection: Connection, client: str) -> None:
    """Delete every pair with this client."""
    its = (lookalike.c.one == client) | (lookalike.c.other == client)
    connection.execute(delete(lookalike).where(its))


def place_of(connection: Connection, client: str) -> Place | None:
    """Where the first record of a client stands in the file it came from."""
    joined = select(batch.c.file, record.c.place).join(record, record.c.batch == batch.c.id)
    row = connection.execute(
        joined.where(record.c.client == client).order_by(record.c.cohort, record.c.trajectory)
    ).first()
    return None if row is None else Place(row.file, row.place)
