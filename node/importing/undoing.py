"""The last import is taken back: every record is as it was, but for what clients did since."""

from dataclasses import dataclass

from chassis.store import audit_log
from node.importing.commit import as_withdrawn
from node.importing.refusal import NothingToUndo
from node.store import budget, earlier, records, withdrawals
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
    _withdraw(connection, restored)
    touched = {*gone, *restored}
    counted = {e.client for e in budget.register(connection) if e.trajectory in touched}
    audit_log.note(connection, at, "import-undone", batch=batch.id, gone=len(gone),
               restored=len(restored))  # fmt: skip
    return Undone(batch, len(gone), len(restored), len(counted))


def _withdraw(connection: Connection, restored: list[str]) -> None:
    """Whoever withdrew since the import is withdrawn in what comes back as well."""
    found = records.of_trajectories(connection, restored)
    held = withdrawals.of_clients(connection, {one.client_ref for one in found})
    for one in found:
        now = as_withdrawn(one, None, held)
        if now != one:
            records.change(connection, now)
