"""Contributions as a round reads them: vectors one at a time, a member's slots by range.

What was accepted was checked then. What is read again has to be what its centre signed, or it is
refused: a database can be damaged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from coordinator.store import contributions, rounds
from coordinator.store.database import Connection
from privacy.secure_sum.labels import digest
from privacy.secure_sum.masks import Words, dtype
from privacy.secure_sum.refusal import Malformed
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import SLOT, Contribution, Header
from schemas.round import SignedHeader


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
        """What these centres signed."""
        heard = rounds.answers(self.connection, self.number, "header")
        said = (SignedHeader.from_canonical(heard[node]) for node in nodes)
        return [Header.from_schema(header) for header in said]

    def all(self) -> "dict[int, Kept]":
        """Every contribution, by centre, without vector and slots. Raises Malformed."""
        committed = rounds.answers(self.connection, self.number, "commitments")
        headers = self.headers(sorted(committed))
        return {h.node: Kept(self, h, _true(h, "commitments", committed[h.node])) for h in headers}

    def slot(self, sender: int, member: int, place: int) -> bytes:
        """The sealed share at this place among those of one sender for one member."""
        if member != self._member:
            size = SLOT * len(self.view.secrets)
            piece = slice(size * self.view.seat[member], size * (self.view.seat[member] + 1))
            cut = contributions.cut(self.connection, self.number, "slots", piece)
            self._member, self._at_hand = member, dict(cut)
        slot = self._at_hand[sender][SLOT * place : SLOT * (place + 1)]
        if len(slot) != SLOT:
            raise Malformed("the sealed shares of a contribution are not as long as they were")
        return slot


@dataclass(frozen=True, slots=True)
class Kept:
    """One contribution; its vector and slots are read when they are asked for."""

    arrived: Arrived = field(repr=False)
    header: Header
    commitments: bytes = field(repr=False)

    @property
    def vector(self) -> Words:
        """The masked vector, read now, shape (L,). Raises Malformed."""
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
        """The sealed share for `member` of the secret with `other`. Raises Malformed."""
        return self.arrived.slot(self.header.node, member, view.secrets[other])


def _true(header: Header, what: str, raw: bytes) -> bytes:
    signed = {"vector": header.vector, "commitments": header.commitments}
    if digest(what, raw) != signed[what]:
        raise Malformed("a contribution is no longer what its centre signed")
    return raw
