"""A region in one process: real stores, nodes and engine; only carrier and clock are fakes."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cast import tape
from public_port import documents_from

from chassis.store import settings
from coordinator.carrier.seam import InProcessCarrier
from coordinator.certificates import write_signing_key
from coordinator.rounds.engine import Engine
from coordinator.rounds.operator_actions import (
    Order,
    announce,
    ask_abandon,
    ask_close,
    ask_open,
    status,
)
from coordinator.store import CoordinatorStore, centres, releases, rounds
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.rounds.ending import Endings
from node.rounds.public_documents import Documents
from node.store import NodeStore, records, signed_documents
from privacy.secure_sum.keys import Identity, KemKey
from privacy.secure_sum.refusal import SumRefusal
from schemas.catalogue.default import programme_of_year
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame
from schemas.programme import Programme
from schemas.record import Consent, Trajectory
from schemas.release import Release
from schemas.roster import Centre, Roster, Witness
from schemas.signed import Signed
from schemas.units import UnixSeconds

NOW = 1_760_000_000
DAY = 86_400
ENDED: tuple[rounds.State, ...] = ("DRAFT", "PUBLISHED", "WITHHELD", "ABANDONED")


@dataclass
class FakeClock:
    """A clock that only tests move."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now


@dataclass
class Region:
    """Authority, coordinator, nodes, carrier."""

    folder: Path
    authority: Identity
    coordinator: Identity
    programme: Programme
    roster: Roster
    store: CoordinatorStore
    nodes: dict[int, NodeStore]
    carrier: InProcessCarrier
    clock: FakeClock
    engine: Engine
    documents: Documents

    def announce(self, asks: Sequence[str] = ("trajectories@start",)) -> int:
        with self.store.begin() as connection:
            period = self.programme.periods[0].id
            order = Order(period, tuple(asks), 3600, DAY)
            return announce(connection, self.coordinator, order, self.clock()).round

    def ticks(self, count: int = 4) -> None:
        """Steps of the engine; then every centre that is awake asks how rounds ended."""
        for _ in range(count):
            self.engine.tick()
        with self.store.read() as connection:
            over = rounds.in_states(connection, ENDED)
        for node in self.carrier.online() if over else ():
            self.endings(node).step()

    def endings(self, node: int) -> Endings:
        """With what a centre asks how rounds ended."""
        around = Context(self.clock, tape(f"endings {node}"))
        return Endings(self.nodes[node], around, self.documents.ending, 1)

    def hear(self, node: int, *said: bytes | Kind) -> str:
        """A centre hears this end of a round: a kind, the round's id, and the rest. Returns why it
        does not take it, or nothing."""
        kind, *parts = said
        assert isinstance(kind, Kind)
        raw = Frame(kind, tuple(p for p in parts if isinstance(p, bytes))).to_bytes()
        try:
            self.endings(node).take(parts[0] if parts else b"", raw)  # type: ignore[arg-type]
        except (SumRefusal, MalformedFrame, MalformedDocument) as refusal:
            return refusal.code
        return ""

    def ask(self, what: str, number: int) -> None:
        asks = {"open": ask_open, "close": ask_close, "abandon": ask_abandon}
        with self.store.begin() as connection:
            asks[what](connection, number, self.clock())

    def status(self, number: int) -> dict:  # type: ignore[type-arg]
        with self.store.begin() as connection:
            return status(connection, number)

    def signed_release(self) -> Signed:
        """The newest release, as it is published."""
        with self.store.begin() as connection:
            raw = releases.document_of(connection, releases.published(connection)[0].id)
        assert raw is not None
        return Signed.from_canonical(raw)

    def release(self) -> Release:
        return self.signed_release().open(Release, self.coordinator.public_hex)

    def sealed(self, release: Release) -> Signed:
        """A release that a lying coordinator signs."""
        return Signed.seal(release, self.coordinator.private)

    def restart_coordinator(self) -> None:
        """What a killed and restarted coordinator is left with: its database."""
        self.store = CoordinatorStore.open(self.folder / "coordinator")
        self.engine = Engine(self.store, self.carrier, self.coordinator, self.clock)


def sample_records(node: int, count: int) -> list[Trajectory]:
    """A few clients of one centre, without wellbeing answers."""
    sectors, places = "RQCGKLP", ("BE211", "BE223", "BE234", "BE242", "BE251")
    return [
        Trajectory(
            client_ref=hashlib.sha256(f"c{node}/{k}".encode()).hexdigest(),
            trajectory_ref=hashlib.sha256(f"t{node}/{k}".encode()).hexdigest(),
            started_on=date(2024, 1 + k % 12, 1 + k % 28),
            ended_on=date(2024, 12, 31),
            status="completed",
            residence=places[(k + node) % 5],
            sector_before=sectors[(k * node) % 7],
            sector_12m=sectors[k % 7],
            labour_status_before="employed",
            labour_status_6m="employed" if k % 3 else "unemployed",
            labour_status_12m="employed" if k % 4 else None,
            consent=Consent(statistics=True),
        )
        for k in range(count)
    ]


def make_node(
    folder: Path, node: int, authority: Identity, people: Sequence[Trajectory]
) -> tuple[NodeStore, Identity, Signed]:
    """A joined node with its records."""
    random = tape(f"store {node}")
    identity, kem = Identity.new(random), KemKey.new(random)
    card = kem.card(identity, node)
    store = NodeStore.create(folder)
    with store.begin() as connection:
        for key, value in {
            "node": str(node).encode(), "identity": identity.seed, "kem": kem.seed,
            "card": card.canonical(), "authority": authority.public_hex.encode(),
        }.items():  # fmt: skip
            settings.put(connection, key, value)
        if people:
            records.keep(connection, people, 1)
    return store, identity, card


def spread_programme(*, spread: bool = True) -> Programme:
    """The default programme; tests ask several rounds about the same people."""
    made = programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 365 * DAY)
    )
    return made.model_copy(update={"spread": spread})


def make_region(
    folder: Path,
    people: Mapping[int, Sequence[Trajectory]],
    *,
    programme: Programme | None = None,
    random_bytes: Callable[[int], bytes] | None = None,
    witnesses: int = 0,
) -> Region:
    """Ten (or so) nodes that have joined and agreed to a programme; witnesses have ids from 101."""
    authority, coordinator = Identity.new(tape("authority")), Identity.new(tape("coordinator"))
    programme = programme or spread_programme()
    made = {
        node: make_node(folder / f"node-{node}", node, authority, rows)
        for node, rows in people.items()
    }
    aside = range(101, 101 + witnesses)
    made |= {node: make_node(folder / f"node-{node}", node, authority, ()) for node in aside}
    roster = Roster(
        epoch=1, previous=None, seed="33" * 32, coordinator=coordinator.public_hex,
        valid_from=UnixSeconds(NOW - DAY), valid_until=UnixSeconds(NOW + 365 * DAY),
        centres=tuple(
            Centre(
                id=node, name=f"Centre {node}", key=identity.public_hex,
                organisation=f"org {node}", recognised_number=str(node),
            )
            for node, (_, identity, _) in made.items()
            if node not in aside
        ),
        operator="region" if witnesses else None,
        witnesses=tuple(
            Witness(
                id=node, name=f"Witness {node}", key=made[node][1].public_hex,
                organisation=f"house {node}",
            )
            for node in aside
        ),
    )  # fmt: skip
    signed_roster = Signed.seal(roster, authority.private)
    signed_programme = Signed.seal(programme, authority.private)
    store = CoordinatorStore.create(folder / "coordinator")
    write_signing_key(store.folder / "coordinator.key", coordinator)
    with store.begin() as connection:
        centres.keep_paper(connection, "roster", 1, roster.digest(), signed_roster)
        centres.keep_paper(connection, "programme", 1, programme.digest(), signed_programme)
        for node, (_, identity, card) in made.items():
            centres.enrol(
                connection,
                centres.Enrolled(
                    node, f"Centre {node}", f"org {node}", str(node), identity.public_hex, b"",
                    card.canonical().decode(), "approved", NOW,
                    role="witness" if node in aside else "centre",
                ),
            )  # fmt: skip
    clock = FakeClock()
    documents = documents_from(store, clock)
    handlers = {}
    for node, (node_store, _, _) in made.items():
        with node_store.begin() as connection:
            signed_documents.keep(
                connection,
                signed_documents.SignedDocument("roster", 1, roster.digest(), signed_roster, None),
            )
            signed_documents.keep(
                connection,
                signed_documents.SignedDocument(
                    "programme", 1, programme.digest(), signed_programme, NOW
                ),
            )
        noise = random_bytes or tape(f"noise {node}")
        around = Context(clock, noise, fetch=documents.fetch)
        handlers[node] = Participant(node_store, around).answer
    carrier = InProcessCarrier(handlers)
    engine = Engine(store, carrier, coordinator, clock)
    return Region(
        folder, authority, coordinator, programme, roster, store,
        {node: s for node, (s, _, _) in made.items()}, carrier, clock, engine, documents,
    )  # fmt: skip
