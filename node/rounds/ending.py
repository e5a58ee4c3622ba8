"""How rounds ended that this centre contributed to: asked of the region, beside its documents.

    not over yet -> asked again, later the longer the round is open
    RESULT       -> whether this centre is in the sum
    REFUND       -> the charge back, once a quorum has abandoned

What the region says is used only if the members of the committee signed it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import SystemRandom
from threading import Event

from chassis.store.errors import StoreBusy
from node.admission.refusal import AdmissionRefusal
from node.rounds import committee
from node.rounds.context import Context
from node.rounds.public_documents import NotFetched
from node.rounds.rollback_check import RolledBack, check_running
from node.store import NodeStore, rounds
from privacy.secure_sum.refusal import SumRefusal
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame
from schemas.signed import BadSignature

log = logging.getLogger("wegwijs.rounds")

_CHANCE = SystemRandom()
_SHARE = 0.1  # of the time since this centre last said something in the round
_LONGEST = 3_600.0

_NOTED = {Kind.RESULT: committee.result, Kind.REFUND: committee.refund}

Ask = Callable[[bytes], bytes | None]
"""Returns how the region says that the round with this id ended, or None. Raises NotFetched."""


@dataclass
class Endings:
    """Asks how rounds ended. `least`: seconds between two questions about one round, at least."""

    store: NodeStore
    around: Context
    ask: Ask
    least: float
    _due: dict[bytes, float] = field(default_factory=dict)

    def run(self, stop: Event) -> None:
        """Ask until told to stop."""
        while not stop.wait(self.least * _CHANCE.uniform(0.8, 1.2)):
            self.step()

    def step(self) -> None:
        """Ask about every round that is due."""
        now = self.around.clock()
        try:
            with self.store.begin() as connection:
                check_running(connection)
                unended = rounds.unended(connection)
        except (RolledBack, StoreBusy):  # of an import, say: asked at the next step
            return
        due = {rid: self._due.get(rid, 0.0) for rid, _ in unended}
        for rid, since in unended:
            if now >= due[rid]:
                due[rid] = now + min(_LONGEST, max(self.least, _SHARE * (now - since)))
                self._hear(rid)
        self._due = due

    def _hear(self, rid: bytes) -> None:
        try:
            said = self.ask(rid)
            if said is not None:
                self.take(rid, said)
        except NotFetched:
            log.info("the region could not be asked how a round ended; it is asked again")
        except StoreBusy:
            log.info("the store was busy when it was told how a round ended; it is asked again")
        except (
            AdmissionRefusal, SumRefusal, BadSignature, MalformedDocument, MalformedFrame,
        ) as refusal:  # fmt: skip
            log.warning("what the region says of a round's end does not hold: %s", refusal.code)

    def take(self, rid: bytes, said: bytes) -> None:
        """Note how a round ended, if what the region says holds. Refuses by raising."""
        frame = Frame.from_bytes(said)
        if frame.kind not in _NOTED or frame.parts[:1] != (rid,):
            raise MalformedFrame("not how this round ended")
        with self.store.begin() as connection:
            check_running(connection)
            _NOTED[frame.kind](connection, self.around, frame.parts)
