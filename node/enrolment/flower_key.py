"""The key with which a node signs its calls to Flower: ECDSA P-256.

It signs the time of every call, also when there is nothing to do; P-256 takes a tenth of the
time that P-384 takes, which is Flower's choice, and is as strong as the other keys here.

Apart from `flower`, so that joining a region does not have to load Flower.
"""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a new key."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as OpenSSH PEM, for the node's own encrypted store."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The inverse of `private_pem`. Raises ValueError."""
    key = serialization.load_ssh_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not an elliptic-curve key")  # noqa: TRY004 - the bytes are wrong
    return key


def public_line(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as one OpenSSH line, as the coordinator registers it."""
    return key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
