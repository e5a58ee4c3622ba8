"""One question to many centres: each answer is stored by itself, and none stops the others.

Whatever goes wrong with a message, be it noise, another shape, a false signature or a fault of
ours in reading it, is "nothing from this centre". Its name and a reason from a closed list are
kept for the operator.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chassis import logs
from chassis.errors import Refusal
from coordinator.carrier.seam import Carrier
from coordinator.store import CoordinatorStore, faults, rounds
from coordinator.store.database import Connection
from schemas.message import Frame, Kind, MalformedFrame

log = logging.getLogger("wegwijs.rounds")

Take = Callable[[Connection, int, Frame, int], None]
"""Checks and keeps one centre's answer, at a moment; raises what is wrong with it."""

_REASON = re.compile(rb"[a-z][a-z-]{0,39}")
"""What a reason code looks like; operators see it on their terminals."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked in a phase, which answer it wants, and what becomes of that."""

    phase: faults.Phase
    expected: Kind
    take: Take


@dataclass(frozen=True, slots=True)
class Asking:
    """Sends over the carrier and waits `patience` seconds for answers."""

    store: CoordinatorStore
    carrier: Carrier
    clock: Callable[[], int]
    patience: float

    def ask(self, number: int, question: Question, requests: Mapping[int, bytes]) -> frozenset[int]:
        """Send, and store each answer in a transaction of its own as it arrives.

        Returns who answered, whatever it was.
        """
        heard: set[int] = set()
        if not requests:
            return frozenset()
        for node, raw in self.carrier.exchange(requests, seconds=self.patience):
            try:
                self._take(number, node, Frame.from_bytes(raw), question)
            except Exception as error:  # noqa: BLE001 - one centre's message, not the others' round
                self._not_taken(number, node, question.phase, error)
            heard.add(node)
        return frozenset(heard)

    def _take(self, number: int, node: int, frame: Frame, question: Question) -> None:
        now = self.clock()
        with self.store.begin() as connection:
            if frame.kind is question.expected and frame.parts:
                question.take(connection, node, frame, now)
            elif frame.kind is Kind.REFUSED and len(frame.parts) == 1:
                code = frame.parts[0]
                if not _REASON.fullmatch(code):
                    raise MalformedFrame("a refusal without a reason code")
                rounds.replace_answer(connection, number, "refusal", (node, code), now)
            else:
                raise MalformedFrame("another answer than the one that was asked for")

    def _not_taken(self, number: int, node: int, phase: faults.Phase, error: Exception) -> None:
        """Keep who sent what kind of thing. A step that came too late is nobody's fault."""
        reason = faults.reason_of(error)
        why = logs.place(error) if reason == "not-handled" else reason
        log.warning("round %d: an answer of centre %d was not taken: %s", number, node, why)
        if isinstance(error, Refusal):
            return
        with self.store.begin() as connection:
            fault = faults.Fault(node, phase, reason)
            faults.note(connection, number, [fault], self.clock())
