"""Giving up an open round so that every centre gets its budget back."""

from chassis.store import audit_log
from coordinator.rounds.opening import named
from coordinator.store import rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.abandon import check_abandonment, check_statement
from privacy.secure_sum.refusal import BadAbandonment, Malformed
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Mark
from schemas.message import Kind
from schemas.request import Request


def abandon_request(connection: Connection, stored: StoredRound, now: int) -> Request:
    """ABANDON, the same for every committee member."""
    return Request(Kind.ABANDON, named(connection, stored, now))


def take_statement(
    connection: Connection, view: RoundView, node: int, raw: bytes, now: int
) -> None:
    """Keep a statement; a quorum of them makes the round abandoned. Raises BadAbandonment."""
    number = view.descriptor.announcement.round
    if Mark.from_bytes(raw).member != node:
        raise BadAbandonment("a statement under another centre's name")
    check_statement(view, Mark.from_bytes(raw))
    rounds.keep_answer(connection, number, "abandonment", {node: raw}, now)
    heard = _statements(connection, view)
    current = rounds.of(connection, number)
    if len(heard) < view.parameters.quorum or current is None:
        return
    if current.state not in ("OPEN", "STUCK"):
        return
    check_abandonment(view, [Mark.from_bytes(body) for body in heard])
    rounds.move(connection, number, (current.state, "ABANDONED"), now, outcome=None)
    audit_log.note(connection, now, "abandoned", round=number)


def _statements(connection: Connection, view: RoundView) -> list[bytes]:
    """Those that still say so: whose statement was damaged here is asked once more."""
    number, sound = view.descriptor.announcement.round, []
    for member, raw in rounds.answers(connection, number, "abandonment").items():
        try:
            check_statement(view, Mark.from_bytes(raw))
            sound.append(raw)
        except (Malformed, BadAbandonment):
            rounds.drop_answer(connection, number, "abandonment", member)
    return sound
