"""What is stored of a centre's answer is no longer what it sent: that costs its place at most.

before the set is fixed    dropped, and asked for again; who is not back in time is left out
a centre of the fixed set  asked again: a centre says the same bytes, however late
a centre outside of it     dropped
prekeys before opening, signatures, shares, statements    dropped, and asked for again

What a round cannot do without halts it, with a sentence: its documents, or prekeys once it is open.
"""

import logging
from contextlib import suppress

from chassis import logs
from chassis.store import audit_log
from coordinator.rounds.asking import Question
from coordinator.rounds.closing import FixedSet, take_contribution
from coordinator.rounds.contributions import Arrived, Damaged
from coordinator.store import contributions, faults, rounds
from coordinator.store.contributions import PARTS
from coordinator.store.database import Connection
from coordinator.store.faults import Fault, Phase
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.refusal import BadContribution, SumRefusal
from privacy.secure_sum.view import RoundView
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind
from schemas.roster import Roster
from schemas.round import Prekey
from schemas.signed import BadSignature, Signed

log = logging.getLogger("wegwijs.rounds")

UNREADABLE = "unreadable"
"""Outcome of a round that was halted; it goes on when a sound database is put back."""

REFUSALS = (SumRefusal, MalformedDocument, BadSignature)
"""What reading a round raises that is stored otherwise than it was signed."""

_PHASES: dict[rounds.Kind, Phase] = {
    "prekey": "announce", "set_signature": "certify", "shares": "unmask", "abandonment": "abandon",
}  # fmt: skip


def drop_damaged(connection: Connection, view: RoundView, now: int) -> bool:
    """Drop each contribution that is not what its centre sent, before a set is made of them.

    Returns whether there was one.
    """
    number, arrived = view.descriptor.announcement.round, Arrived(connection, view)
    found: list[Damaged] = []
    kept = {part: rounds.who_answered(connection, number, part) for part in PARTS}
    for node in sorted({node for nodes in kept.values() for node in nodes}):
        try:
            arrived.check(node)
        except Damaged as damaged:
            found.append(damaged)
    for one in found:
        contributions.drop(connection, number, one.centre)
        _name(connection, number, one, now)
    return bool(found)


def drop_damaged_prekeys(
    connection: Connection, roster: Roster, stored: StoredRound, now: int
) -> None:
    """The same of prekeys, before a round is described by them."""
    for node, raw in rounds.answers(connection, stored.number, "prekey").items():
        try:
            Signed.from_canonical(raw).open(Prekey, roster.identities[node])
        except (MalformedDocument, BadSignature):
            put_aside(connection, stored, Damaged(node, "prekey"), now)


def put_aside(connection: Connection, stored: StoredRound, found: Damaged, now: int) -> bool:
    """Name the centre, and drop what can be dropped; returns whether its contribution is needed
    and has to be asked for again. What the round cannot do without is left as it is."""
    if found.kind == "prekey" and stored.descriptor is not None:
        halt(connection, stored, found, now)
        return False
    _name(connection, stored.number, found, now)
    if found.kind in _PHASES:
        rounds.drop_answer(connection, stored.number, found.kind, found.centre)
        return False
    if found.centre in (stored.set_ids or ()):
        return True
    contributions.drop(connection, stored.number, found.centre)
    return False


def again(stored: StoredRound, view: RoundView) -> Question:
    """Asks a centre of the fixed set for its contribution once more; another one than the set was
    signed with is not taken."""

    def take(connection: Connection, node: int, frame: Frame, now: int) -> None:
        contributions.drop(connection, stored.number, node)
        take_contribution(connection, view, node, frame.parts[0], now)
        signed = rounds.answers(connection, stored.number, "set_signature")
        if signed and not _sound_marks(connection, FixedSet.load(connection, stored, view)):
            raise BadContribution("another contribution than the set was signed with")

    return Question("contribute", Kind.CONTRIBUTION, take)


def _sound_marks(connection: Connection, fixed: FixedSet) -> int:
    sound = 0
    for member, raw in rounds.answers(connection, fixed.stored.number, "set_signature").items():
        with suppress(Damaged):
            fixed.mark(member, raw)
            sound += 1
    return sound


def halt(connection: Connection, stored: StoredRound, refusal: Exception, now: int) -> None:
    """Say that a round cannot go on from what is stored of it; the others do."""
    if stored.outcome == UNREADABLE:
        return
    rounds.note(connection, stored.number, now, outcome=UNREADABLE)
    audit_log.note(connection, now, "unreadable", round=stored.number)
    log.error("round %d goes no further: %s", stored.number, logs.place(refusal))


def _name(connection: Connection, number: int, found: Damaged, now: int) -> None:
    """Once a round: it is found at every step until it is mended."""
    fault = Fault(found.centre, _PHASES.get(found.kind, "contribute"), "damaged-here")
    if fault not in faults.of_round(connection, number):
        faults.note(connection, number, [fault], now)
