"""Frames: what coordinator and node say to each other inside the carrier's opaque bytes.

    frame = "WGW1" | kind u8 | parts u16 | (length u32 | bytes) ...

A node only ever answers; it never executes what it is sent. Each request may be repeated: the
answer is the same. What is equal for all is named in a request and fetched apart (`request`).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

MAGIC = b"WGW1"
MOST_BYTES = 64 * 2**20
MOST_PARTS = 2**16 - 1


class MalformedFrame(ValueError):
    """The bytes are not a frame. Nothing was stored."""

    code = "malformed-frame"


class Kind(IntEnum):
    """Requests count from 1, answers from 65, and from 129 how a round ended, which a region tells
    whoever asks for it over HTTPS."""

    ANNOUNCE = 1
    """roster, programme, announcement; then lists, each packed: key cards, links that this node has
    not taken yet, its own latest descriptor and header or nothing, rosters between the one it knows
    and this; then the ids of higher centres that ask it for a new link, two bytes each, and the
    links of its own that are held: (higher centre, tag of 8 bytes) ..."""
    CONTRIBUTE = 2
    """descriptor, and every prekey, packed"""
    CERTIFY = 3
    """descriptor, every prekey, the signed headers of the set; both lists packed"""
    UNMASK = 4
    """round id, then the unmask request"""
    ABANDON = 5
    """descriptor, and every prekey, packed: never certify this round"""

    READY = 65
    """key card, prekey or nothing, the ids of lower centres whose link it lacks or cannot use (two
    bytes each); then the ids of those whose relayed link it needs no more, and the links it made
    that are not held yet"""
    CONTRIBUTION = 66
    SET_SIGNATURE = 67
    SHARES = 68
    STATEMENT = 69
    REFUSED = 70
    """a reason code from a closed list"""

    RESULT = 129
    """round id, the headers of the set and the members' signatures on it; both lists packed"""
    REFUND = 130
    """round id, then the statements that abandon it"""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: what it is and its parts."""

    kind: Kind
    parts: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """Encode; the inverse of `from_bytes`."""
        head = MAGIC + struct.pack(">BH", self.kind, len(self.parts))
        return head + b"".join(struct.pack(">I", len(part)) + part for part in self.parts)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Frame":
        """Decode. Raises MalformedFrame on anything but exactly one frame."""
        kind, count = cls.head(raw)
        return cls(kind, _parts(raw, 7, count))

    @staticmethod
    def head(raw: bytes) -> tuple[Kind, int]:
        """Its kind and how many parts follow. Raises MalformedFrame."""
        if len(raw) < 7 or len(raw) > MOST_BYTES or raw[:4] != MAGIC:
            raise MalformedFrame("not a frame of this protocol version")
        number, count = struct.unpack_from(">BH", raw, 4)
        try:
            return Kind(number), count
        except ValueError:
            raise MalformedFrame("a frame of an unknown kind") from None


def _parts(raw: bytes, at: int, count: int) -> tuple[bytes, ...]:
    parts = []
    for _ in range(count):
        if at + 4 > len(raw):
            raise MalformedFrame("a frame that ends early")
        (size,) = struct.unpack_from(">I", raw, at)
        at += 4
        if at + size > len(raw):
            raise MalformedFrame("a frame that ends early")
        parts.append(raw[at : at + size])
        at += size
    if at != len(raw):
        raise MalformedFrame("bytes after the end of a frame")
    return tuple(parts)


def pack(parts: list[bytes]) -> bytes:
    """Put a list inside one part."""
    return struct.pack(">H", len(parts)) + b"".join(struct.pack(">I", len(p)) + p for p in parts)


def unpack(raw: bytes) -> list[bytes]:
    """Take a list out of one part. Raises MalformedFrame."""
    if len(raw) < 2:
        raise MalformedFrame("a list that ends early")
    (count,) = struct.unpack_from(">H", raw)
    return list(_parts(raw, 2, count))


def pack_ids(ids: Sequence[int]) -> bytes:
    """Put ids of centres into one part, two bytes each."""
    return struct.pack(f">{len(ids)}H", *ids)


def unpack_ids(raw: bytes) -> tuple[int, ...]:
    """Take ids out of one part. Raises MalformedFrame."""
    if len(raw) % 2:
        raise MalformedFrame("a list of ids that ends early")
    return struct.unpack(f">{len(raw) // 2}H", raw)


def pack_tags(tags: Mapping[int, bytes]) -> bytes:
    """Put ids with the tag of a link each into one part, ten bytes each."""
    return b"".join(struct.pack(">H8s", node, tag) for node, tag in sorted(tags.items()))


def unpack_tags(raw: bytes) -> dict[int, bytes]:
    """Take ids and tags out of one part. Raises MalformedFrame."""
    if len(raw) % 10:
        raise MalformedFrame("a list of tags that ends early")
    return dict(struct.iter_unpack(">H8s", raw))
