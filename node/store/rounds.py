"""Links, prekeys and rounds: what was said, so that a restart says the same and no more."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from chassis.store import audit_log, settings
from node.store.tables import link, prekey, round_
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.refusal import AlreadyBurnt
from schemas.signed import Signed

Committee = Literal["NONE", "SIGNED", "ANSWERED", "ABANDONED"]
Outcome = Literal["sent", "in_sum", "not_in_sum", "abandoned", "not_sent"]
_FORGOTTEN = "forgotten_up_to"


def links(connection: Connection) -> dict[int, LinkState]:
    """The state of every pair, by peer."""
    rows = connection.execute(select(link.c.peer, link.c.state))
    return {peer: LinkState.from_bytes(state) for peer, state in rows}


def made_links(connection: Connection) -> list[Signed]:
    """The links that this node made, to be relayed to their other ends."""
    rows = connection.execute(select(link.c.made).where(link.c.made.is_not(None)))
    return [Signed.from_canonical(made.encode()) for (made,) in rows]


def keep_links(connection: Connection, links: Sequence[tuple[LinkState, Signed | None]]) -> None:
    """Store new links, each with its document if this node made it, replacing older ones of the
    same pairs."""
    rows = [
        {
            "peer": state.peer,
            "state": state.to_bytes(),
            "made": made.canonical().decode() if made else None,
        }
        for state, made in links
    ]
    if rows:
        peers = [{"other": row["peer"]} for row in rows]
        connection.execute(delete(link).where(link.c.peer == bindparam("other")), peers)
        connection.execute(insert(link), rows)


def advance_links(connection: Connection, states: Iterable[LinkState]) -> None:
    """Store the next ratchet state of each pair; the one before is gone."""
    rows = [{"other": state.peer, "next": state.to_bytes()} for state in states]
    if rows:
        its = link.c.peer == bindparam("other")
        connection.execute(update(link).where(its).values(state=bindparam("next")), rows)


@dataclass(frozen=True, slots=True)
class OwnPrekey:
    """This node's prekey for a round; the secret is gone once it has contributed."""

    announcement: str
    signed: Signed
    secret: bytes | None = field(repr=False)


def own_prekey(connection: Connection, number: int) -> OwnPrekey | None:
    """Return the prekey of a round, or None."""
    row = connection.execute(select(prekey).where(prekey.c.number == number)).first()
    if row is None:
        return None
    return OwnPrekey(row.announcement, Signed.from_canonical(row.body.encode()), row.secret)


def keep_prekey(connection: Connection, number: int, own: OwnPrekey) -> None:
    """Store a prekey; one for each round, ever."""
    connection.execute(
        insert(prekey).values(
            number=number,
            announcement=own.announcement,
            body=own.signed.canonical().decode(),
            secret=own.secret,
        )
    )


def forget_prekeys(connection: Connection, up_to: int) -> None:
    """Destroy the secrets of this round and earlier ones."""
    connection.execute(update(prekey).where(prekey.c.number <= up_to).values(secret=None))


@dataclass(frozen=True, slots=True)
class StoredRound:
    """What this node knows and said in one round."""

    number: int
    rid: bytes
    descriptor: Signed
    prekeys: tuple[Signed, ...]
    message: bytes | None = field(repr=False)
    channel: bytes | None = field(repr=False)
    committee: Committee
    mark: bytes | None
    set_digest: bytes | None
    set_ids: tuple[int, ...]
    answer: bytes | None = field(repr=False)
    outcome: Outcome
    updated_at: int


def _read(row: Any) -> StoredRound:
    prekeys = tuple(Signed.from_canonical(text.encode()) for text in json.loads(row.prekeys))
    return StoredRound(
        row.number, row.rid, Signed.from_canonical(row.descriptor.encode()), prekeys,
        row.message, row.channel, row.committee, row.mark, row.set_digest,
        tuple(json.loads(row.set_ids or "[]")), row.answer, row.outcome, row.updated_at,
    )  # fmt: skip


def by_rid(connection: Connection, rid: bytes) -> StoredRound | None:
    """Return a round by its id, or None."""
    row = connection.execute(select(round_).where(round_.c.rid == rid)).first()
    return None if row is None else _read(row)


def unended(connection: Connection) -> list[tuple[bytes, int]]:
    """(round id, when it last changed) of each round that this node contributed to and of whose
    end it has not heard."""
    query = select(round_.c.rid, round_.c.updated_at).where(round_.c.outcome == "sent")
    return [(row.rid, row.updated_at) for row in connection.execute(query)]


def all_rounds(connection: Connection) -> list[StoredRound]:
    """Every round, newest first."""
    return [_read(r) for r in connection.execute(select(round_).order_by(round_.c.number.desc()))]


def last_burnt(connection: Connection) -> int:
    """The highest round number whose keys this node used, or may have before a restore: as a
    centre that contributed, or as a witness that signed a set."""
    used = round_.c.message.is_not(None) | round_.c.set_digest.is_not(None)
    found = connection.execute(select(func.max(round_.c.number)).where(used)).scalar()
    return max(int(found or 0), forgotten_up_to(connection))


def forgotten_up_to(connection: Connection) -> int:
    """The last round of which a restored node may have forgotten what it said; else 0."""
    found = settings.get(connection, _FORGOTTEN)
    return int(found or 0)


def forget_up_to(connection: Connection, number: int) -> None:
    """Take part in no round up to this one any more."""
    number = max(number, forgotten_up_to(connection))
    settings.put(connection, _FORGOTTEN, str(number))


def open_round(
    connection: Connection, rid: bytes, number: int, descriptor: Signed, prekeys: Sequence[Signed]
) -> None:
    """Remember a round from the moment this node first says something in it.

    Raises AlreadyBurnt when another round had this number.
    """
    same = select(round_.c.rid).where(round_.c.number == number)
    if connection.execute(same).scalar() is not None:
        raise AlreadyBurnt("this centre has spoken in another round of this number")
    connection.execute(
        insert(round_).values(
            number=number,
            rid=rid,
            descriptor=descriptor.canonical().decode(),
            prekeys=json.dumps([p.canonical().decode() for p in prekeys]),
            committee="NONE",
            outcome="not_sent",
            updated_at=0,
        )
    )


def change(connection: Connection, rid: bytes, **values: Any) -> None:
    """Write columns of a round."""
    if "set_ids" in values:
        values["set_ids"] = json.dumps(values["set_ids"])
    connection.execute(update(round_).where(round_.c.rid == rid).values(**values))


def contributed(connection: Connection) -> dict[str, int]:
    """Number of each round that this centre contributed to, by round id."""
    found = audit_log.details_of(connection, "contributed")
    return {str(details["rid"]): int(details["round"]) for details in found}
