"""Signed envelopes: Ed25519 over the canonical bytes of a document.

The name of the document's kind is part of what is signed: a signed prekey can never be read
as a signed roster.
"""

from functools import lru_cache
from typing import TypeVar, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.document import Document
from schemas.units import PublicKeyHex, SignatureHex

D = TypeVar("D", bound=Document)


class BadSignature(ValueError):
    """The document was not signed by the key that had to sign it. Do not use it."""

    code = "bad-signature"


def public_hex(key: Ed25519PrivateKey) -> PublicKeyHex:
    """Return the 32 raw bytes of the public key, hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def verify(public_key: PublicKeyHex, signature: SignatureHex, message: bytes) -> None:
    """Raise BadSignature unless `public_key` signed exactly `message`."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature), message
        )
    except (InvalidSignature, ValueError):
        raise BadSignature("a signature does not fit its key and document") from None


def _message(kind: type[Document], body: bytes) -> bytes:
    return f"wegwijs/signed/1/{kind.__name__}\n".encode() + body


@lru_cache(maxsize=8)
def _read_once(kind: type[Document], body: str) -> Document:
    return kind.from_canonical(body.encode())


class Signed(Document):
    """A document's canonical text with its signer and signature.

    `body` is kept as text, so that what is verified is byte for byte what was signed.
    """

    body: str
    signer: PublicKeyHex
    signature: SignatureHex

    @classmethod
    def seal(cls, document: Document, key: Ed25519PrivateKey) -> "Signed":
        """Sign a document."""
        raw = document.canonical()
        signature = key.sign(_message(type(document), raw)).hex()
        return cls(body=raw.decode(), signer=public_hex(key), signature=signature)

    def open(self, kind: type[D], signer: PublicKeyHex) -> D:
        """Return the document, or raise BadSignature or MalformedDocument."""
        if self.signer != signer:
            raise BadSignature(f"{kind.__name__} was signed by another key than expected")
        raw = self.body.encode()
        verify(signer, self.signature, _message(kind, raw))
        return kind.from_canonical(raw)

    def peek(self, kind: type[D]) -> D:
        """Read the document without checking who signed it; only to find out whom to ask."""
        return kind.from_canonical(self.body.encode())

    def document(self, kind: type[D]) -> D:
        """As `peek`, but read once and kept: a paper that many messages come under."""
        return cast("D", _read_once(kind, self.body))
