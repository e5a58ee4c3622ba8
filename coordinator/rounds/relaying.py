"""What a centre is told of itself: its latest header, and the rosters it slept through."""

from collections.abc import Mapping

from coordinator.store import centres, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from schemas.message import pack
from schemas.roster import Roster


def own_headers(connection: Connection, stored: StoredRound) -> Mapping[int, bytes]:
    """Each centre's latest (descriptor, header), so that it notices a disk that was put back."""
    found = rounds.last_headers(connection, stored.number)
    return {node: pack(list(said)) for node, said in found.items()}


def rosters_between(connection: Connection, stored: StoredRound) -> Mapping[int, bytes]:
    """Rosters after the one under which a centre was last ready, before that of this round."""
    chain = centres.chain(connection, "roster")
    epochs = {signed.peek(Roster).digest(): epoch for epoch, signed in chain.items()}
    last = epochs[stored.announced.roster]
    known: dict[int, int] = {}
    between = {}
    for node, number in rounds.last_rounds(connection, "prekey", stored.number).items():
        if number not in known:
            before = rounds.of(connection, number)
            known[number] = epochs[before.announced.roster] if before else last
        missed = range(known[number] + 1, last)
        if missed:
            between[node] = pack([chain[epoch].canonical() for epoch in missed if epoch in chain])
    return between
