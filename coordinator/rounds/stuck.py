"""Rounds that never ended: after some days they are stuck, and no longer in the way of others.

At every centre their charge stands. While no set was certified a stuck round may still be given
up, which gives the charge back.
"""

import logging

from chassis.store import audit_log, settings
from coordinator.store import rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from schemas.round import STUCK_DAYS

log = logging.getLogger("wegwijs.rounds")


def days(connection: Connection) -> int:
    """How long a round may stay open: the setting `stuck_days`, or what is usual."""
    return int(settings.text(connection, "stuck_days") or STUCK_DAYS)


def set_days(connection: Connection, limit: int, now: int) -> None:
    """Change it, from now on and for rounds that are open already."""
    settings.put(connection, "stuck_days", str(limit))
    audit_log.note(connection, now, "stuck-days", days=limit)


def mark_stuck(connection: Connection, now: int) -> None:
    """Move every round that is open for too long; giving it up goes on by itself."""
    limit = days(connection)
    for stored in rounds.in_states(connection, ("OPEN", "CLOSING", "CERTIFIED")):
        if now <= stored.announced.stuck_after(limit):
            continue
        outcome = f"neither certified nor given up within {limit} days"
        rounds.move(connection, stored.number, (stored.state, "STUCK"), now, outcome=outcome)
        if stored.state == "OPEN":
            rounds.want(connection, stored.number, "abandon", now)
        audit_log.note(connection, now, "stuck", round=stored.number)
        log.warning("round %d is stuck: %s", stored.number, outcome)


def given_up(connection: Connection) -> list[StoredRound]:
    """Stuck rounds that are being given up."""
    return rounds.in_states(connection, ("STUCK",), wanted="abandon")
