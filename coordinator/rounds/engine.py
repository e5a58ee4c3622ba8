"""The state machine of rounds. Its state is the database; it can be killed at any line.

    ANNOUNCED ──open──▶ OPEN ──close──▶ CLOSING ──q signatures──▶ CERTIFIED ──▶ PUBLISHED
        │                │                                            └───────▶ STUCK
        │                └──abandon, or below the floor at the end, q statements──┐
        └──cancel──────────────────────────────────────────────────────▶ ABANDONED

After some days (setting `stuck_days`, or 30) OPEN, CLOSING and CERTIFIED become STUCK; what was
never closed is still given up when enough members state it, however late.

Each tick asks the nodes for what the state still lacks and stores each answer as it comes. How a
round ended nobody is told: who contributed asks (`ending`).
"""

import logging
from collections.abc import Callable, Set
from threading import Event

from chassis.store import audit_log
from coordinator.carrier.seam import Carrier
from coordinator.rounds import abandoning, closing, mending, opening, stuck, transcripts
from coordinator.rounds.announcing import Announcements
from coordinator.rounds.asking import Asking, Question
from coordinator.rounds.checked_views import Views
from coordinator.rounds.closing import FixedSet
from coordinator.rounds.contributions import Damaged
from coordinator.rounds.last_seen import LastSeen
from coordinator.rounds.public_documents import Standing
from coordinator.rounds.readiness import Asked, take_ready
from coordinator.store import CoordinatorStore, centres, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.refusal import BelowFloor, Stuck, SumRefusal
from privacy.secure_sum.view import RoundView
from schemas.message import Frame, Kind
from schemas.request import Request

log = logging.getLogger("wegwijs.rounds")


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
        self._clock, self._asking = clock, Asking(store, carrier, clock, patience)
        self._withdrawn: set[int] = set()
        self._views, self._standing = Views(), Standing(store)
        self._unopened: dict[int, int] = {}
        self._sights = LastSeen()
        self._invitations: Announcements | None = None
        self._fixed: FixedSet | None = None

    def run(self, stop: Event, *, every: float = 0.3) -> None:
        """Tick until told to stop."""
        while not stop.is_set():
            self.tick()
            stop.wait(every)

    def tick(self) -> None:
        """Take every unfinished round one step further."""
        now = self._clock()
        with self._store.begin() as connection:
            stuck.mark_stuck(connection, now)
            transcripts.forget(connection, now)
            unfinished = rounds.in_states(connection, ("ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED"))
            unfinished += stuck.given_up(connection)
        if not (unfinished or self._sights.due(now)):
            return
        online = self._carrier.online()
        if self._sights.news(online, now):
            with self._store.begin() as connection:
                centres.seen(connection, online, now)
        for stored in unfinished:
            self._step(stored, online)

    def _step(self, stored: StoredRound, online: frozenset[int]) -> None:
        steps = {
            "ANNOUNCED": self._announced,
            "OPEN": self._open,
            "CLOSING": self._closing,
            "CERTIFIED": self._certified,
            "STUCK": self._abandon,
        }
        try:
            steps[stored.state](stored, online)
        except Damaged as found:
            self._mend(stored, found, online)
        except mending.REFUSALS as refusal:
            with self._store.begin() as connection:
                mending.halt(connection, stored, refusal, self._clock())

    def _mend(self, stored: StoredRound, found: Damaged, online: frozenset[int]) -> None:
        """What is stored of one centre is not what it sent: this round goes on, and the others."""
        with self._store.begin() as connection:
            needed = mending.put_aside(connection, stored, found, self._clock())
            view = self._views.of(connection, stored) if needed else None
        if view is not None:
            question = mending.again(stored, view)
            self._ask_all(stored, question, {found.centre} & online, Kind.CONTRIBUTE)

    def _announced(self, stored: StoredRound, online: frozenset[int]) -> None:
        now = self._clock()
        with self._store.begin() as connection:
            if stored.wanted == "abandon" or now > stored.announced.deadline_latest:
                rounds.move(connection, stored.number, ("ANNOUNCED", "ABANDONED"), now)
                audit_log.note(connection, now, "cancelled", round=stored.number)
                return
            if stored.wanted == "open":
                self._describe(connection, stored)
                return
            invited = self._invitations
            if invited is None or invited.stored.announcement != stored.announcement:
                invited = Announcements(opening.documents_for(connection, stored), stored)
                self._invitations = invited
            requests = invited.requests(connection, online, now)

        def take(c: Connection, node: int, frame: Frame, now: int) -> None:
            asked = Asked(invited.here, stored, invited.relayed_to(node))
            if take_ready(c, asked, node, frame, now):
                invited.card_changed()

        question = Question("announce", Kind.READY, take)
        invited.heard(self._asking.ask(stored.number, question, requests))

    def _describe(self, connection: Connection, stored: StoredRound) -> None:
        now = self._clock()
        roster = opening.documents_for(connection, stored).roster
        mending.drop_damaged_prekeys(connection, roster, stored, now)
        try:
            opening.describe(connection, stored, self._identity, now)
        except SumRefusal as refusal:
            rounds.want(connection, stored.number, None, now)
            rounds.note(connection, stored.number, now, outcome=refusal.code)
            log.warning("round %d could not be opened: %s", stored.number, refusal.code)

    def _open(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            view = self._views.of(connection, stored)
            late = self._clock() > view.descriptor.deadline
            wanted = stored.wanted == "close" or late
            # who was damaged here is asked once more before the set is made without it
            waits = wanted and mending.drop_damaged(connection, view, self._clock())
            done = rounds.who_answered(connection, stored.number, "header")
            below = late and len(done) < view.parameters.floor
            giving_up = stored.wanted == "abandon" or (below and not waits)
            ending = wanted and not giving_up and not waits
            closed = ending and self._close(connection, view, late=late)
            waiting = set(view.active) & online - set(done)
        if closed or giving_up:
            self._withdraw(stored)

        def take(c: Connection, node: int, frame: Frame, now: int) -> None:
            closing.take_contribution(c, view, node, frame.parts[0], now)

        if giving_up:
            self._abandon(stored, online)
        elif not closed:
            question = Question("contribute", Kind.CONTRIBUTION, take)
            self._ask_all(stored, question, waiting, Kind.CONTRIBUTE)

    def _close(self, connection: Connection, view: RoundView, *, late: bool) -> bool:
        now, number = self._clock(), view.descriptor.announcement.round
        try:
            closing.close(connection, view, now)
        except BelowFloor as refusal:
            rounds.want(connection, number, "abandon" if late else None, now)
            rounds.note(connection, number, now, outcome=str(refusal))
            return False
        return True

    def _withdraw(self, stored: StoredRound) -> None:
        """Nobody may find the request to contribute later, and be charged for nothing."""
        if stored.number not in self._withdrawn:
            self._withdrawn.add(stored.number)
            self._carrier.withdraw()

    def _abandon(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            view = self._views.of(connection, stored)
            stated = rounds.who_answered(connection, stored.number, "abandonment")
            waiting = set(view.committee) & online - set(stated)

        def take(c: Connection, node: int, frame: Frame, now: int) -> None:
            abandoning.take_statement(c, view, node, frame.parts[0], now)

        question = Question("abandon", Kind.STATEMENT, take)
        self._ask_all(stored, question, waiting, Kind.ABANDON)

    def _set_of(self, connection: Connection, stored: StoredRound) -> FixedSet:
        """The fixed set of a round: read once, for its headers are many."""
        known = self._fixed.now(stored) if self._fixed else None
        view = self._views.of(connection, stored)
        self._fixed = known or FixedSet.load(connection, stored, view)
        return self._fixed

    def _closing(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            fixed = self._set_of(connection, stored)
            signed = rounds.who_answered(connection, stored.number, "set_signature")
            if len(signed) >= fixed.view.parameters.quorum:
                now = self._clock()
                rounds.move(connection, stored.number, ("CLOSING", "CERTIFIED"), now)
                return
        self._certify(fixed, online, signed)

    def _certify(self, fixed: FixedSet, online: frozenset[int], signed: tuple[int, ...]) -> None:
        """Ask every member that has not signed the set yet."""
        waiting = set(fixed.view.members) & online - set(signed)

        def take(c: Connection, node: int, frame: Frame, now: int) -> None:
            fixed.take_mark(c, node, frame.parts[0], now)

        question = Question("certify", Kind.SET_SIGNATURE, take)
        self._ask_all(fixed.stored, question, waiting, Kind.CERTIFY)

    def _certified(self, stored: StoredRound, online: frozenset[int]) -> None:
        with self._store.begin() as connection:
            fixed = self._set_of(connection, stored)
            answered = rounds.who_answered(connection, stored.number, "shares")
            enough = len(answered) >= fixed.view.parameters.threshold
            if enough and self._publish(connection, fixed, answered):
                return
            signed = rounds.who_answered(connection, stored.number, "set_signature")
            asked = sorted(set(signed) & online - set(answered))
            requests = fixed.unmask_requests(connection, asked)

        def take(c: Connection, node: int, frame: Frame, now: int) -> None:
            fixed.take_shares(c, node, frame.parts[0], now)

        self._asking.ask(stored.number, Question("unmask", Kind.SHARES, take), requests)
        if not enough or stored.number in self._unopened:
            # those who signed may open too little: who did not sign can still do both
            self._certify(fixed, online, signed)

    def _publish(self, connection: Connection, fixed: FixedSet, answered: tuple[int, ...]) -> bool:
        """Whether the round is over. Tried once for each number of members that answered."""
        number, now = fixed.stored.number, self._clock()
        hopeless = set(fixed.view.members) <= set(answered) or fixed.overdue(now)
        if self._unopened.get(number) == len(answered) and not hopeless:
            return False
        try:
            release = fixed.publish(connection, self._identity, now)
        except Stuck as refusal:
            self._unopened[number] = len(answered)
            if not hopeless:
                return False
            fixed.give_up(connection, refusal, now)
            log.warning("round %d is stuck: %s", number, refusal.code)
            return True
        log.info("round %d is summed: %s", number, release.id)
        return True

    def _ask_all(
        self, stored: StoredRound, question: Question, nodes: Set[int], kind: Kind
    ) -> None:
        """The same request for several nodes."""
        if not nodes:
            return
        now = self._clock()
        requests: dict[Kind, Callable[[Connection], Request]] = {
            Kind.CONTRIBUTE: lambda c: closing.contribute_request(c, stored, now),
            Kind.CERTIFY: lambda c: closing.certify_request(c, stored, now),
            Kind.ABANDON: lambda c: abandoning.abandon_request(c, stored, now),
        }
        body = self._standing.of(stored.number, kind, now, requests[kind])
        self._asking.ask(stored.number, question, dict.fromkeys(sorted(nodes), body))
