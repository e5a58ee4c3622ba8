"""Binary records: fixed sizes that follow from the round, nothing after the end.

contribution = version u8 | proof length u16 (0) | id u16 | rid 32
             | y, L words little-endian | commitments 32 x S
             | slots 48 x M x S | signature 64, of S = A + levels secrets
set signature = id u16 | rid 32 | signature 64
unmask request = rid 32 | count u16 | (member u16 | signature 64) x count, by member
               | slots 48 x ...
unmask response = id u16 | rid 32 | (1 | share 32, or 0 | zeros 32) x ... | signature 64
statement = id u16 | rid 32 | signature 64
"""

import struct
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np

from privacy.secure_sum.labels import digest, u16
from privacy.secure_sum.masks import Words, dtype
from privacy.secure_sum.refusal import Malformed
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.view import RoundView
from schemas.round import SignedHeader

VERSION = 1
SLOT = 48
_HEAD = struct.Struct(">BHH32s")
_MARK = struct.Struct(">H32s64s")
_SIGNATURE = 64
_MOST_MARKS = 100  # a committee is never larger


@dataclass(frozen=True, slots=True)
class Header:
    """Who contributed what, as hashes; `digest` is what the centre signs."""

    node: int
    vector: bytes
    commitments: bytes
    slots: bytes
    signature: bytes = b""

    def digest(self, rid: bytes) -> bytes:
        """What is signed: bound to the round, so that an old header fits no other round."""
        return digest("header", u16(self.node), rid, self.vector, self.commitments, self.slots)

    def to_schema(self) -> SignedHeader:
        """As it stands on a certificate."""
        return SignedHeader(
            id=self.node,
            vector=self.vector.hex(),
            commitments=self.commitments.hex(),
            slots=self.slots.hex(),
            signature=self.signature.hex(),
        )

    @classmethod
    def from_schema(cls, header: SignedHeader) -> "Header":
        """The inverse of `to_schema`."""
        parts = (header.vector, header.commitments, header.slots, header.signature)
        return cls(header.id, *(bytes.fromhex(part) for part in parts))


class Sent(Protocol):
    """A contribution, whole or read part by part as it is asked for."""

    @property
    def header(self) -> Header:
        """What its centre signed."""
        ...

    @property
    def vector(self) -> Words:
        """The masked vector, shape (L,)."""
        ...

    @property
    def commitments(self) -> bytes:
        """All commitments, 32 bytes each."""
        ...

    def commitment(self, view: RoundView, other: int) -> bytes:
        """The commitment to the secret with `other`."""
        ...

    def slot(self, view: RoundView, member: int, other: int) -> bytes:
        """The sealed share for `member` of the secret with `other`."""
        ...


@dataclass(frozen=True, slots=True)
class Contribution:
    """One node's masked vector with its commitments and sealed shares."""

    node: int
    rid: bytes
    vector: Words = field(repr=False)
    commitments: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    signature: bytes = b""

    @property
    def header(self) -> Header:
        """The header, recomputed from the body."""
        return Header(
            self.node,
            digest("vector", self.vector.tobytes()),
            digest("commitments", self.commitments),
            digest("slots", self.slots),
            self.signature,
        )

    def commitment(self, view: RoundView, other: int) -> bytes:
        """The commitment to the secret with `other` (for itself: b; or an `excess`)."""
        k = view.secrets[other]
        return self.commitments[32 * k : 32 * (k + 1)]

    def slot(self, view: RoundView, member: int, other: int) -> bytes:
        """The sealed share for `member` of the secret with `other`."""
        k = view.seat[member] * len(view.secrets) + view.secrets[other]
        return self.slots[SLOT * k : SLOT * (k + 1)]

    def to_bytes(self) -> bytes:
        """Encode."""
        head = _HEAD.pack(VERSION, 0, self.node, self.rid)
        return b"".join((head, self.vector.tobytes(), self.commitments, self.slots, self.signature))

    @classmethod
    def from_bytes(cls, raw: bytes, view: RoundView) -> "Contribution":
        """Decode a contribution to this round. Raises Malformed."""
        secrets, members = len(view.secrets), len(view.members)
        sizes = [view.length * view.width // 8, 32 * secrets, SLOT * secrets * members, _SIGNATURE]
        if len(raw) != _HEAD.size + sum(sizes):
            raise Malformed("a contribution of the wrong size")
        version, proof, node, rid = _HEAD.unpack_from(raw)
        if version != VERSION or proof != 0 or rid != view.rid or node not in view.place:
            raise Malformed("a contribution to another round, or of another version")
        parts, at = [], _HEAD.size
        for size in sizes:
            parts.append(raw[at : at + size])
            at += size
        vector = np.frombuffer(parts[0], dtype=dtype(view.width))
        return cls(node, rid, vector, parts[1], parts[2], parts[3])


@dataclass(frozen=True, slots=True)
class Mark:
    """A committee member's signature: on a set, or on an abandonment."""

    member: int
    rid: bytes
    signature: bytes

    def to_bytes(self) -> bytes:
        """98 bytes."""
        return _MARK.pack(self.member, self.rid, self.signature)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Mark":
        """Decode. Raises Malformed."""
        if len(raw) != _MARK.size:
            raise Malformed("a signature record of the wrong size")
        return cls(*_MARK.unpack(raw))


@dataclass(frozen=True, slots=True)
class UnmaskRequest:
    """Signatures that certify the set, and one member's sealed shares for that set."""

    rid: bytes
    marks: tuple[Mark, ...]
    slots: tuple[bytes, ...] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Encode."""
        marks = b"".join(
            u16(mark.member) + mark.signature
            for mark in sorted(self.marks, key=lambda mark: mark.member)
        )
        return self.rid + u16(len(self.marks)) + marks + b"".join(self.slots)

    @classmethod
    def from_bytes(cls, raw: bytes, slots: int) -> "UnmaskRequest":
        """Decode a request with this many slots. Raises Malformed."""
        if len(raw) < 34:
            raise Malformed("an unmask request that ends early")
        rid, count = raw[:32], struct.unpack_from(">H", raw, 32)[0]
        start = 34 + 66 * count
        if count > _MOST_MARKS or len(raw) != start + SLOT * slots:
            raise Malformed("an unmask request of the wrong size")
        marks = tuple(
            Mark(struct.unpack_from(">H", raw, at)[0], rid, raw[at + 2 : at + 66])
            for at in range(34, start, 66)
        )
        if any(low.member >= high.member for low, high in pairwise(marks)):
            raise Malformed("signatures that are not sorted by member, or one twice")
        cut = tuple(raw[at : at + SLOT] for at in range(start, len(raw), SLOT))
        return cls(rid, marks, cut)


@dataclass(frozen=True, slots=True)
class UnmaskResponse:
    """A member's shares in the order of its slots; None where a slot did not open."""

    member: int
    rid: bytes
    shares: tuple[int | None, ...] = field(repr=False)
    signature: bytes = b""

    def body(self) -> bytes:
        """The response without its signature."""
        shares = b"".join(
            b"\0" + bytes(32) if share is None else b"\1" + share.to_bytes(32, "big")
            for share in self.shares
        )
        return u16(self.member) + self.rid + shares

    def digest(self) -> bytes:
        """What the member signs."""
        return digest("shares", self.body())

    def to_bytes(self) -> bytes:
        """Encode."""
        return self.body() + self.signature

    @classmethod
    def from_bytes(cls, raw: bytes, shares: int) -> "UnmaskResponse":
        """Decode a response with this many shares. Raises Malformed."""
        if len(raw) != 34 + 33 * shares + _SIGNATURE:
            raise Malformed("an unmask response of the wrong size")
        (member,) = struct.unpack_from(">H", raw)
        cut = [raw[at : at + 33] for at in range(34, 34 + 33 * shares, 33)]
        if any(piece[0] > 1 or (piece[0] == 0 and any(piece)) for piece in cut):
            raise Malformed("an unmask response with an unknown mark")
        opened = tuple(int.from_bytes(p[1:], "big") if p[0] else None for p in cut)
        if any(share is not None and share >= PRIME for share in opened):
            raise Malformed("an unmask response with a share outside the field")
        return cls(member, raw[2:34], opened, raw[-_SIGNATURE:])
