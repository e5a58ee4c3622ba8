"""Transcripts: what of a summed round is kept, for how long, so that its sum can be audited.

At the moment of the sum the sealed shares go, and whatever a centre outside the set had sent:
nothing that stays could open more than the sum did. Masked vectors, commitments and opened
shares stay for `transcript_days`. Of a round that was given up no vector stays at all.
"""

import logging
from collections.abc import Iterator, Sequence

from chassis.errors import NotYet
from chassis.store import audit_log, settings
from coordinator.rounds.opening import documents_for
from coordinator.store import rounds, transcripts
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.transcript import write
from schemas.round import SignedHeader
from schemas.transcript import TranscriptHead
from schemas.units import DAY

log = logging.getLogger("wegwijs.rounds")

DEFAULT_DAYS = 365


class NoTranscript(NotYet):
    """The round was not summed, or its transcript was deleted when its time was over."""

    code = "no-transcript"


def days(connection: Connection) -> int:
    """How long a transcript is kept: the setting `transcript_days`, or 365."""
    return int(settings.text(connection, "transcript_days") or DEFAULT_DAYS)


def set_days(connection: Connection, limit: int, now: int) -> None:
    """Change it, for rounds that are summed from now on."""
    settings.put(connection, "transcript_days", str(limit))
    audit_log.note(connection, now, "transcript-days", days=limit)


def keep(connection: Connection, number: int, in_sum: Sequence[int], now: int) -> None:
    """Keep what an audit needs of a summed round, in the transaction of the sum."""
    transcripts.begin(connection, number, in_sum, now + days(connection) * DAY)


def forget(connection: Connection, now: int) -> None:
    """Delete the transcripts whose time is over, and what given-up rounds left behind."""
    for number in transcripts.overdue(connection, now):
        transcripts.delete(connection, number)
        audit_log.note(connection, now, "transcript-deleted", round=number)
        log.info("the transcript of round %d was deleted: its time is over", number)
    transcripts.delete_given_up(connection, now - days(connection) * DAY)


def export(connection: Connection, number: int) -> Iterator[bytes]:
    """Return the transcript of a round piece by piece. Raises NoTranscript."""
    stored = rounds.of(connection, number)
    if stored is None or stored.certificate is None or not transcripts.held(connection, number):
        raise NoTranscript(
            "there is no transcript of round {number}: it was not summed, or its time is over",
            number=number,
        )
    head = _head(connection, stored)
    return write(head, _parts(connection, stored, head))


def _head(connection: Connection, stored: StoredRound) -> TranscriptHead:
    signed_documents, number = documents_for(connection, stored), stored.number
    assert stored.certificate is not None  # noqa: S101 - export looked
    inside = {header.id for header in stored.certificate.headers}
    kept = rounds.who_answered(connection, number, "commitments")
    said = rounds.answers(connection, number, "header")
    return TranscriptHead(
        roster=signed_documents.signed_roster,
        programme=signed_documents.signed_programme,
        certificate=stored.certificate,
        removed=tuple(
            SignedHeader.from_canonical(said[node]) for node in kept if node not in inside
        ),
        members=rounds.who_answered(connection, number, "shares"),
    )


def _parts(connection: Connection, stored: StoredRound, head: TranscriptHead) -> Iterator[bytes]:
    def body(kind: rounds.Kind, node: int) -> bytes:
        return rounds.answer_of(connection, stored.number, kind, node) or b""

    for header in head.certificate.headers:
        yield body("vector", header.id)
        yield body("commitments", header.id)
    for header in head.removed:
        yield body("commitments", header.id)
    for member in head.members:
        yield body("shares", member)
