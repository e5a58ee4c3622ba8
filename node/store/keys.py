"""The database key: 32 random bytes in a file for the service user, sealed by a passphrase if set.

With a passphrase (WEGWIJS_PASSPHRASE) the file holds salt | nonce | sealed key: scrypt
(n = 2^15, r = 8, p = 1) and ChaCha20-Poly1305. A backup has a passphrase of its own.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from chassis.files import write_secret

PASSPHRASE = "WEGWIJS_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
_PLAIN = 32
_SEALED = 16 + 12 + 32 + 16


class KeyFileError(ValueError):
    """The key file cannot be used. Nothing in the store was changed."""


def _box(passphrase: str, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(Scrypt(salt, 32, n=2**15, r=8, p=1).derive(passphrase.encode()))


def backup_key(passphrase: str, salt: bytes) -> bytes:
    """The 32-byte key of a backup; `salt`: the first 16 bytes of its file."""
    return Scrypt(salt, 32, n=2**15, r=8, p=1).derive(passphrase.encode())


def write_key(path: Path, key: bytes, passphrase: str | None) -> None:
    """Write the key, readable for its owner only. Raises FileExistsError."""
    body = key
    if passphrase:
        salt, nonce = os.urandom(16), os.urandom(12)
        body = salt + nonce + _box(passphrase, salt).encrypt(nonce, key, b"wegwijs/node.key")
    write_secret(path, body)


def read_key(path: Path, passphrase: str | None) -> bytes:
    """Return the 32-byte key. Raises KeyFileError."""
    body = path.read_bytes()
    if len(body) == _PLAIN:
        return body
    if len(body) != _SEALED:
        raise KeyFileError(
            "node.key is not a key file. Nothing was changed. Put back the one that belongs to "
            "this store."
        )
    if not passphrase:
        raise KeyFileError(
            "The key is sealed. Nothing was changed. Set WEGWIJS_PASSPHRASE and try again."
        )
    salt, nonce, sealed = body[:16], body[16:28], body[28:]
    try:
        return _box(passphrase, salt).decrypt(nonce, sealed, b"wegwijs/node.key")
    except InvalidTag:
        raise KeyFileError(
            "The passphrase does not open the key. Nothing was changed. Correct "
            "WEGWIJS_PASSPHRASE and try again."
        ) from None
