"""A client withdraws, or wants her records erased: for all her trajectories at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chassis.store import audit_log, settings
from node.importing import lookalikes as search
from node.importing.commit import REFERENCE_KEY
from node.importing.refusal import UnknownClients
from node.store import lookalikes, numbers, records, restrictions, withdrawals
from node.store.database import Connection
from node.store.withdrawals import Withdrawal
from schemas.record import Trajectory


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is done on which day; `at`: the same in Unix seconds."""

    day: date
    at: int
    erase: bool


def held_of(connection: Connection, references: Iterable[str]) -> dict[str, list[Trajectory]]:
    """What is held of these clients, by HMAC; `references` are the centre's own.

    Raises UnknownClients when one of them has no record here.
    """
    key, person = settings.get(connection, REFERENCE_KEY) or b"", numbers.persons(connection)
    coded = {records.pseudonym(key, "client", reference) for reference in references}
    clients = {person.get(client, client) for client in coded}
    held = {client: records.of_clients(connection, [client]) for client in sorted(clients)}
    if unknown := sum(not found for found in held.values()):
        raise UnknownClients(
            "{count} of these client numbers has no record here. Nothing was changed. Write them "
            "as they stand in your file.",
            count=unknown,
        ).counted(
            "{count} of these client numbers have no record here. Nothing was changed. Write them "
            "as they stand in your file.",
            unknown,
        )
    return held


def leave(connection: Connection, references: Iterable[str], wish: Leaving) -> tuple[int, int]:
    """From now on these clients do not count; with `erase` nothing but their HMACs is kept.

    `references`: the centre's own. Returns (clients, trajectories). Raises UnknownClients when one
    of them has no record here; then nothing was changed.
    """
    held = held_of(connection, references)
    day = wish.day
    new = Withdrawal(withdrawn_on=day, erased_on=day if wish.erase else None)
    withdrawals.note(connection, dict.fromkeys(held, new))
    for client, found in held.items():
        if wish.erase:
            records.erase(connection, client)
            lookalikes.forget(connection, client)
            restrictions.lift(connection, client)
        else:
            _withdraw(connection, found, day)
    if wish.erase:
        numbers.forget_spellings(connection, held)
        search.find(connection)
    count = sum(map(len, held.values()))
    event = "erased" if wish.erase else "withdrawn"
    audit_log.note(connection, wish.at, event, clients=len(held), records=count)
    return len(held), count


def _withdraw(connection: Connection, found: Sequence[Trajectory], day: date) -> None:
    for one in found:
        if one.consent.withdrawn_on is None:
            consent = one.consent.model_copy(update={"withdrawn_on": day})
            records.change(connection, one.model_copy(update={"consent": consent}))
