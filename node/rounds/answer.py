"""A node's answers. Each is safe to ask for twice: what was said is stored before it is sent.

ANNOUNCE    -> READY          key card, links made, and a prekey once all links are held
CONTRIBUTE  -> CONTRIBUTION   one transaction: charge, register, burnt round, bytes
CERTIFY     -> SET_SIGNATURE  one set for each round, ever
UNMASK      -> SHARES         once, for the signed set
ABANDON     -> STATEMENT      never certify this round

What a request names is fetched before anything is decided; a centre that cannot fetch it says so,
and is asked again. A store that is older than what its centre has said answers none of them
(`memory`).
"""

from collections.abc import Sequence

from chassis.store import audit_log
from node.admission.check import standing
from node.admission.refusal import AdmissionRefusal
from node.rounds import announcement, committee, contribution
from node.rounds.context import Answer, Context
from node.rounds.public_documents import NotFetched
from node.rounds.rollback_check import RolledBack, check_running, halt
from node.store import NodeStore, egress_log, stuck_rounds
from privacy.accounting.ledger import LedgerRefusal
from privacy.secure_sum.refusal import SumRefusal
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame
from schemas.request import Request
from schemas.signed import BadSignature

_ANSWERS: dict[Kind, Answer] = {
    Kind.ANNOUNCE: announcement.answer,
    Kind.CONTRIBUTE: contribution.answer,
    Kind.CERTIFY: committee.certify,
    Kind.UNMASK: committee.unmask,
    Kind.ABANDON: committee.abandon,
}


class Participant:
    """Turns requests into answers; `answer` is what the carrier calls."""

    def __init__(self, store: NodeStore, around: Context) -> None:
        self._store, self._around = store, around

    def answer(self, raw: bytes) -> bytes:
        """Return the answer to one request. A refusal is an answer too; it carries a code only."""
        try:
            return self._answer(raw)
        except (
            AdmissionRefusal, LedgerRefusal, SumRefusal, BadSignature, MalformedDocument,
            MalformedFrame, NotFetched,
        ) as refusal:  # fmt: skip
            return self._refuse(refusal.code)

    def _answer(self, raw: bytes) -> bytes:
        asked = Request.from_bytes(raw)
        if asked.kind not in _ANSWERS:
            raise MalformedFrame("not a request")
        request = asked.filled(self._around.fetch)  # the network is never waited for inside
        if request.kind is Kind.ANNOUNCE:
            self._take_papers(request.parts)
        with self._store.begin() as connection:
            check_running(connection)
            reply = _ANSWERS[request.kind](connection, self._around, request.parts)
            raw_reply = reply.frame.to_bytes()
            kind = reply.frame.kind.name.lower()
            egress_log.departed(connection, self._around.clock(), kind, reply.number, raw_reply)
        return raw_reply

    def _take_papers(self, parts: Sequence[bytes]) -> None:
        with self._store.begin() as connection:
            check_running(connection)
            announcement.take_papers(connection, parts)

    def _refuse(self, code: str) -> bytes:
        reply = Frame(Kind.REFUSED, (code.encode(),)).to_bytes()
        with self._store.begin() as connection:
            if code == RolledBack.code:
                halt(connection, self._around.clock())
            egress_log.departed(connection, self._around.clock(), f"refused: {code}", None, reply)
        return reply

    def tidy(self) -> None:
        """Destroy the channel keys of rounds that are over by their age."""
        with self._store.begin() as connection:
            gone = stuck_rounds.forget_channels(connection, self._around.clock())
            if gone:
                audit_log.note(connection, self._around.clock(), "channels-forgotten", rounds=gone)

    def ready(self) -> bool:
        """Whether this node has a roster and an approved programme, and knows what it said."""
        try:
            with self._store.begin() as connection:
                check_running(connection)
                standing(connection)
        except AdmissionRefusal:
            return False
        return True
