"""Public documents: what is equal for all travels once, and requests name it.

Roster, programme, key cards, prekeys and headers are signed by whom they are of, and
nobody is asked who fetches them; a request carries the digest to who takes part. They are kept in
the database, so that the web process serves them and a restart loses none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from coordinator.store import CoordinatorStore, public_documents
from coordinator.store.database import Connection
from schemas.message import Kind
from schemas.request import Mention, Request
from schemas.units import DAY

_KEPT_DAYS = 7
_ROUNDS = 20
"""So many rounds back requests are kept in memory; older ones are made again."""


def publish(connection: Connection, body: bytes, now: int) -> Mention:
    """Keep a document for everybody, in this transaction, and return what names it."""
    mention = Mention.of(body)
    public_documents.keep(connection, mention.digest, body, now)
    return mention


@dataclass
class Standing:
    """Requests that are the same for all and stay as they are: made once, and once a day again, so
    that their documents are not forgotten."""

    store: CoordinatorStore
    _made: dict[tuple[int, Kind], tuple[int, bytes]] = field(default_factory=dict)

    def of(self, number: int, kind: Kind, now: int, make: Callable[[Connection], Request]) -> bytes:
        """The request of a round, made now or before. Raises what `make` raises."""
        made_at, request = self._made.get((number, kind), (0, b""))
        if not request or abs(now - made_at) >= DAY:
            with self.store.begin() as connection:
                public_documents.forget(connection, now - _KEPT_DAYS * DAY)
                request = make(connection).to_bytes()
            others = {key: made for key, made in self._made.items() if key[0] > number - _ROUNDS}
            self._made = {**others, (number, kind): (now, request)}
        return request
