"""Charges and the counted register, as the core's own types."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from node.store.tables import charge, counted
from privacy.accounting.event import Event
from privacy.accounting.ledger import Charge, ChargeKey, Ledger
from privacy.accounting.register import Entry
from schemas.cohort import Cohort
from schemas.units import MicroRho


def ledger(connection: Connection, budget: MicroRho) -> Ledger:
    """Return the ledger under a budget for each cohort."""
    charges = {
        ChargeKey(row.statistic, row.horizon, row.cohort, row.split): Charge(
            row.round_id,
            MicroRho(row.price),
            Event.from_text(row.event) if row.event else None,
        )
        for row in connection.execute(select(charge))
    }
    return Ledger(budget, charges)


def add_charges(connection: Connection, charges: Mapping[ChargeKey, Charge]) -> None:
    """Write charges; a key that stands already breaks the transaction."""
    rows = [
        {
            "statistic": key.statistic,
            "horizon": key.horizon,
            "cohort": key.cohort,
            "split": key.split,
            "price": one.price,
            "round_id": one.round_id,
            "event": one.event and one.event.text,
        }
        for key, one in charges.items()
    ]
    connection.execute(insert(charge), rows)


def refund(connection: Connection, round_id: str) -> int:
    """Take back the charges of a provably abandoned round. Returns how many."""
    return connection.execute(delete(charge).where(charge.c.round_id == round_id)).rowcount


def register(connection: Connection) -> list[Entry]:
    """Return the whole counted register."""
    return [
        Entry(Cohort(row.cohort), row.client, row.trajectory)
        for row in connection.execute(select(counted))
    ]


def enter(connection: Connection, entries: Iterable[Entry]) -> None:
    """Add entries; they are never taken back."""
    rows = [
        {"client": e.client, "cohort": e.cohort.index, "trajectory": e.trajectory} for e in entries
    ]
    if rows:
        connection.execute(insert(counted), rows)
