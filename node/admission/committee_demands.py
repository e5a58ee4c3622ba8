"""What this node demands of a round's committee: whom it trusts to certify and to open."""

from dataclasses import replace
from typing import cast, get_args

from chassis.store import settings
from node.store.database import Connection
from privacy.secure_sum.parameters import Committee, Policy


def demanded(connection: Connection, policy: Policy) -> Policy:
    """The policy, with what the owner demands of the committee."""
    committee = (settings.get(connection, "committee") or policy.committee.encode()).decode()
    least = int(settings.get(connection, "least_witnesses") or policy.least_witnesses)
    if committee not in get_args(Committee):
        raise ValueError("no kind of committee")
    return replace(policy, committee=cast("Committee", committee), least_witnesses=least)


def demand(
    connection: Connection, committee: Committee | None = None, least: int | None = None
) -> None:
    """Store what the owner demands; None leaves it as it is."""
    if committee is not None:
        settings.put(connection, "committee", committee.encode())
    if least is not None:
        settings.put(connection, "least_witnesses", str(least).encode())
