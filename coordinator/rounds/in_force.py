"""The roster and programme that a new round comes under."""

from coordinator.rounds.refusal import NotReady
from coordinator.store.database import Connection
from coordinator.store.signed_documents import SignedDocuments, newest


def in_force(connection: Connection) -> SignedDocuments:
    """Return the newest documents, checked at their installation. Raises NotReady."""
    found = newest(connection)
    if found is None:
        raise NotReady("a signed roster and a signed programme must be installed first")
    return found
