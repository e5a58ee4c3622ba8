"""Trajectories: encrypted at rest, references replaced by HMACs under the node's own key."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from node.store.tables import batch, earlier, record
from schemas.cohort import Cohort

if TYPE_CHECKING:
    from schemas.record import Trajectory  # its code lists take a moment to load


def pseudonym(key: bytes, kind: str, reference: str) -> str:
    """HMAC-SHA256 of a reference, hexadecimal; `kind`: client or trajectory."""
    return hmac.new(key, f"{kind}\n{reference}".encode(), hashlib.sha256).hexdigest()


def add_batch(connection: Connection, file: str, digest: str, at: int, rows: int) -> int:
    """Note an import and return its id."""
    done = connection.execute(
        insert(batch).values(file=file, digest=digest, imported_at=at, rows=rows)
    )
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def keep(
    connection: Connection,
    trajectories: Iterable["Trajectory"],
    batch_id: int,
    places: Mapping[str, str] | None = None,
) -> int:
    """Add or replace records (references already HMACs). Returns how many were new.

    `places`: where in the file each stands, by trajectory.
    """
    places = places or {}
    before = count(connection)
    rows = [
        {
            "trajectory": t.trajectory_ref,
            "client": t.client_ref,
            "cohort": Cohort.of(t.started_on).index,
            "body": t.model_dump_json(exclude_defaults=True),
            "batch": batch_id,
            "place": places.get(t.trajectory_ref),
        }
        for t in trajectories
    ]
    if not rows:
        return 0
    statement = upsert(record)
    names = ("client", "cohort", "body", "batch", "place")
    changed = {name: statement.excluded[name] for name in names}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["trajectory"], set_=changed), rows
    )
    return count(connection) - before


def count(connection: Connection) -> int:
    """Number of records."""
    return int(connection.execute(select(func.count()).select_from(record)).scalar() or 0)


def of_trajectories(connection: Connection, wanted: Sequence[str]) -> "list[Trajectory]":
    """Records by trajectory HMAC; those no longer there are left out."""
    return _of(connection, record.c.trajectory, wanted)


def of_clients(connection: Connection, wanted: Sequence[str]) -> "list[Trajectory]":
    """All records of these clients, by their HMACs."""
    return _of(connection, record.c.client, wanted)


def _of(connection: Connection, column: Column[str], wanted: Sequence[str]) -> "list[Trajectory]":
    from schemas.record import Trajectory

    found: list[Trajectory] = []
    for start in range(0, len(wanted), 500):
        rows = connection.execute(
            select(record.c.body).where(column.in_(wanted[start : start + 500]))
        )
        found += [Trajectory.model_validate_json(body) for (body,) in rows]
    return found


@dataclass(frozen=True, slots=True)
class Brief:
    """What decides whether a trajectory may count: whose it is, when it began, what she said."""

    client: str = field(repr=False)
    cohort: Cohort
    agreed: bool
    withdrew: bool

    @property
    def counts(self) -> bool:
        """As `Consent.counts` says of the whole record."""
        return self.agreed and not self.withdrew


def briefs(connection: Connection) -> Iterator[Brief]:
    """Every trajectory in brief: quick, as no record is made of it."""
    agreed = func.json_extract(record.c.body, "$.consent.statistics")
    withdrawn = func.json_extract(record.c.body, "$.consent.withdrawn_on")
    rows = connection.execute(select(record.c.client, record.c.cohort, agreed, withdrawn))
    return (
        Brief(client, Cohort(at), bool(yes), gone is not None) for client, at, yes, gone in rows
    )


@dataclass(frozen=True, slots=True)
class Traits:
    """When a trajectory ran, and some of what it says of its client, by field."""

    client: str = field(repr=False)
    started_on: date
    ended_on: date | None
    values: Mapping[str, str | int] = field(repr=False)


def traits(connection: Connection, names: Sequence[str]) -> Iterator[Traits]:
    """These fields of every trajectory, where it has them; no record is made of it."""
    wanted = [
        func.json_extract(record.c.body, f"$.{n}") for n in ("started_on", "ended_on", *names)
    ]
    for client, started, ended, *found in connection.execute(select(record.c.client, *wanted)):
        values = {n: v for n, v in zip(names, found, strict=True) if v is not None}
        last = date.fromisoformat(ended) if ended else None
        yield Traits(client, date.fromisoformat(started), last, values)


def change(connection: Connection, one: "Trajectory") -> None:
    """Write what a record says now, and whose it is; it stays in its import."""
    same = record.c.trajectory == one.trajectory_ref
    connection.execute(
        update(record)
        .where(same)
        .values(
            client=one.client_ref,
            cohort=Cohort.of(one.started_on).index,
            body=one.model_dump_json(exclude_defaults=True),
        )
    )


def give(connection: Connection, other: str, first: str) -> None:
    """Give all records of a client to another, who turned out to be the same person."""
    for one in of_clients(connection, [other]):
        change(connection, one.model_copy(update={"client_ref": first}))
    connection.execute(update(earlier).where(earlier.c.client == other).values(client=first))


def erase(connection: Connection, client: str) -> int:
    """Delete all records of a client, and what the last import found of her. Returns how many
    records; the store overwrites them with zeros."""
    connection.execute(delete(earlier).where(earlier.c.client == client))
    return connection.execute(delete(record).where(record.c.client == client)).rowcount


def of_cohort(connection: Connection, cohort: Cohort) -> "list[Trajectory]":
    """All records that started in a cohort."""
    from schemas.record import Trajectory

    rows = connection.execute(select(record.c.body).where(record.c.cohort == cohort.index))
    return [Trajectory.model_validate_json(body) for (body,) in rows]
