"""The owner settles whether two clients who look alike are one person."""

from collections.abc import Sequence

from chassis.store import audit_log
from node.importing import lookalikes as search
from node.importing.commit import as_withdrawn
from node.importing.refusal import NoSuchPair
from node.store import lookalikes, numbers, records, restrictions, withdrawals
from node.store.database import Connection
from node.store.lookalikes import Lookalike


def settle(connection: Connection, ids: Sequence[int], at: int, *, same: bool) -> int:
    """Settle these pairs. Returns how many clients still wait. Raises NoSuchPair; then nothing
    was changed.

    One person's records come together under her first number, and later files that use the other
    follow. She counts once from now on, also where both numbers were counted before.
    """
    waiting = {pair.id: pair for pair in lookalikes.unsettled(connection)}
    if unknown := [one for one in ids if one not in waiting]:
        raise NoSuchPair(
            "No pair with number {numbers} waits. Nothing was changed. See duplicates for those "
            "that do.",
            numbers=", ".join(map(str, unknown)),
        )
    if same:
        for one in ids:
            _join(connection, waiting[one])
    else:
        lookalikes.differ(connection, ids)
    audit_log.note(connection, at, "one-person" if same else "two-people", pairs=len(ids))
    return search.find(connection)


def _join(connection: Connection, pair: Lookalike) -> None:
    """Make two clients one; a pair before this one may have joined either of them already."""
    person = numbers.persons(connection)
    first, other = (person.get(client, client) for client in (pair.one, pair.other))
    if first == other:
        return
    numbers.join(connection, first, other)
    records.give(connection, other, first)
    lookalikes.forget(connection, other)
    since = restrictions.since(connection, other)
    if since is not None:
        restrictions.restrict(connection, first, since)
        restrictions.lift(connection, other)
    left = withdrawals.of_clients(connection, [other]).get(other, withdrawals.NONE)
    if left != withdrawals.NONE:
        withdrawals.note(connection, {first: left})
    held = withdrawals.of_clients(connection, [first])
    for one in records.of_clients(connection, [first]):
        records.change(connection, as_withdrawn(one, None, held))
