"""This centre's own keys, as its store holds them."""

from chassis.store import settings
from node.store.database import Connection
from privacy.secure_sum.keys import Identity, KemKey
from schemas.signed import Signed


def identity(connection: Connection) -> Identity:
    """This node's identity key."""
    return Identity(settings.get(connection, "identity") or b"")


def kem_key(connection: Connection) -> KemKey:
    """This node's ML-KEM key."""
    return KemKey(settings.get(connection, "kem") or b"")


def own_card(connection: Connection) -> Signed:
    """This node's signed key card."""
    return Signed.from_canonical(settings.get(connection, "card") or b"")
