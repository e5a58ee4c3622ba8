"""From contributions to a published release."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.release.build import build
from coordinator.release.desk import settle
from coordinator.rounds import transcripts
from coordinator.rounds.opening import described, papers_for, view_of
from coordinator.store import rounds, trail
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.encode.layout import make_layout
from privacy.noise.excess import remove
from privacy.secure_sum.certificate import make_certificate
from privacy.secure_sum.certify import check_mark, set_digest
from privacy.secure_sum.close import (
    ClosedSet,
    Summed,
    accept,
    accept_response,
    close_set,
    sum_up,
    unmask_request,
)
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.refusal import BadSet
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, Mark
from schemas.message import Frame, Kind, pack
from schemas.programme import Programme
from schemas.release import Release


def contribute_request(connection: Connection, stored: StoredRound) -> Frame:
    """CONTRIBUTE, the same for every active node."""
    descriptor, prekeys = described(connection, stored)
    return Frame(Kind.CONTRIBUTE, (descriptor.canonical(), *(p.canonical() for p in prekeys)))


def take_contribution(
    connection: Connection, stored: StoredRound, node: int, frame: Frame, now: int
) -> None:
    """Check and keep a contribution. Raises a SumRefusal."""
    raw = frame.parts[0]
    header = accept(view_of(connection, stored), raw, node).header.to_schema().canonical()
    rounds.keep_answer(connection, stored.number, "contribution", {node: raw}, now)
    rounds.keep_answer(connection, stored.number, "header", {node: header}, now)


def _contributions(connection: Connection, view: RoundView, number: int) -> dict[int, Contribution]:
    heard = rounds.answers(connection, number, "contribution")
    return {node: Contribution.from_bytes(raw, view) for node, raw in heard.items()}


def close(connection: Connection, stored: StoredRound, now: int) -> None:
    """Fix the set, in this transaction. Raises BelowFloor."""
    view = view_of(connection, stored)
    closed = close_set(view, _contributions(connection, view, stored.number))
    pairs = ", ".join(f"{i}-{j}" for i, j in closed.disagreeing)
    rounds.move(
        connection, stored.number, ("OPEN", "CLOSING"), now, set_ids=closed.ids,
        outcome=f"pairs whose links disagree: {pairs}" if pairs else None,
    )  # fmt: skip
    trail.note(connection, now, "closed", round=stored.number, centres=len(closed.ids))


@dataclass(frozen=True)
class Closed:
    """A round whose set is fixed, as far as it has gone."""

    connection: Connection
    stored: StoredRound
    view: RoundView
    set: ClosedSet

    @classmethod
    def load(cls, connection: Connection, stored: StoredRound) -> "Closed":
        """Read it from the database."""
        view = view_of(connection, stored)
        found = _contributions(connection, view, stored.number)
        ids = stored.set_ids or ()
        inside = {node: found.pop(node) for node in ids}
        return cls(connection, stored, view, ClosedSet(inside, (), removed=found))

    @property
    def digest(self) -> bytes:
        """`dg` of the fixed set."""
        return set_digest(self.view, [self.set.contributions[n].header for n in self.set.ids])

    @property
    def marks(self) -> list[Mark]:
        """The members' signatures so far."""
        heard = rounds.answers(self.connection, self.stored.number, "set_signature")
        return [Mark.from_bytes(raw) for raw in heard.values()]

    def certify_request(self) -> Frame:
        """CERTIFY, the same for every member."""
        descriptor, prekeys = described(self.connection, self.stored)
        headers = [self.set.contributions[n].header.to_schema() for n in self.set.ids]
        head = (descriptor.canonical(), pack([p.canonical() for p in prekeys]))
        return Frame(Kind.CERTIFY, (*head, *(header.canonical() for header in headers)))

    def take_mark(self, node: int, raw: bytes, now: int) -> None:
        """Check and keep a member's signature on the set. Raises a SumRefusal."""
        mark = Mark.from_bytes(raw)
        if mark.member != node:
            raise BadSet("a signature under another centre's name")
        check_mark(self.view, self.digest, mark)
        rounds.keep_answer(self.connection, self.stored.number, "set_signature", {node: raw}, now)

    def unmask_requests(self, members: list[int]) -> dict[int, bytes]:
        """UNMASK for each member: its own slots and nothing else."""
        marks = self.marks
        asked = {m: unmask_request(self.view, self.set, marks, m) for m in members}
        return {
            m: Frame(Kind.UNMASK, (self.view.rid, request.to_bytes())).to_bytes()
            for m, request in asked.items()
        }

    def take_shares(self, node: int, raw: bytes, now: int) -> None:
        """Check and keep a member's shares. Raises a SumRefusal."""
        accept_response(self.view, self.set, raw, node)
        rounds.keep_answer(self.connection, self.stored.number, "shares", {node: raw}, now)

    def publish(self, identity: Identity, now: int) -> Release:
        """Sum, estimate, sign; publish or keep as a draft, in this transaction. Raises Stuck."""
        number, marks = self.stored.number, self.marks
        heard = rounds.answers(self.connection, number, "shares")
        shares = [accept_response(self.view, self.set, raw, m) for m, raw in heard.items()]
        summed = sum_up(self.view, self.set, self.digest, marks, shares)
        descriptor, prekeys = described(self.connection, self.stored)
        certificate = make_certificate(self.view, descriptor, prekeys, self.set, marks)
        papers = papers_for(self.connection, self.stored)
        total = without_excess(self.view, summed, papers.programme)
        release = build(total, certificate, papers, now)
        state = settle(self.connection, release, total, identity)
        outcome = self.stored.outcome
        if summed.liars:
            outcome = f"false shares from centres {sorted(summed.liars)}"
        rounds.move(
            self.connection, number, ("CERTIFIED", state), now, certificate=certificate,
            total=total.astype("<i8").tobytes(), outcome=outcome,
        )  # fmt: skip
        transcripts.keep(self.connection, number, self.set, now)
        if state == "PUBLISHED":
            trail.note(self.connection, now, "published", round=number, centres=len(self.set.ids))
        return release


def without_excess(view: RoundView, summed: Summed, programme: Programme) -> NDArray[np.int64]:
    """The sum after the increments of noise that its set can do without came off."""
    layout = make_layout(programme, view.descriptor.announcement.asks)
    sources = {level: [keystream(key) for key in keys] for level, keys in summed.spare.items()}
    limits = view.parameters
    return remove(summed.total, layout.noise(limits.honest), limits.honest_at, sources)


def result_request(stored: StoredRound) -> Frame:
    """RESULT, the same for every active node: the certificate."""
    body = stored.certificate.canonical() if stored.certificate else b""
    return Frame(Kind.RESULT, (body,))
