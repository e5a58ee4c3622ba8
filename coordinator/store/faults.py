"""What was not taken of what centres sent: who, in which round and phase, and why.

Reasons are a closed list and carry nothing of what was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, insert, select, update

from chassis.store import settings
from coordinator.store.tables import fault as table

Phase = Literal["announce", "contribute", "certify", "unmask", "abandon"]
Reason = Literal[
    "another-shape", "bad-abandonment", "bad-card", "bad-contribution", "bad-link", "bad-prekeys",
    "bad-set", "bad-signature", "copied-key", "damaged-here", "false-commitment", "false-share",
    "half-sent", "inconsistent-shares", "malformed", "malformed-document", "malformed-frame",
    "not-certified", "not-handled",
    "pair-disagrees", "pair-without-link", "too-large", "too-many-objects",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)

_BY_CODE: dict[str, Reason] = {reason: reason for reason in REASONS}
_NOBODY = -1
_READMITTED = "readmitted/"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of thing that a centre sent. `peer`: the other end, where a pair disagrees and
    nobody can tell which of the two is at fault."""

    centre: int
    phase: Phase
    reason: Reason
    peer: int | None = None
    times: int = 1


def reason_of(error: Exception) -> Reason:
    """The reason that an error's code stands for; any other error is a fault of this program."""
    return reason_coded(getattr(error, "code", ""))


def reason_coded(code: str) -> Reason:
    """The reason with this code."""
    return _BY_CODE.get(code, "not-handled")


def note(connection: Connection, number: int, faults: Iterable[Fault], at: int) -> None:
    """Count them; however often a centre repeats itself, it fills one row a kind."""
    for one in faults:
        peer = _NOBODY if one.peer is None else one.peer
        same = (
            (table.c.round == number) & (table.c.centre == one.centre)
            & (table.c.phase == one.phase) & (table.c.reason == one.reason)
            & (table.c.peer == peer)
        )  # fmt: skip
        more = {"times": table.c.times + one.times, "last_at": at}
        if connection.execute(update(table).where(same).values(**more)).rowcount == 0:
            connection.execute(
                insert(table).values(
                    round=number, centre=one.centre, phase=one.phase, reason=one.reason,
                    peer=peer, times=one.times, last_at=at,
                )
            )  # fmt: skip


def of_round(connection: Connection, number: int) -> list[Fault]:
    """What was not taken in a round, by centre."""
    order = (table.c.centre, table.c.phase, table.c.reason, table.c.peer)
    rows = connection.execute(select(table).where(table.c.round == number).order_by(*order))
    return [
        Fault(row.centre, row.phase, row.reason, None if row.peer < 0 else row.peer, row.times)
        for row in rows
    ]


def left_out(connection: Connection) -> frozenset[int]:
    """Centres that stopped a round by inconsistent shares and were not readmitted since."""
    query = select(table.c.centre, table.c.round).where(table.c.reason == "inconsistent-shares")
    return frozenset(
        row.centre
        for row in connection.execute(query)
        if row.round > int(settings.text(connection, f"{_READMITTED}{row.centre}") or 0)
    )


def readmit(connection: Connection, centre: int, after: int) -> None:
    """Let a centre take part again: what it did up to round `after` no longer counts."""
    settings.put(connection, f"{_READMITTED}{centre}", str(after))
