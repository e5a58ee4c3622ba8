"""The key with which a node signs its calls to Flower: ECDSA P-384.

Apart from `flower`, so that joining a region does not have to load Flower.
"""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a new key."""
    return ec.generate_private_key(ec.SECP384R1())


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
