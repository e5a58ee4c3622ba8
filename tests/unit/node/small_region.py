"""A region of seven centres with a small table, whose every message can be seen and sent again."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cast import tape
from public_port import FetchingCarrier, documents_from
from region import DAY, NOW, FakeClock, Region, make_region, sample_records

from coordinator.rounds.engine import Engine
from coordinator.store import CoordinatorStore
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.rounds.public_documents import Documents
from node.store import NodeStore
from schemas.catalogue.default import programme_of_year
from schemas.message import Frame, Kind
from schemas.programme import Programme
from schemas.units import UnixSeconds

ASK = "trajectories@start"
OTHER = "durable_match@6m"


def small_programme(version: int = 1) -> Programme:
    """The default programme, with two tables instead of eight: quick to encode and estimate."""
    made = programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 365 * DAY)
    )
    small = tuple(
        s.model_copy(update={"views": ((), ("nuts2",))})
        for s in made.statistics
        if s.id in ("trajectories", "durable_match")
    )
    asks = tuple(ask for ask in made.asks if ask.key in (ASK, OTHER))
    return Programme(
        **{**dict(made), "version": version, "statistics": small, "asks": asks, "spread": True},
    )


class Recorder(FetchingCarrier):
    """Carries as the carrier of tests does, and keeps what was asked."""

    def __init__(
        self,
        handlers: Mapping[int, Participant],
        documents: Documents,
        sent: Sequence[tuple[int, bytes]] = (),
    ) -> None:
        super().__init__({node: one.answer for node, one in handlers.items()}, documents)
        self.sent = list(sent)

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        self.sent += [(node, self.filled(raw)) for node, raw in requests.items()]
        return super().exchange(requests, seconds=seconds)

    def last(self, kind: Kind, node: int) -> bytes:
        """The last request of a kind to a node."""
        return next(
            raw for to, raw in reversed(self.sent) if to == node and raw[4] == kind
        )  # a frame: "WGW1", kind


@dataclass
class Small:
    """The region, its nodes and what was said."""

    region: Region
    nodes: dict[int, Participant]
    carrier: Recorder

    def ask(self, node: int, raw: bytes) -> Frame:
        """Ask one node directly."""
        return Frame.from_bytes(self.nodes[node].answer(raw))

    def refusal(self, node: int, kind: Kind, *parts: bytes) -> str:
        """The reason code of a node that refuses."""
        answer = self.ask(node, Frame(kind, parts).to_bytes())
        assert answer.kind is Kind.REFUSED, answer.kind
        assert len(answer.parts) == 1
        return answer.parts[0].decode()

    def parts(self, kind: Kind, node: int) -> tuple[bytes, ...]:
        """Parts of the last request of a kind to a node."""
        return Frame.from_bytes(self.carrier.last(kind, node)).parts

    def announced(self) -> int:
        """A round for which everybody is ready."""
        number = self.region.announce((ASK,))
        self.region.ticks(3)
        assert self.region.status(number)["prekeys"] == 7
        return number

    def opened(self) -> int:
        """A round with a descriptor, of which no centre has heard yet."""
        number = self.announced()
        self.region.ask("open", number)
        self.region.ticks(1)
        return number


def make_small(folder: Path, clients: int = 6) -> Small:
    """Seven centres; centre 7 has no clients."""
    people = {n: sample_records(n, clients if n < 7 else 0) for n in range(1, 8)}
    region = make_region(folder, people, programme=small_programme())
    fetch = region.documents.fetch
    nodes = {
        n: Participant(store, Context(region.clock, tape(f"noise {n}"), fetch=fetch))
        for n, store in region.nodes.items()
    }
    region.carrier = Recorder(nodes, region.documents)
    region.engine = Engine(region.store, region.carrier, region.coordinator, region.clock)
    return Small(region, nodes, region.carrier)


def copy_of(made: Small, folder: Path) -> Small:
    """The same region as it stands, in other files: what a test does to it stays in that test."""
    shutil.copytree(made.region.folder, folder)
    clock = FakeClock(made.region.clock.now)
    stores = {n: NodeStore.open(folder / f"node-{n}") for n in made.region.nodes}
    store = CoordinatorStore.open(folder / "coordinator")
    documents = documents_from(store, clock)
    nodes = {
        n: Participant(s, Context(clock, tape(f"noise {n} again"), fetch=documents.fetch))
        for n, s in stores.items()
    }
    carrier = Recorder(nodes, documents, made.carrier.sent)
    engine = Engine(store, carrier, made.region.coordinator, clock)
    region = replace(
        made.region, folder=folder, store=store, nodes=stores, carrier=carrier, clock=clock,
        engine=engine, documents=documents,
    )  # fmt: skip
    return Small(region, nodes, carrier)
