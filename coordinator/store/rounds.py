"""A round's state, and what every centre answered in it, kept before anything follows from it.

ANNOUNCED ─▶ OPEN ─▶ CLOSING ─▶ CERTIFIED ─▶ PUBLISHED, or first a DRAFT; or WITHHELD
    │          ├──────────┴─────────┴─────▶ STUCK, after some days or for want of shares
    └──────────┴──▶ ABANDONED ◀───────────────┘
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from chassis.errors import NotYet
from coordinator.store.tables import answer, prekey_key, round_
from schemas.round import Announcement, Certificate, Descriptor
from schemas.signed import Signed

State = Literal[
    "ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED", "DRAFT", "PUBLISHED", "WITHHELD", "ABANDONED",
    "STUCK",
]  # fmt: skip
Wanted = Literal["open", "close", "abandon"]
Kind = Literal[
    "prekey", "prekey_unused", "lacking", "header", "commitments", "slots", "vector",
    "set_signature", "shares", "abandonment", "refusal",
]  # fmt: skip
"""`prekey_unused`: left out of the descriptor; `lacking`: centres whose link this one lacks;
`header`, `commitments`, `slots`, `vector`: the parts of a contribution; `refusal`: the last
reason code."""

_WRITABLE = frozenset({"descriptor", "rid", "certificate", "set_ids", "total", "outcome"})


class StateChanged(NotYet):
    """The round is no longer in the state that the step was for. Nothing was changed."""

    code = "state-changed"


@dataclass(frozen=True, slots=True)
class StoredRound:
    """One round. Set, total and certificate are there once it has come so far."""

    number: int
    state: State
    period: str
    announcement: Signed
    descriptor: Signed | None
    wanted: Wanted | None
    set_ids: tuple[int, ...] | None
    total: bytes | None = field(repr=False)
    certified: bytes | None = field(repr=False)
    outcome: str | None
    updated_at: int

    @property
    def certificate(self) -> Certificate | None:
        """The certificate, read now; it holds every prekey and header. Ours, so not checked."""
        return Certificate.from_canonical(self.certified) if self.certified else None

    @property
    def announced(self) -> Announcement:
        """The announcement; ours, so it needs no check."""
        return self.announcement.peek(Announcement)

    @property
    def described(self) -> Descriptor | None:
        """The descriptor, or None before the round is open."""
        return self.descriptor.document(Descriptor) if self.descriptor else None


def _stored(row: Row[Any]) -> StoredRound:
    return StoredRound(
        number=row.number,
        state=row.state,
        period=row.period,
        announcement=Signed.from_canonical(row.announcement.encode()),
        descriptor=Signed.from_canonical(row.descriptor.encode()) if row.descriptor else None,
        wanted=row.wanted,
        set_ids=tuple(json.loads(row.set_ids)) if row.set_ids else None,
        total=row.total,
        certified=row.certificate.encode() if row.certificate else None,
        outcome=row.outcome,
        updated_at=row.updated_at,
    )


def next_number(connection: Connection) -> int:
    """Return the number after the last; numbers are never used twice."""
    return int(connection.execute(select(func.max(round_.c.number))).scalar() or 0) + 1


def announce(connection: Connection, announcement: Signed, at: int) -> None:
    """Store a new round."""
    body = announcement.peek(Announcement)
    connection.execute(
        insert(round_).values(
            number=body.round,
            state="ANNOUNCED",
            period=body.period,
            announcement=announcement.canonical().decode(),
            updated_at=at,
        )
    )


def of(connection: Connection, number: int) -> StoredRound | None:
    """Return a round, or None."""
    row = connection.execute(select(round_).where(round_.c.number == number)).first()
    return None if row is None else _stored(row)


def by_rid(connection: Connection, rid: bytes) -> StoredRound | None:
    """Return the round that was opened under this id, or None."""
    row = connection.execute(select(round_).where(round_.c.rid == rid)).first()
    return None if row is None else _stored(row)


def in_states(
    connection: Connection, states: Sequence[State], *, wanted: Wanted | None = None
) -> list[StoredRound]:
    """Rounds in any of these states, oldest first; `wanted`: only those of which this is asked."""
    query = select(round_).where(round_.c.state.in_(states)).order_by(round_.c.number)
    if wanted is not None:
        query = query.where(round_.c.wanted == wanted)
    return [_stored(row) for row in connection.execute(query)]


def want(connection: Connection, number: int, wanted: Wanted | None, at: int) -> None:
    """Note what the operator asks of a round; the engine carries it out."""
    connection.execute(
        update(round_).where(round_.c.number == number).values(wanted=wanted, updated_at=at)
    )


def move(
    connection: Connection, number: int, step: tuple[State, State], at: int, **fields: object
) -> None:
    """Go from one state to another, writing `fields` with it. Raises StateChanged.

    What the operator wanted is crossed off.
    """
    before, after = step
    same = (round_.c.number == number) & (round_.c.state == before)
    written = {**_written(fields), "state": after, "wanted": None, "updated_at": at}
    if connection.execute(update(round_).where(same).values(**written)).rowcount != 1:
        raise StateChanged("round {number} is no longer {state}", number=number, state=before)


def note(connection: Connection, number: int, at: int, **fields: object) -> None:
    """Write fields of a round that stays in its state."""
    written = {**_written(fields), "updated_at": at}
    connection.execute(update(round_).where(round_.c.number == number).values(**written))


def _written(fields: Mapping[str, object]) -> dict[str, object]:
    if not _WRITABLE.issuperset(fields):
        raise KeyError(f"not fields of a round: {sorted(set(fields) - _WRITABLE)}")
    return {name: _value(value) for name, value in fields.items()}


def _value(value: object) -> object:
    if isinstance(value, Signed | Certificate):
        return value.canonical().decode()
    return json.dumps(list(value)) if isinstance(value, tuple) else value


def keep_answer(
    connection: Connection, number: int, kind: Kind, answers: Mapping[int, bytes], at: int
) -> int:
    """Store what centres answered; the first answer of a kind stands. Returns how many were new."""
    asked = (answer.c.round == number) & (answer.c.kind == kind) & answer.c.centre.in_(answers)
    known = set(connection.execute(select(answer.c.centre).where(asked)).scalars())
    rows = [
        {"round": number, "kind": kind, "centre": node, "body": body, "accepted_at": at}
        for node, body in sorted(answers.items())
        if node not in known
    ]
    if rows:
        connection.execute(insert(answer), rows)
    return len(rows)


def replace_answer(
    connection: Connection, number: int, kind: Kind, only: tuple[int, bytes], at: int
) -> None:
    """Store the latest (centre, answer) of a kind whose earlier ones no longer matter."""
    node, body = only
    same = (answer.c.round == number) & (answer.c.kind == kind) & (answer.c.centre == node)
    changed = connection.execute(update(answer).where(same).values(body=body, accepted_at=at))
    if changed.rowcount == 0:
        keep_answer(connection, number, kind, {node: body}, at)


def drop_answer(connection: Connection, number: int, kind: Kind, node: int) -> None:
    """Delete one centre's answer of a kind, so that it is asked again."""
    same = (answer.c.round == number) & (answer.c.kind == kind) & (answer.c.centre == node)
    connection.execute(delete(answer).where(same))


def answer_of(connection: Connection, number: int, kind: Kind, node: int) -> bytes | None:
    """One centre's answer of a kind, or None."""
    same = (answer.c.round == number) & (answer.c.kind == kind) & (answer.c.centre == node)
    body = connection.execute(select(answer.c.body).where(same)).scalar()
    return None if body is None else bytes(body)


def claim_keys(connection: Connection, number: int, node: int, keys: Collection[str]) -> bool:
    """Note whose keys these are in a round; False when another centre came with one before."""
    known = (prekey_key.c.round == number) & prekey_key.c.key.in_(list(keys))
    rows = connection.execute(select(prekey_key.c.key, prekey_key.c.centre).where(known))
    owners = {row.key: row.centre for row in rows}
    if set(owners.values()) - {node}:
        return False
    new = [{"round": number, "key": key, "centre": node} for key in keys if key not in owners]
    if new:
        connection.execute(insert(prekey_key), new)
    return True


def set_aside(connection: Connection, number: int, centres: Collection[int]) -> None:
    """Take these centres' prekeys out of the round; they are kept as unused."""
    same = (answer.c.round == number) & (answer.c.kind == "prekey")
    unused = same & answer.c.centre.in_(list(centres))
    connection.execute(update(answer).where(unused).values(kind="prekey_unused"))


def who_answered(connection: Connection, number: int, kind: Kind) -> tuple[int, ...]:
    """Ids of the centres with an answer of this kind, ascending; reads no bodies."""
    query = select(answer.c.centre).where((answer.c.round == number) & (answer.c.kind == kind))
    return tuple(connection.execute(query.order_by(answer.c.centre)).scalars())


def answers(connection: Connection, number: int, kind: Kind) -> dict[int, bytes]:
    """All answers of a kind, by centre."""
    query = select(answer.c.centre, answer.c.body).where(
        (answer.c.round == number) & (answer.c.kind == kind)
    )
    rows = connection.execute(query.order_by(answer.c.centre))
    return {row.centre: bytes(row.body) for row in rows}


def last_rounds(connection: Connection, kind: Kind, before: int) -> dict[int, int]:
    """The number of each centre's last round with an answer of this kind, by centre."""
    query = select(answer.c.centre, func.max(answer.c.round).label("number"))
    same = (answer.c.kind == kind) & (answer.c.round < before)
    rows = connection.execute(query.where(same).group_by(answer.c.centre))
    return {row.centre: row.number for row in rows}


def last_headers(connection: Connection, before: int) -> dict[int, tuple[bytes, bytes]]:
    """(signed descriptor, header) of each centre's latest contribution, as they were said."""
    found = {}
    for centre, number in last_rounds(connection, "header", before).items():
        same = (answer.c.round == number) & (answer.c.kind == "header")
        query = select(round_.c.descriptor, answer.c.body).join_from(
            answer, round_, answer.c.round == round_.c.number
        )
        row = connection.execute(query.where(same & (answer.c.centre == centre))).one()
        found[centre] = (row.descriptor.encode(), bytes(row.body))
    return found
