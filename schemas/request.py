"""Requests: frames whose parts may be named by digest instead of sent.

    request = "WGW1" | kind u8 | parts u16 | part ...
    part    = length u32 | bytes              as in a frame
            | 2^31 + length u32 | SHA-256     a public document of that many bytes

What is equal for all is a public document: whoever is asked fetches it once, wherever it comes
from, and takes it only if it has the length and the hash that the request names. Filled in, a
request is the frame that it stands for.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass

from schemas.message import MAGIC, MOST_BYTES, Frame, Kind, MalformedFrame

DOCUMENTS = "/api/v1/documents"
"""Where a region serves them: the hexadecimal digest follows."""
ENDED = "/api/v1/ended"
"""Where a region says how a round ended: the hexadecimal round id follows."""

_BY_DIGEST = 2**31
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Mention:
    """A document by its length in bytes and its SHA-256."""

    size: int
    digest: bytes

    @classmethod
    def of(cls, body: bytes) -> "Mention":
        """Name these bytes."""
        return cls(len(body), hashlib.sha256(body).digest())

    def names(self, body: bytes) -> bool:
        """Whether these are the bytes it names."""
        return len(body) == self.size and hashlib.sha256(body).digest() == self.digest


Fetch = Callable[[Mention], bytes]
"""Returns exactly the bytes that are named; raises what is wrong otherwise."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: parts as they are, and parts that are named."""

    kind: Kind
    parts: tuple[bytes | Mention, ...] = ()

    def to_bytes(self) -> bytes:
        """Encode; the inverse of `from_bytes`."""
        head = MAGIC + struct.pack(">BH", self.kind, len(self.parts))
        return head + b"".join(map(_encoded, self.parts))

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Request":
        """Decode. Raises MalformedFrame on anything but one request, short enough when filled."""
        kind, count = Frame.head(raw)
        parts, at, total = [], 7, 0
        for _ in range(count):
            part, at = _part(raw, at)
            total += part.size if isinstance(part, Mention) else len(part)
            parts.append(part)
        if at != len(raw):
            raise MalformedFrame("bytes after the end of a request")
        if total > MOST_BYTES:
            raise MalformedFrame("a request that names more than a frame holds")
        return cls(kind, tuple(parts))

    def filled(self, fetch: Fetch) -> Frame:
        """Return the frame that it stands for. Raises what `fetch` raises."""
        parts = (fetch(part) if isinstance(part, Mention) else part for part in self.parts)
        return Frame(self.kind, tuple(parts))


def _encoded(part: bytes | Mention) -> bytes:
    if isinstance(part, Mention):
        return struct.pack(">I", _BY_DIGEST + part.size) + part.digest
    return struct.pack(">I", len(part)) + part


def _part(raw: bytes, at: int) -> tuple[bytes | Mention, int]:
    """The part that begins here, and where the next one begins."""
    if at + 4 > len(raw):
        raise MalformedFrame("a request that ends early")
    (said,) = struct.unpack_from(">I", raw, at)
    named = said >= _BY_DIGEST
    begin, end = at + 4, at + 4 + (_DIGEST if named else said)
    if end > len(raw):
        raise MalformedFrame("a request that ends early")
    body = raw[begin:end]
    return (Mention(said - _BY_DIGEST, body) if named else body), end
