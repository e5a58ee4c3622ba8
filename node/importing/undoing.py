"""The last import is taken back: every record is as it was, but for what clients did since."""

from dataclasses import dataclass

from chassis.store import audit_log
from node.importing import lookalikes
from node.importing.commit import as_withdrawn
from node.importing.refusal import NothingToUndo
from node.store import budget, earlier, numbers, records, withdrawals
from node.store.database import Connection
from node.store.earlier import Batch


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: records that are gone again, and those that are what they were.

    `counted`: clients who were counted with one of these records. What is in a sum stays in it,
    and the register and the charges stay as they are, so that nobody counts or pays twice.
    """

    batch: Batch
    gone: int
    restored: int
    counted: int


def undo(connection: Connection, at: int) -> Undone:
    """Take the last import back. Raises NothingToUndo.

    Who withdrew or was erased since stays so. There is nothing in a round that speaks against
    it: charges, register and what was sent are no part of an import.
    """
    batch = earlier.last(connection)
    if batch is None:
        raise NothingToUndo(
            "There is no import to undo: none was made, or the last one was undone already. "
            "Nothing was changed. An older one is undone by reading in the right file."
        )
    gone, restored = earlier.put_back(connection)
    _as_it_is_now(connection, restored)
    numbers.forget_unused(connection)
    lookalikes.find(connection)
    touched = {*gone, *restored}
    counted = {e.client for e in budget.register(connection) if e.trajectory in touched}
    audit_log.note(connection, at, "import-undone", batch=batch.id, gone=len(gone),
               restored=len(restored))  # fmt: skip
    return Undone(batch, len(gone), len(restored), len(counted))


def _as_it_is_now(connection: Connection, restored: list[str]) -> None:
    """Who withdrew since the import, or turned out to be one person with another, is so in what
    comes back as well."""
    person = numbers.persons(connection)
    found = records.of_trajectories(connection, restored)
    whose = {t.trajectory_ref: person.get(t.client_ref, t.client_ref) for t in found}
    held = withdrawals.of_clients(connection, whose.values())
    for one in found:
        known = one.model_copy(update={"client_ref": whose[one.trajectory_ref]})
        now = as_withdrawn(known, None, held)
        if now != one:
            records.change(connection, now)
