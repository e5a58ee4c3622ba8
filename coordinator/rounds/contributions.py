"""Contributions as a round reads them: vectors one at a time, a member's slots by range.

What was accepted was checked then. What is read again has to be what its centre signed: a database
can be damaged, and then that centre is named (`mending`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from coordinator.store import contributions, rounds
from coordinator.store.contributions import PARTS
from coordinator.store.database import Connection
from privacy.secure_sum.labels import digest
from privacy.secure_sum.masks import Words, dtype
from privacy.secure_sum.refusal import Malformed
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import SLOT, Contribution, Header
from schemas.document import MalformedDocument
from schemas.round import SignedHeader
from schemas.signed import BadSignature, verify


class Damaged(Malformed):
    """What is stored of one centre's answer is not what it sent; its round can go on."""

    code = "damaged"

    def __init__(self, centre: int, kind: rounds.Kind) -> None:
        super().__init__("what is stored is no longer what its centre sent")
        self.centre, self.kind = centre, kind


def take_apart(one: Contribution) -> dict[contributions.Part, bytes]:
    """The parts in which a contribution is kept."""
    return {
        "header": one.header.to_schema().canonical(),
        "commitments": one.commitments,
        "slots": one.slots,
        "vector": one.vector.tobytes(),
    }


@dataclass
class Arrived:
    """The contributions to one round, within one transaction. Of slots, those of one member are
    at hand at a time."""

    connection: Connection
    view: RoundView
    _member: int | None = None
    _at_hand: dict[int, bytes] = field(default_factory=dict, repr=False)

    @property
    def number(self) -> int:
        """The round."""
        return self.view.descriptor.announcement.round

    def headers(self, nodes: Iterable[int]) -> list[Header]:
        """What these centres signed. Raises Damaged."""
        heard = rounds.answers(self.connection, self.number, "header")
        return [self._header(node, heard.get(node, b"")) for node in nodes]

    def _header(self, node: int, raw: bytes) -> Header:
        try:
            header = Header.from_schema(SignedHeader.from_canonical(raw))
            verify(self.view.key(node), header.signature.hex(), header.digest(self.view.rid))
        except (MalformedDocument, BadSignature):
            raise Damaged(node, "header") from None
        return header

    def all(self) -> "dict[int, Kept]":
        """Every contribution, by centre, without vector and slots. Raises Damaged."""
        committed = rounds.answers(self.connection, self.number, "commitments")
        nodes = rounds.who_answered(self.connection, self.number, "header")
        headers = self.headers(sorted(committed.keys() | set(nodes)))
        said = ((h, committed.get(h.node, b"")) for h in headers)
        return {h.node: Kept(self, h, _true(h, "commitments", raw)) for h, raw in said}

    def check(self, node: int) -> None:
        """Read all that one centre sent. Raises Damaged."""
        raw = {part: rounds.answer_of(self.connection, self.number, part, node) for part in PARTS}
        header = self._header(node, raw["header"] or b"")
        for part in PARTS[1:]:
            _true(header, part, raw[part] or b"")

    def slot(self, sender: int, member: int, place: int) -> bytes:
        """The sealed share at this place among those of one sender for one member."""
        if member != self._member:
            size = SLOT * len(self.view.secrets)
            piece = slice(size * self.view.seat[member], size * (self.view.seat[member] + 1))
            cut = contributions.cut(self.connection, self.number, "slots", piece)
            self._member, self._at_hand = member, dict(cut)
        slot = self._at_hand.get(sender, b"")[SLOT * place : SLOT * (place + 1)]
        return slot.ljust(SLOT, b"\0")  # what was cut short opens nothing, and its member says so


@dataclass(frozen=True, slots=True)
class Kept:
    """One contribution; its vector and slots are read when they are asked for."""

    arrived: Arrived = field(repr=False)
    header: Header
    commitments: bytes = field(repr=False)

    @property
    def vector(self) -> Words:
        """The masked vector, read now, shape (L,). Raises Damaged."""
        raw = rounds.answer_of(
            self.arrived.connection, self.arrived.number, "vector", self.header.node
        )
        true = _true(self.header, "vector", raw or b"")
        return np.frombuffer(true, dtype=dtype(self.arrived.view.width))

    def commitment(self, view: RoundView, other: int) -> bytes:
        """The commitment to the secret with `other` (for itself: b; or an `excess`)."""
        k = view.secrets[other]
        return self.commitments[32 * k : 32 * (k + 1)]

    def slot(self, view: RoundView, member: int, other: int) -> bytes:
        """The sealed share for `member` of the secret with `other`."""
        return self.arrived.slot(self.header.node, member, view.secrets[other])


def _true(header: Header, what: contributions.Part, raw: bytes) -> bytes:
    signed = {
        "vector": header.vector, "commitments": header.commitments, "slots": header.slots,
    }  # fmt: skip
    if digest(what, raw) != signed[what]:
        raise Damaged(header.node, what)
    return raw
