"""An answer that came to nothing on its way, half-sent or far too large: who it was of is named, in
the audit log and in the round that it was for."""

from collections.abc import Callable

from chassis.store import audit_log
from coordinator.store import CoordinatorStore, faults, rounds
from coordinator.store.faults import Fault, Phase
from coordinator.store.rounds import StoredRound

_PHASES: dict[rounds.State, Phase] = {
    "ANNOUNCED": "announce", "OPEN": "contribute", "CLOSING": "certify", "CERTIFIED": "unmask",
    "STUCK": "abandon", "ABANDONED": "abandon",
}  # fmt: skip


def note(store: CoordinatorStore, clock: Callable[[], int], centre: int, fault: str) -> None:
    """Name a centre, by what is asked in the rounds that are under way."""
    with store.begin() as connection:
        audit_log.note(connection, clock(), "answer-unusable", centre=centre, fault=fault)
        states: tuple[rounds.State, ...] = ("ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED")
        asking = rounds.in_states(connection, states)
        asking += rounds.in_states(connection, ("STUCK",), wanted="abandon")
        last = rounds.of(connection, rounds.next_number(connection) - 1)
        for stored in asking or ([last] if last else []):  # what others said may just have ended it
            found = Fault(centre, _phase(stored), faults.reason_coded(fault))
            faults.note(connection, stored.number, [found], clock())


def _phase(stored: StoredRound) -> Phase:
    return "abandon" if stored.wanted == "abandon" else _PHASES.get(stored.state, "unmask")
