"""A copy of what a centre holds of one client (GDPR, article 15), for her."""

from typing import Any

from chassis.store import audit_log
from node.rights.withdrawing import held_of
from node.store import budget, restrictions, withdrawals
from node.store.database import Connection
from node.store.withdrawals import NONE


def copy_of(connection: Connection, reference: str, at: int) -> dict[str, Any]:
    """All that is held of her, ready for JSON; her codes say nothing outside this store.

    Raises UnknownClients.
    """
    ((client, found),) = held_of(connection, [reference]).items()
    left = withdrawals.of_clients(connection, [client]).get(client, NONE)
    since = restrictions.since(connection, client)
    quarters = sorted(str(e.cohort) for e in budget.register(connection) if e.client == client)
    audit_log.note(connection, at, "copied", records=len(found))
    codes = {"client_ref", "trajectory_ref"}
    return {
        "trajectories": [
            one.model_dump(mode="json", exclude_defaults=True, exclude=codes) for one in found
        ],
        "withdrawn_on": left.withdrawn_on and left.withdrawn_on.isoformat(),
        "restricted_since": since and since.isoformat(),
        "counted_in_quarters": quarters,
    }
