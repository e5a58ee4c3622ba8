"""Keys of a node: Ed25519 identity, ML-KEM-768 card, X25519 keys that live for one round."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from privacy.secure_sum.refusal import BadCard, BadLink, BadPrekeys, Malformed
from privacy.secure_sum.shamir import RandomBytes
from schemas.round import KeyCard
from schemas.signed import Signed

_X25519_PRIME = 2**255 - 19

Agree = Callable[[str], bytes]
"""X25519 of one private key with the public key of another, hexadecimal. Raises BadPrekeys."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A node's Ed25519 key, from a 32-byte seed. It signs and never leaves the node."""

    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, random_bytes: RandomBytes) -> "Identity":
        """Make a new identity."""
        return cls(random_bytes(32))

    @property
    def private(self) -> Ed25519PrivateKey:
        """The signing key."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public_hex(self) -> str:
        """The public key as it stands on the roster."""
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self.private.sign(message)


@dataclass(frozen=True, slots=True)
class KemKey:
    """A node's ML-KEM-768 private key, from its 64-byte seed (FIPS 203)."""

    seed: bytes = field(repr=False)

    @classmethod
    def new(cls, random_bytes: RandomBytes) -> "KemKey":
        """Make a new key."""
        return cls(random_bytes(64))

    def card(self, identity: Identity, node: int, generation: int = 1) -> Signed:
        """Return the signed key card that peers encapsulate to."""
        public = MLKEM768PrivateKey.from_seed_bytes(self.seed).public_key().public_bytes_raw()
        card = KeyCard(id=node, generation=generation, kem_public=public.hex())
        return Signed.seal(card, identity.private)

    def open(self, ciphertext: bytes) -> bytes:
        """Return the 32-byte secret. A wrong ciphertext gives another secret, silently."""
        try:
            return MLKEM768PrivateKey.from_seed_bytes(self.seed).decapsulate(ciphertext)
        except ValueError:
            raise BadLink("a ciphertext of the wrong size") from None


def check_kem(card: KeyCard) -> MLKEM768PublicKey:
    """Return the card's ML-KEM-768 key. Raises BadCard on bytes that are none (FIPS 203, 7.2)."""
    try:
        return MLKEM768PublicKey.from_public_bytes(bytes.fromhex(card.kem_public))
    except ValueError:
        raise BadCard("a key card without a valid ML-KEM-768 key") from None


def encapsulate(card: KeyCard) -> tuple[bytes, bytes]:
    """Return (secret of 32 bytes, ciphertext of 1,088 bytes) for the card's owner."""
    secret, ciphertext = check_kem(card).encapsulate()
    return secret, ciphertext


@dataclass(frozen=True, slots=True)
class RoundKeys:
    """The two X25519 keys of one round: for masks, and for the channel to members."""

    mask: bytes = field(repr=False)
    channel: bytes = field(repr=False)

    @classmethod
    def new(cls, random_bytes: RandomBytes) -> "RoundKeys":
        """Draw both keys."""
        return cls(random_bytes(32), random_bytes(32))

    @property
    def public(self) -> tuple[str, str]:
        """(mask, channel) public keys, hexadecimal."""
        return _x25519_public(self.mask), _x25519_public(self.channel)

    def to_bytes(self) -> bytes:
        """64 bytes, for the node's own encrypted store."""
        return self.mask + self.channel

    @classmethod
    def from_bytes(cls, raw: bytes) -> "RoundKeys":
        """The inverse. Raises Malformed."""
        if len(raw) != 64:
            raise Malformed("round keys of the wrong size")
        return cls(raw[:32], raw[32:])


def _x25519_public(private: bytes) -> str:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw().hex()


def check_public(public_hex: str) -> None:
    """Raise BadPrekeys on a low-order key, with which every secret would be zero, or on a key
    in a second spelling, which would hide that it is somebody else's.

    X25519 multiplies by a multiple of the cofactor, so any private key shows a low order; it
    ignores the top bit and reduces the rest (RFC 7748, sections 5 and 6.1).
    """
    if int.from_bytes(bytes.fromhex(public_hex), "little") >= _X25519_PRIME:
        raise BadPrekeys("a prekey in a second spelling")
    _agree(_ANY_KEY, public_hex)


def agreeing(private: bytes) -> Agree:
    """X25519 with others: the key is made ready once, which costs as much as one of them.

    What is returned raises BadPrekeys on an all-zero result (a low-order public key).
    """
    return partial(_agree, X25519PrivateKey.from_private_bytes(private))


def _agree(private: X25519PrivateKey, public_hex: str) -> bytes:
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(public_hex)))
    except ValueError:
        raise BadPrekeys("a prekey that gives an all-zero secret") from None


_ANY_KEY = X25519PrivateKey.from_private_bytes(b"\1" * 32)
