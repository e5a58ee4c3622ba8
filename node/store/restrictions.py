"""Clients whose records may be kept and not used (GDPR, article 18)."""

from datetime import date

from sqlalchemy import Connection, delete, insert, select

from node.store.tables import restriction


def restricted(connection: Connection) -> frozenset[str]:
    """HMACs of the clients whose records are restricted."""
    return frozenset(connection.execute(select(restriction.c.client)).scalars())


def since(connection: Connection, client: str) -> date | None:
    """Since when this client's records are restricted, or None."""
    its = restriction.c.client == client
    found = connection.execute(select(restriction.c.since).where(its)).scalar()
    return None if found is None else date.fromisoformat(found)


def restrict(connection: Connection, client: str, day: date) -> None:
    """Restrict a client's records; the first day stands."""
    if since(connection, client) is None:
        connection.execute(insert(restriction).values(client=client, since=day.isoformat()))


def lift(connection: Connection, client: str) -> None:
    """Let her records be used again."""
    connection.execute(delete(restriction).where(restriction.c.client == client))
