"""Whether a fleet call was signed by an approved centre, before its body is taken in.

The SuperLink checks every call again; this one spares memory, so it is made for large bodies.
"""

import time
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)

_EARLIEST, _LATEST = -5.0, 305.0  # Flower's own window, in seconds of age
_FRESH = 15.0


@dataclass
class FleetLogin:
    """Knows the keys of approved centres, read again after a while. `lines`: OpenSSH lines."""

    lines: Callable[[], list[bytes]]
    clock: Callable[[], float] = time.time
    _keys: dict[bytes, ec.EllipticCurvePublicKey] = field(default_factory=dict, repr=False)
    _read_at: float = float("-inf")

    def __call__(self, headers: Mapping[str, str]) -> bytes | None:
        """Return the public key that signed the call's time, or None."""
        try:
            named = b64decode(headers["flwr-public-key"], validate=True)
            signature = b64decode(headers["flwr-signature"], validate=True)
            stamp = headers["flwr-timestamp"]
            age = self.clock() - datetime.fromisoformat(stamp).astimezone(UTC).timestamp()
            key = self._known()[named]
            if not _EARLIEST < age < _LATEST:
                return None
            key.verify(signature, stamp.encode("ascii"), ec.ECDSA(hashes.SHA256()))
        except (LookupError, ValueError, OverflowError, Error, InvalidSignature):
            return None
        return named

    def _known(self) -> dict[bytes, ec.EllipticCurvePublicKey]:
        if self.clock() - self._read_at > _FRESH:
            keys = [load_ssh_public_key(line) for line in self.lines()]
            self._keys = {_named(key): key for key in keys if isinstance(key, _KIND)}
            self._read_at = self.clock()
        return self._keys


_KIND = ec.EllipticCurvePublicKey


def _named(key: ec.EllipticCurvePublicKey) -> bytes:
    """As Flower's header names it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
