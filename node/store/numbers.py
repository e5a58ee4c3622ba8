"""Numbers of clients: one person may have several, and a number several spellings.

All are HMACs. Who was found to be one person is known by the number that came first.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select, update

from node.store.tables import number, record, withdrawal


def persons(connection: Connection) -> dict[str, str]:
    """For each number that turned out to be another person's: the first number of that person."""
    rows = connection.execute(
        select(number.c.client, number.c.same_as).where(number.c.same_as.is_not(None))
    )
    return {row.client: row.same_as for row in rows}


def note(connection: Connection, spellings: Mapping[str, str]) -> None:
    """Note numbers, each with the HMAC of what all its spellings have in common."""
    known = set(connection.execute(select(number.c.client)).scalars())
    rows = [
        {"client": client, "spelling": spelling}
        for client, spelling in spellings.items()
        if client not in known
    ]
    if rows:
        connection.execute(insert(number), rows)


def order(connection: Connection) -> dict[str, int]:
    """In which order the numbers came."""
    rows = connection.execute(select(number.c.client, number.c.id))
    return {row.client: row.id for row in rows}


def spelled_alike(connection: Connection) -> list[list[str]]:
    """Numbers that differ in spelling only, those of one person left out."""
    alike: dict[str, list[str]] = {}
    rows = select(number.c.spelling, number.c.client).where(
        number.c.spelling.is_not(None), number.c.same_as.is_(None)
    )
    for spelling, client in connection.execute(rows.order_by(number.c.id)):
        alike.setdefault(spelling, []).append(client)
    return [clients for clients in alike.values() if len(clients) > 1]


def join(connection: Connection, first: str, other: str) -> None:
    """Note that `other` is a number of the person of `first`."""
    its = (number.c.client == other) | (number.c.same_as == other)
    connection.execute(update(number).where(its).values(same_as=first))


def forget_spellings(connection: Connection, clients: Iterable[str]) -> None:
    """Keep of these clients' numbers only that they are one person's."""
    for client in clients:
        its = (number.c.client == client) | (number.c.same_as == client)
        connection.execute(update(number).where(its).values(spelling=None))


def forget_unused(connection: Connection) -> None:
    """Forget numbers of whom nothing is known: no record, no withdrawal, no other number."""
    connection.execute(
        delete(number).where(
            number.c.same_as.is_(None),
            number.c.client.not_in(select(record.c.client)),
            number.c.client.not_in(select(withdrawal.c.client)),
            number.c.client.not_in(select(number.c.same_as).where(number.c.same_as.is_not(None))),
        )
    )
