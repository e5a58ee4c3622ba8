"""The state machine of rounds. Its state is the database; it can be killed at any line.

    ANNOUNCED ──open──▶ OPEN ──close──▶ CLOSING ──q signatures──▶ CERTIFIED ──▶ PUBLISHED
        │                │                                            └───────▶ STUCK
        │                └──abandon, or below the floor at the end, q statements──┐
        └──cancel──────────────────────────────────────────────────────▶ ABANDONED

After some days (setting `stuck_days`, or 30) OPEN, CLOSING and CERTIFIED become STUCK; what was
never closed is still given up when enough members state it, however late.

Each tick asks the nodes for what the state still lacks and stores each answer as it comes.
"""

import logging
import re
from collections.abc import Callable, Mapping
from threading import Event

from coordinator.refusal import Refusal
from coordinator.rounds import abandoning, closing, opening, overdue, transcripts
from coordinator.rounds.carrier import Carrier
from coordinator.store import CoordinatorStore, centres, rounds, trail
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.refusal import BelowFloor, Stuck, SumRefusal
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame
from schemas.signed import BadSignature

log = logging.getLogger("wegwijs.rounds")

Take = Callable[[Connection, StoredRound, int, Frame, int], None]
_RETOLD = 3
_ENDED: tuple[rounds.State, ...] = ("DRAFT", "PUBLISHED", "WITHHELD", "ABANDONED")
_REASON = re.compile(rb"[a-z][a-z-]{0,39}")
"""What a reason code looks like; operators see it on their terminals."""


class Engine:
    """Runs rounds over a carrier. One engine, one thread."""

    def __init__(
        self,
        store: CoordinatorStore,
        carrier: Carrier,
        identity: Identity,
        clock: Callable[[], int],
        *,
        patience: float = 3.0,
    ) -> None:
        self._store, self._carrier, self._identity = store, carrier, identity
        self._clock, self._patience = clock, patience
        self._withdrawn: set[int] = set()

    def run(self, stop: Event, *, every: float = 0.3) -> None:
        """Tick until told to stop."""
        while not stop.is_set():
            self.tick()
            stop.wait(every)

    def tick(self) -> None:
        """Take every unfinished round one step further, and tell nodes how rounds ended."""
        online = self._carrier.online()
        with self._store.begin() as connection:
            centres.seen(connection, online, self._clock())
            overdue.mark_stuck(connection, self._clock())
            transcripts.forget(connection, self._clock())
            unfinished = rounds.in_states(connection, ("ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED"))
            unfinished += overdue.given_up(connection)
            ended = rounds.in_states(connection, _ENDED)[-_RETOLD:]
        for stored in unfinished:
            self._step(stored, online)
        for stored in ended:
            if stored.descriptor is not None:
                self._tell(stored, online)

    def _step(self, stored: StoredRound, online: frozenset[int]) -> None:
        steps = {
            "ANNOUNCED": self._announced,
            "OPEN": self._open,
            "CLOSING": self._closing,
            "CERTIFIED": self._certified,
            "STUCK": self._abandon,
        }
        steps[stored.state](stored, online)

    def _ask(
        self, stored: StoredRound, requests: Mapping[int, bytes], expected: Kind, take: Take
    ) -> None:
        """Send, and store each answer in a transaction of its own as it arrives."""
        if not requests:
            return
        for node, raw in self._carrier.exchange(requests, seconds=self._patience):
            try:
                self._take(stored, node, Frame.from_bytes(raw), expected, take)
            except (BadSignature, MalformedDocument, MalformedFrame, SumRefusal, Refusal) as no:
                log.warning(
                    "round %d: an answer of centre %d was not taken: %s",
                    stored.number, node, no.code,
                )  # fmt: skip

    def _take(
        self, stored: StoredRound, node: int, frame: Frame, expected: Kind, take: Take
    ) -> None:
        now = self._clock()
        with self._store.begin() as connection:
            if frame.kind is expected and (frame.parts or expected is Kind.DONE):
                take(connection, stored, node, frame, now)
            elif frame.kind is Kind.REFUSED and len(frame.parts) == 1:
                code = frame.parts[0]
                if not _REASON.fullmatch(code):
                    raise MalformedFrame("a refusal without a reason code")
                rounds.replace_answer(connection, stored.number, "refusal", (node, code), now)
            else:
                raise MalformedFrame("another answer than the one that was asked for")

    def _announced(self, stored: StoredRound, online: frozenset[int]) -> None:
        now = self._clock()
        with self._store.begin() as connection:
            if stored.wanted == "abandon" or now > stored.announced.deadline_latest:
                rounds.move(connection, stored.number, ("ANNOUNCED", "ABANDONED"), now)
                trail.note(connection, now, "cancelled", round=stored.number)
                return
            if stored.wanted == "open":
                self._describe(connection, stored)
                return
            requests = opening.announce_requests(connection, stored, online)
        self._ask(stored, requests, Kind.READY, opening.take_ready)

    def _describe(self, connection: Connection, stored: StoredRound) -> None:
        now = self._clock()
        try:
            opening.describe(connection, stored, self._identity, now)
        except SumRefusal as refusal:
            rounds.want(connection, stored.number, None, now)
            rounds.note(connection, stored.number, now, outcome=refusal.code)
            log.warning("round %d could not be opened: %s", stored.number, refusal.code)

    def _open(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            view = opening.view_of(connection, stored)
            done = rounds.who_answered(connection, stored.number, "contribution")
            late = self._clock() > stored.announced.deadline_latest
            giving_up = stored.wanted == "abandon" or (late and len(done) < view.parameters.floor)
            ending = not giving_up and (stored.wanted == "close" or late)
            closed = ending and self._close(connection, stored, late=late)
            waiting = set(view.active) & online - set(done)
            request = closing.contribute_request(connection, stored)
        if closed or giving_up:
            self._withdraw(stored)
        if giving_up:
            self._abandon(stored, online)
        elif not closed:
            self._ask(stored, _all(waiting, request), Kind.CONTRIBUTION, closing.take_contribution)

    def _close(self, connection: Connection, stored: StoredRound, *, late: bool) -> bool:
        now = self._clock()
        try:
            closing.close(connection, stored, now)
        except BelowFloor as refusal:
            rounds.want(connection, stored.number, "abandon" if late else None, now)
            rounds.note(connection, stored.number, now, outcome=str(refusal))
            return False
        return True

    def _withdraw(self, stored: StoredRound) -> None:
        """Nobody may find the request to contribute later, and be charged for nothing."""
        if stored.number not in self._withdrawn:
            self._withdrawn.add(stored.number)
            self._carrier.withdraw()

    def _abandon(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            view = opening.view_of(connection, stored)
            stated = rounds.who_answered(connection, stored.number, "abandonment")
            waiting = set(view.committee) & online - set(stated)
            request = abandoning.abandon_request(connection, stored)
        self._ask(stored, _all(waiting, request), Kind.STATEMENT, abandoning.take_statement)

    def _closing(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            closed = closing.Closed.load(connection, stored)
            signed = rounds.who_answered(connection, stored.number, "set_signature")
            if len(signed) >= closed.view.parameters.quorum:
                now = self._clock()
                rounds.move(connection, stored.number, ("CLOSING", "CERTIFIED"), now)
                return
            waiting = set(closed.view.members) & online - set(signed)
            request = closed.certify_request()

        def take(c: Connection, stored: StoredRound, node: int, frame: Frame, now: int) -> None:
            closing.Closed.load(c, stored).take_mark(node, frame.parts[0], now)

        self._ask(stored, _all(waiting, request), Kind.SET_SIGNATURE, take)

    def _certified(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            closed = closing.Closed.load(connection, stored)
            answered = rounds.who_answered(connection, stored.number, "shares")
            enough = len(answered) >= closed.view.parameters.threshold
            if enough and self._publish(closed, answered):
                return
            signed = rounds.who_answered(connection, stored.number, "set_signature")
            requests = closed.unmask_requests(sorted(set(signed) & online - set(answered)))

        def take(c: Connection, stored: StoredRound, node: int, frame: Frame, now: int) -> None:
            closing.Closed.load(c, stored).take_shares(node, frame.parts[0], now)

        self._ask(stored, requests, Kind.SHARES, take)

    def _publish(self, closed: closing.Closed, answered: tuple[int, ...]) -> bool:
        number, now = closed.stored.number, self._clock()
        try:
            release = closed.publish(self._identity, now)
        except Stuck as refusal:
            if len(answered) < len(closed.marks):
                return False
            step: tuple[rounds.State, rounds.State] = ("CERTIFIED", "STUCK")
            rounds.move(closed.connection, number, step, now, outcome=str(refusal))
            log.warning("round %d is stuck: %s", number, refusal.code)
            return True
        log.info("round %d is summed: %s", number, release.id)
        return True

    def _tell(self, stored: StoredRound, online: frozenset[int]) -> None:
        """After the end: the certificate to everybody, or the budget back."""
        with self._store.begin() as connection:
            known = rounds.who_answered(connection, stored.number, "told")
            active = stored.described.active if stored.described else ()
            waiting = set(active) & online - set(known)
            if not waiting:
                return
            if stored.state != "ABANDONED":
                frame = closing.result_request(stored)
            else:
                frame = abandoning.refund_request(connection, stored)

        def take(c: Connection, stored: StoredRound, node: int, _: Frame, now: int) -> None:
            rounds.keep_answer(c, stored.number, "told", {node: b""}, now)

        self._ask(stored, _all(waiting, frame), Kind.DONE, take)


def _all(nodes: set[int], frame: Frame) -> Mapping[int, bytes]:
    """The same request for several nodes."""
    return dict.fromkeys(sorted(nodes), frame.to_bytes())
