"""Hashes and keys under labels, so that no value can be taken for another.

`digest` is SHA-256 over length-prefixed parts; `derive` is HKDF-SHA256 (RFC 5869) salted with
the round id: nodes that were shown different rounds derive masks that do not cancel.
"""

import hashlib
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PROTOCOL = b"wegwijs-sum/1"


def digest(tag: str, *parts: bytes) -> bytes:
    """SHA-256 over the protocol, the tag and each part, all length-prefixed; 32 bytes."""
    state = hashlib.sha256()
    for part in (PROTOCOL, tag.encode(), *parts):
        state.update(struct.pack(">Q", len(part)))
        state.update(part)
    return state.digest()


def derive(secret: bytes, label: str, context: bytes = b"", *, salt: bytes) -> bytes:
    """HKDF-SHA256 to 32 bytes, info = protocol|label|context."""
    info = b"|".join((PROTOCOL, label.encode(), context))
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(secret)


def u16(number: int) -> bytes:
    """Two bytes, big-endian."""
    return struct.pack(">H", number)


def u64(number: int) -> bytes:
    """Eight bytes, big-endian."""
    return struct.pack(">Q", number)
