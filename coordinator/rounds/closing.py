"""From contributions to a published release."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chassis.store import audit_log
from coordinator.releases.build import build
from coordinator.releases.desk import settle
from coordinator.rounds import transcripts
from coordinator.rounds.contributions import Arrived, Damaged, take_apart
from coordinator.rounds.opening import described, documents_for, named
from coordinator.rounds.public_documents import publish
from coordinator.store import contributions, faults, rounds
from coordinator.store.database import Connection
from coordinator.store.faults import Fault
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
    disagreeing,
    sum_up,
    unmask_request,
)
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.refusal import BadContribution, BadSet, Malformed, NotCertified, Stuck
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Header, Mark, UnmaskResponse
from schemas.message import Frame, Kind, pack
from schemas.programme import Programme
from schemas.release import Release
from schemas.request import Request
from schemas.units import DAY


def contribute_request(connection: Connection, stored: StoredRound, now: int) -> Request:
    """CONTRIBUTE, the same for every active node."""
    return Request(Kind.CONTRIBUTE, named(connection, stored, now))


def certify_request(connection: Connection, stored: StoredRound, now: int) -> Request:
    """CERTIFY, the same for every member."""
    heard = rounds.answers(connection, stored.number, "header")
    said = pack([heard[node] for node in stored.set_ids or ()])
    parts = (*named(connection, stored, now), publish(connection, said, now))
    return Request(Kind.CERTIFY, parts)


def take_contribution(
    connection: Connection, view: RoundView, node: int, raw: bytes, now: int
) -> None:
    """Check and keep a contribution. Raises a SumRefusal; the first one stands."""
    parts, number = take_apart(accept(view, raw, node)), view.descriptor.announcement.round
    known = rounds.answer_of(connection, number, "header", node)
    if known is None:
        contributions.keep(connection, number, node, parts, now)
    elif known != parts["header"]:
        raise BadContribution("a second contribution to one round")


def close(connection: Connection, view: RoundView, now: int) -> None:
    """Fix the set, in this transaction. Raises BelowFloor. Pairs that disagree are named."""
    number = view.descriptor.announcement.round
    found = Arrived(connection, view).all()
    pairs = disagreeing(view, found)
    faulty = [Fault(i, "contribute", "pair-disagrees", j) for i, j in pairs]
    faults.note(connection, number, faulty, now)
    ids = close_set(view, found).ids
    rounds.move(connection, number, ("OPEN", "CLOSING"), now, set_ids=ids)
    audit_log.note(connection, now, "closed", round=number, centres=len(ids))


@dataclass(frozen=True)
class FixedSet:
    """A round whose set is fixed: what its members sign and open. Vectors are read to sum.

    `digest`: `dg` of the set.
    """

    stored: StoredRound
    view: RoundView
    headers: tuple[Header, ...]
    digest: bytes

    @classmethod
    def load(cls, connection: Connection, stored: StoredRound, view: RoundView) -> "FixedSet":
        """Read it from the database."""
        headers = tuple(Arrived(connection, view).headers(stored.set_ids or ()))
        return cls(stored, view, headers, set_digest(view, headers))

    def now(self, stored: StoredRound) -> "FixedSet | None":
        """The same set with the round as it stands now; None if it is not the set of this round."""
        same = (self.stored.number, self.ids) == (stored.number, stored.set_ids)
        return replace(self, stored=stored) if same else None

    @property
    def ids(self) -> tuple[int, ...]:
        """U, ascending."""
        return tuple(header.node for header in self.headers)

    def overdue(self, now: int) -> bool:
        """Whether members that did not answer have had a day, and the whole time of the round."""
        return now > max(self.stored.announced.deadline_latest, self.stored.updated_at + DAY)

    def marks(self, connection: Connection) -> list[Mark]:
        """The members' signatures so far. Raises Damaged."""
        heard = rounds.answers(connection, self.stored.number, "set_signature")
        return [self.mark(member, raw) for member, raw in heard.items()]

    def mark(self, member: int, raw: bytes) -> Mark:
        """One of them, read and checked. Raises Damaged."""
        try:
            mark = Mark.from_bytes(raw)
            check_mark(self.view, self.digest, mark)
        except (Malformed, NotCertified):
            raise Damaged(member, "set_signature") from None
        return mark

    def take_mark(self, connection: Connection, node: int, raw: bytes, now: int) -> None:
        """Check and keep a member's signature on the set. Raises a SumRefusal."""
        mark = Mark.from_bytes(raw)
        if mark.member != node:
            raise BadSet("a signature under another centre's name")
        check_mark(self.view, self.digest, mark)
        rounds.keep_answer(connection, self.stored.number, "set_signature", {node: raw}, now)

    def unmask_requests(self, connection: Connection, members: list[int]) -> dict[int, bytes]:
        """UNMASK for each member: its own slots and nothing else."""
        if not members:
            return {}
        marks, closed = self.marks(connection), self._closed(connection)
        asked = {m: unmask_request(self.view, closed, marks, m) for m in members}
        return {
            m: Frame(Kind.UNMASK, (self.view.rid, request.to_bytes())).to_bytes()
            for m, request in asked.items()
        }

    def take_shares(self, connection: Connection, node: int, raw: bytes, now: int) -> None:
        """Check and keep a member's shares. Raises a SumRefusal."""
        accept_response(self.view, self.ids, raw, node)
        rounds.keep_answer(connection, self.stored.number, "shares", {node: raw}, now)

    def _response(self, member: int, raw: bytes) -> UnmaskResponse:
        try:
            return accept_response(self.view, self.ids, raw, member)
        except Malformed:
            raise Damaged(member, "shares") from None

    def _closed(self, connection: Connection) -> ClosedSet:
        found = Arrived(connection, self.view).all()
        inside = {node: found.pop(node) for node in self.ids}
        return ClosedSet(inside, (), removed=found)

    def publish(self, connection: Connection, identity: Identity, now: int) -> Release:
        """Sum, estimate, sign; publish or keep as a draft, in this transaction.

        Who was false is named. Raises Stuck or Damaged.
        """
        number, marks = self.stored.number, self.marks(connection)
        heard = rounds.answers(connection, number, "shares")
        shares = [self._response(member, raw) for member, raw in heard.items()]
        closed = self._closed(connection)
        summed = sum_up(self.view, closed, self.digest, marks, shares)
        descriptor, prekeys = described(connection, self.stored)
        certificate = make_certificate(self.view, descriptor, prekeys, closed, marks)
        signed_documents = documents_for(connection, self.stored)
        total = without_excess(self.view, summed, signed_documents.programme)
        release = build(total, certificate, signed_documents, now)
        state = settle(connection, release, total, identity)
        faults.note(connection, number, _false(summed), now)
        rounds.move(
            connection, number, ("CERTIFIED", state), now, certificate=certificate,
            total=total.astype("<i8").tobytes(),
        )  # fmt: skip
        transcripts.keep(connection, number, self.ids, now)
        if state == "PUBLISHED":
            audit_log.note(connection, now, "published", round=number, centres=len(self.ids))
        return release

    def give_up(self, connection: Connection, refusal: Stuck, now: int) -> None:
        """The sum cannot be opened: name who dealt what does not open, and say so."""
        dealers = sorted(refusal.dealers)
        faulty = [Fault(node, "unmask", "inconsistent-shares") for node in dealers]
        faults.note(connection, self.stored.number, faulty, now)
        step: tuple[rounds.State, rounds.State] = ("CERTIFIED", "STUCK")
        rounds.move(connection, self.stored.number, step, now, outcome=str(refusal))
        audit_log.note(connection, now, "stuck", round=self.stored.number)


def _false(summed: Summed) -> list[Fault]:
    shares = [Fault(node, "unmask", "false-share") for node in sorted(summed.false_shares)]
    said = sorted(summed.false_commitments)
    return shares + [Fault(node, "contribute", "false-commitment") for node in said]


def without_excess(view: RoundView, summed: Summed, programme: Programme) -> NDArray[np.int64]:
    """The sum after the increments of noise that its set can do without came off."""
    layout = make_layout(programme, view.descriptor.announcement.asks)
    sources = {level: [keystream(key) for key in keys] for level, keys in summed.spare.items()}
    limits = view.parameters
    return remove(summed.total, layout.noise(limits.honest), limits.honest_at, sources)
