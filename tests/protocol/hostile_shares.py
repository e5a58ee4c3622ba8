"""How a hostile centre contributes, signs and opens: false vectors, commitments and shares."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
from hostile import Hostile, honest, way

from privacy.secure_sum import contribute as p1
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import SLOT, Contribution, Mark, UnmaskResponse
from schemas.message import Frame, Kind


def _contribution(
    self: Hostile, raw: bytes, change: Callable[[RoundView, Contribution], dict[str, Any]]
) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.CONTRIBUTION:
        return [frame.to_bytes()]
    seen = self.view
    body = Contribution.from_bytes(frame.parts[0], seen)
    changed = replace(body, **change(seen, body))
    signature = self.identity.sign(changed.header.digest(changed.rid))
    return [
        Frame(Kind.CONTRIBUTION, (replace(changed, signature=signature).to_bytes(),)).to_bytes()
    ]


def _flip(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@way("contribute", harmless=True)
def any_vector(self: Hostile, raw: bytes) -> list[bytes]:
    """It may say what it likes about itself: nobody can know."""

    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        said = np.frombuffer(hashlib.shake_256(b"v").digest(body.vector.nbytes), body.vector.dtype)
        self.shift = (said - body.vector).view(np.int64)
        return {"vector": said}

    return _contribution(self, raw, change)


@way("contribute")
def two_vectors(self: Hostile, raw: bytes) -> list[bytes]:
    other = _contribution(self, raw, lambda _, body: {"vector": body.vector + 1})
    return [*honest(self, raw), *other]


@way("contribute")
def unsigned(self: Hostile, raw: bytes) -> list[bytes]:
    said = honest(self, raw)[0]
    return [_flip(said, len(said) - 1)]


@way("contribute")
def other_round_id(self: Hostile, raw: bytes) -> list[bytes]:
    return _contribution(self, raw, lambda *_: {"rid": self.drawn(32)})


@way("contribute")
def another_name(self: Hostile, raw: bytes) -> list[bytes]:
    return _contribution(self, raw, lambda seen, _: {"node": (self.node % 7) + 1})


def _commitments(self: Hostile, raw: bytes, others: Sequence[int]) -> list[bytes]:
    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        said = body.commitments
        for other in others or seen.secrets:
            if other in seen.secrets:
                said = _flip(said, 32 * seen.secrets[other])
        return {"commitments": said}

    return _contribution(self, raw, change)


@way("contribute")
def false_commitment_to_itself(self: Hostile, raw: bytes) -> list[bytes]:
    return _commitments(self, raw, [self.node])


@way("contribute")
def false_commitment_to_one(self: Hostile, raw: bytes) -> list[bytes]:
    others = [node for node in self.view.active if node != self.node]
    return _commitments(self, raw, others[:1])


@way("contribute")
def false_commitments(self: Hostile, raw: bytes) -> list[bytes]:
    return _commitments(self, raw, [])


@way("contribute", harmless=True)
def slots_that_one_member_cannot_open(self: Hostile, raw: bytes) -> list[bytes]:
    """One member that says so may be lying."""

    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        size = SLOT * len(seen.secrets)
        return {"slots": self.drawn(size) + body.slots[size:]}

    return _contribution(self, raw, change)


@way("contribute")
def a_false_share_for_one(self: Hostile, raw: bytes) -> list[bytes]:
    """Dealt under the right key to the first member other than itself."""
    real = p1.split

    def lying(*given: Any) -> dict[int, list[int]]:
        shares = real(*given)
        victim = next(x for x in shares if x != self.node)
        return {**shares, victim: [(share + 1) % PRIME for share in shares[victim]]}

    with patch.object(p1, "split", lying):
        return honest(self, raw)


# -- signing the set, opening shares, giving up


def _mark(self: Hostile, raw: bytes, **changes: object) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind not in (Kind.SET_SIGNATURE, Kind.STATEMENT):
        return [frame.to_bytes()]
    mark = replace(Mark.from_bytes(frame.parts[0]), **changes)  # type: ignore[arg-type]
    return [Frame(frame.kind, (mark.to_bytes(),)).to_bytes()]


@way("mark")
def on_another_set(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, signature=self.identity.sign(b"wegwijs-sum/1 set " + bytes(32)))


@way("mark")
def in_another_name(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, member=(self.node % 7) + 1)


@way("mark")
def about_another_round(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, rid=bytes(32))


def _shares(
    self: Hostile, raw: bytes, change: Callable[[Sequence[int | None]], Sequence[int | None]]
) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.SHARES:
        return [frame.to_bytes()]
    said = frame.parts[0]
    response = UnmaskResponse.from_bytes(said, (len(said) - 98) // 33)
    unsigned = replace(response, shares=tuple(change(response.shares)))
    signed = replace(unsigned, signature=self.identity.sign(unsigned.digest()))
    return [Frame(Kind.SHARES, (signed.to_bytes(),)).to_bytes()]


@way("shares")
def false_shares(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: [7 + k**3 for k, _ in enumerate(shares)])


@way("shares")
def one_false_share(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: [5, *shares[1:]])


@way("shares", harmless=True)
def no_shares(self: Hostile, raw: bytes) -> list[bytes]:
    """A slot that does not open may be its dealer's fault."""
    return _shares(self, raw, lambda shares: [None] * len(shares))


@way("shares")
def too_few_shares(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: shares[1:])


@way("shares")
def shares_unsigned(self: Hostile, raw: bytes) -> list[bytes]:
    said = honest(self, raw)[0]
    return [_flip(said, len(said) - 1)]
