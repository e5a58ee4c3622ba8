"""Rounds that never ended: after some days they are stuck, and their channel keys go.

A stuck round keeps its charge. It may still be abandoned, which gives the charge back.
"""

from sqlalchemy import Connection, text

from node.store.summary import STUCK
from schemas.round import STUCK_DAYS

_FORGET = """
UPDATE round SET channel = NULL WHERE channel IS NOT NULL AND max(
    json_extract(json_extract(descriptor, '$.body'), '$.announcement.announced_at') + 86400 * :days,
    json_extract(json_extract(descriptor, '$.body'), '$.announcement.deadline_latest')
) < :now
"""
_DAYS = "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM setting WHERE key = 'stuck_days'"


def days(connection: Connection) -> int:
    """How long a round may stay open: the setting `stuck_days`, or what is usual."""
    return connection.execute(text(_DAYS)).scalar() or STUCK_DAYS


def stuck(connection: Connection, now: int) -> tuple[int, ...]:
    """Numbers of the rounds that this node paid for and that never ended."""
    found = connection.execute(text(STUCK), {"now": now, "days": days(connection)})
    return tuple(found.scalars())


def forget_channels(connection: Connection, now: int) -> int:
    """Destroy the channel keys of rounds that are over or stuck by their age. Returns how many."""
    values = {"now": now, "days": days(connection)}
    return connection.execute(text(_FORGET), values).rowcount
