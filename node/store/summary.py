"""What is in the store, at a glance: without SQLAlchemy, which takes half a second to load."""

import json
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from node.store import cipher
from schemas.key_words import key_words


@dataclass(frozen=True, slots=True)
class LastImport:
    """The file that was read last; `at` in Unix seconds."""

    file: str
    at: int
    rows: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the store holds, and what its owner should know of it. Moments in Unix seconds."""

    records: int
    imports: int
    last_import: LastImport | None
    restored_at: int | None = None
    forgotten_until: int | None = None
    halted_at: int | None = None
    stuck: tuple[int, ...] = ()
    region: str | None = None
    connection: str | None = None
    connection_at: int | None = None
    clock_ahead: int = 0
    rounds: dict[str, int] = field(default_factory=dict)
    paused: bool = False
    approved: bool = False
    key_words: str | None = None
    witness: bool = False
    committee: dict[str, int] = field(default_factory=dict)
    newer_roster: bool = False


STUCK = """
SELECT number FROM round WHERE outcome = 'sent' AND max(
    json_extract(json_extract(descriptor, '$.body'), '$.announcement.announced_at') + 86400 * :days,
    json_extract(json_extract(descriptor, '$.body'), '$.announcement.deadline_latest')
) < :now ORDER BY number
"""
"""Rounds that this centre paid for and never heard the end of (`Announcement.stuck_after`)."""

_SETTINGS = """
SELECT key, CAST(CAST(value AS TEXT) AS INTEGER) FROM setting
WHERE key IN ('restored_at', 'forgotten_until', 'halted', 'stuck_days')
"""

_TEXTS = "SELECT key, CAST(value AS TEXT) FROM setting WHERE key IN ('url', 'connection')"
_PAUSED = "SELECT count(*) FROM setting WHERE key = 'paused' AND length(value) > 0"
_APPROVED = """
SELECT approved_at IS NOT NULL FROM signed_document
WHERE kind = 'programme' ORDER BY version DESC LIMIT 1
"""
_NEWER_ROSTER = """
SELECT count(*) FROM signed_document WHERE kind = 'roster' AND version > (
    SELECT max(version) FROM signed_document WHERE kind = 'roster' AND approved_at IS NOT NULL
)
"""
"""Rosters that came after the one that the owner read last."""

_IDENTITY = "SELECT value FROM setting WHERE key = 'identity'"
_WITNESS = "SELECT count(*) FROM setting WHERE key = 'role' AND CAST(value AS TEXT) = 'witness'"
_COMMITTEE = "SELECT committee, count(*) FROM round GROUP BY committee ORDER BY committee"
_ROUNDS = "SELECT outcome, count(*) FROM round GROUP BY outcome ORDER BY outcome"


def summary(folder: Path, now: int = 0) -> Summary:
    """Look into the store of a folder. Raises a StoreError."""
    key = cipher.key_of(folder)
    with cipher.opening(), closing(cipher.connect(folder / cipher.DATABASE, key)) as connection:
        (records,) = connection.execute("SELECT count(*) FROM record").fetchone()
        (imports,) = connection.execute("SELECT count(*) FROM batch").fetchone()
        last = connection.execute(
            "SELECT file, imported_at, rows FROM batch ORDER BY id DESC LIMIT 1"
        ).fetchone()
        known = dict(connection.execute(_SETTINGS).fetchall())
        days = known.get("stuck_days") or 30
        stuck = connection.execute(STUCK, {"now": now, "days": days}).fetchall()
        said = dict(connection.execute(_TEXTS).fetchall())
        rounds = dict(connection.execute(_ROUNDS).fetchall())
        (paused,) = connection.execute(_PAUSED).fetchone()
        approved = connection.execute(_APPROVED).fetchone()
        identity = connection.execute(_IDENTITY).fetchone()
        (witness,) = connection.execute(_WITNESS).fetchone()
        committee = dict(connection.execute(_COMMITTEE).fetchall())
        (newer,) = connection.execute(_NEWER_ROSTER).fetchone()
    line = json.loads(said.get("connection", "{}"))
    return Summary(
        records, imports, LastImport(*last) if last else None, known.get("restored_at"),
        known.get("forgotten_until"), known.get("halted"), tuple(number for (number,) in stuck),
        said.get("url"), line.get("state"), line.get("at"), line.get("ahead", 0), rounds,
        bool(paused), bool(approved and approved[0]), _words(identity[0]) if identity else None,
        bool(witness), committee, bool(newer),
    )  # fmt: skip


def _words(identity: bytes) -> str:
    from privacy.secure_sum.keys import Identity

    return key_words(Identity(identity).public_hex)
