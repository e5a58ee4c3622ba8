"""Records of a client may be kept and not used (GDPR, article 18), until that is lifted."""

from collections.abc import Iterable
from datetime import date

from chassis.store import audit_log
from node.rights.withdrawing import held_of
from node.store import restrictions
from node.store.database import Connection


def restrict(connection: Connection, references: Iterable[str], day: date, at: int) -> int:
    """From now on these clients give no values. Returns how many. Raises UnknownClients."""
    clients = held_of(connection, references)
    for client in clients:
        restrictions.restrict(connection, client, day)
    audit_log.note(connection, at, "restricted", clients=len(clients))
    return len(clients)


def lift(connection: Connection, references: Iterable[str], at: int) -> int:
    """Use their records again. Returns how many. Raises UnknownClients."""
    clients = held_of(connection, references)
    for client in clients:
        restrictions.lift(connection, client)
    audit_log.note(connection, at, "restriction-lifted", clients=len(clients))
    return len(clients)
