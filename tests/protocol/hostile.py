"""What a hostile centre says: everything from noise to well-signed nonsense, in every phase.

A hostile centre has a store, keys and software of its own, and answers as it likes. Each way
takes the request and returns the bytes that it sends, in their order; none is silence.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from public_port import FetchingCarrier

from coordinator.rounds.opening import view_of
from coordinator.store import CoordinatorStore, rounds
from node.enrolment.own_keys import identity
from node.rounds.public_documents import Documents
from node.store import NodeStore
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.view import RoundView
from schemas.document import Document
from schemas.message import Frame, Kind
from schemas.signed import Signed

ANSWER = {
    Kind.ANNOUNCE: Kind.READY, Kind.CONTRIBUTE: Kind.CONTRIBUTION, Kind.UNMASK: Kind.SHARES,
    Kind.CERTIFY: Kind.SET_SIGNATURE, Kind.ABANDON: Kind.STATEMENT,
}  # fmt: skip
STRANGER = Identity(b"\x77" * 32)


@dataclass
class Hostile:
    """One centre or witness; `plan`: how it answers each kind of request. `shift`: by how much
    the vector that it masked differs from the one that its software made."""

    node: int
    store: NodeStore
    honest: Callable[[bytes], bytes]
    region: CoordinatorStore
    plan: dict[Kind, str] = field(default_factory=dict)
    seed: bytes = b""
    shift: NDArray[np.int64] | None = None
    said: list[bytes] = field(default_factory=list)
    later: list[bytes] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    turns: int = 0
    sent_links: bool = False
    clock: Callable[[], int] = lambda: 0
    earlier_disk: NodeStore | None = None

    def answers(self, raw: bytes) -> list[bytes]:
        """What it sends now, with what it kept for later first."""
        kind = Frame.from_bytes(raw).kind
        way = self.plan.get(kind, "honest")
        self.told.add(way)
        self.turns += 1
        due, self.later = self.later, []
        return [*due, *WAYS[way](self, raw)]

    def own(self, raw: bytes) -> Frame:
        """What its software answers."""
        answer = self.honest(raw)
        self.said.append(answer)
        return Frame.from_bytes(answer)

    def drawn(self, size: int) -> bytes:
        """Bytes that depend on the seed and the turn."""
        return hashlib.shake_256(self.seed + bytes([self.turns % 256])).digest(size)

    @property
    def identity(self) -> Identity:
        """Its own key."""
        with self.store.begin() as connection:
            return identity(connection)

    def seal(self, document: Document) -> bytes:
        """Sign anything."""
        return Signed.seal(document, self.identity.private).canonical()

    def resealed(self, raw: bytes, kind: type[Document], **changes: object) -> bytes:
        """A document of its own, changed and signed again."""
        return self.seal(Signed.from_canonical(raw).peek(kind).model_copy(update=changes))

    @property
    def number(self) -> int:
        """The latest round."""
        with self.region.begin() as connection:
            return rounds.next_number(connection) - 1

    @property
    def view(self) -> RoundView:
        """The round as everybody sees it."""
        number = self.number
        with self.region.begin() as connection:
            stored = rounds.of(connection, number)
            assert stored is not None
            return view_of(connection, stored)


class Carrier(FetchingCarrier):
    """Yields whatever each hostile centre sends, and one answer of everybody else."""

    def __init__(
        self, handlers: Mapping[int, Any], documents: Documents, hostile: Mapping[int, Hostile]
    ) -> None:
        super().__init__(handlers, documents)
        self._hostile = hostile

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        for node, request in requests.items():
            if node in self._hostile:
                asked = self.filled(request)
                yield from ((node, said) for said in self._hostile[node].answers(asked))
            else:
                yield from super().exchange({node: request}, seconds=seconds)


Way = Callable[[Hostile, bytes], list[bytes]]
WAYS: dict[str, Way] = {}
HARMLESS = {"honest", "late", "twice"}
"""Ways of which nobody has to be told: the answer is the right one."""


def way(phase: str, *, harmless: bool = False) -> Callable[[Way], Way]:
    """Register a way under `phase: name`."""

    def register(found: Way) -> Way:
        name = found.__name__.strip("_").replace("_", " ")
        name = name if phase == "any" else f"{phase}: {name}"
        WAYS[name] = found
        if harmless:
            HARMLESS.add(name)
        return found

    return register


# -- in any phase


@way("any")
def honest(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()]


@way("any")
def nothing(_: Hostile, __: bytes) -> list[bytes]:
    return []


@way("any")
def noise(self: Hostile, _: bytes) -> list[bytes]:
    return [self.drawn(500), b"", b"WGW1", b"WGW1" + self.drawn(60)]


@way("any")
def cut(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()[:-1]]


@way("any")
def lengthened(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes() + b"x"]


@way("any")
def other_kind(self: Hostile, raw: bytes) -> list[bytes]:
    mine = ANSWER[Frame.from_bytes(raw).kind]
    return [Frame(kind, (b"x" * 98,)).to_bytes() for kind in Kind if kind is not mine]


@way("any")
def refusal(_: Hostile, __: bytes) -> list[bytes]:
    return [Frame(Kind.REFUSED, (b"paused",)).to_bytes()]


@way("any")
def painted_refusal(_: Hostile, __: bytes) -> list[bytes]:
    return [Frame(Kind.REFUSED, (b"\x1b[2J",)).to_bytes()]


@way("any")
def odd_documents(_: Hostile, raw: bytes) -> list[bytes]:
    kind = ANSWER[Frame.from_bytes(raw).kind]
    texts = (
        b'{"body":"\\ud800","signature":"' + b"0" * 128 + b'","signer":"' + b"0" * 64 + b'"}',
        b"[" * 20_000, b'{"id":' + b"9" * 5_000 + b"}", b"\xff" * 40, b"\0" * 98, b"null",
    )  # fmt: skip
    return [Frame(kind, (text, text, text, text)).to_bytes() for text in texts]


@way("any")
def earlier(self: Hostile, _: bytes) -> list[bytes]:
    """An answer to another question: the first that it ever gave."""
    return self.said[:1]


@way("any")
def late(self: Hostile, raw: bytes) -> list[bytes]:
    """The right answer, when it is asked the next time, whatever it is asked then."""
    self.later.append(self.own(raw).to_bytes())
    return []


@way("any")
def twice(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()] * 2


PHASES = {
    Kind.ANNOUNCE: "ready", Kind.CONTRIBUTE: "contribute", Kind.CERTIFY: "mark",
    Kind.UNMASK: "shares", Kind.ABANDON: "mark",
}  # fmt: skip


def ways(kind: Kind) -> list[str]:
    """How a request of this kind may be answered."""
    return [name for name in WAYS if ":" not in name or name.startswith(PHASES[kind] + ":")]
