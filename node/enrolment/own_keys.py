"""This centre's own keys, as its store holds them."""

from node.store import signed_documents
from node.store.database import Connection
from privacy.secure_sum.keys import Identity, KemKey
from schemas.signed import Signed


def identity(connection: Connection) -> Identity:
    """This node's identity key."""
    return Identity(signed_documents.get(connection, "identity") or b"")


def kem_key(connection: Connection) -> KemKey:
    """This node's ML-KEM key."""
    return KemKey(signed_documents.get(connection, "kem") or b"")


def own_card(connection: Connection) -> Signed:
    """This node's signed key card."""
    return Signed.from_canonical(signed_documents.get(connection, "card") or b"")
