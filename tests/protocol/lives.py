"""A region whose centres are backed up, restored, copied, added and removed; all in one process."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cast import tape
from public_port import FetchingCarrier
from region import DAY, NOW, Region, make_node, make_region, sample_records

from chassis.store import settings
from coordinator.store import centres
from node.admission import restored
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.rounds.public_documents import Documents
from node.store import NodeStore, backup, budget, signed_documents
from privacy.secure_sum.keys import Identity
from schemas.catalogue.default import programme_of_year
from schemas.message import Frame, Kind
from schemas.programme import Period, Programme
from schemas.roster import Centre, Roster
from schemas.round import KeyCard
from schemas.signed import Signed
from schemas.units import UnixSeconds

PASSPHRASE = "een heel lange wachtzin"
FIRST, SECOND, LATER = "trajectories@start", "durable_match@6m", "next-year"
NEXT_YEAR = NOW + 20 * DAY
"""When the second period of the programme may be asked."""


def two_years() -> Programme:
    """The default programme with two small tables, for 2024 and, from NEXT_YEAR on, for 2025."""
    made = programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 900 * DAY)
    )
    small = tuple(
        s.model_copy(update={"views": ((),)})
        for s in made.statistics
        if s.id in ("trajectories", "durable_match")
    )
    later = Period(
        id=LATER, cohorts=("2025Q1", "2025Q2", "2025Q3", "2025Q4"),
        not_before=UnixSeconds(NEXT_YEAR),
    )  # fmt: skip
    asks = tuple(ask for ask in made.asks if ask.key in (FIRST, SECOND))
    periods = (*made.periods, later)
    return Programme(
        **{
            **dict(made),
            "spread": True,
            "statistics": small,
            "asks": asks,
            "periods": periods,
            "questionnaires": (),
        }
    )


class Tapped(FetchingCarrier):
    """Keeps every request and answer, by centre."""

    def __init__(self, handlers: dict[int, object], documents: Documents) -> None:
        super().__init__(handlers, documents)  # type: ignore[arg-type]
        self.handlers = handlers
        self.heard: list[tuple[int, bytes, bytes]] = []

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        for node, answer in super().exchange(requests, seconds=seconds):
            self.heard.append((node, self.filled(requests[node]), answer))
            yield node, answer


@dataclass
class Lives:
    """The region, and what happens to its centres."""

    region: Region
    rosters: list[Roster] = field(default_factory=list)

    @property
    def carrier(self) -> Tapped:
        assert isinstance(self.region.carrier, Tapped)
        return self.region.carrier

    def install(self, node: int, store: NodeStore) -> None:
        """From now on this store answers for the centre."""
        self.region.nodes[node] = store
        noise = tape(f"{store.folder}")
        around = Context(self.region.clock, noise, fetch=self.region.documents.fetch)
        self.carrier.handlers[node] = Participant(store, around).answer

    def backup(self, node: int, name: str) -> Path:
        """A backup of the centre as it is now."""
        target = self.region.folder / f"{name}.backup"
        backup.write(self.region.nodes[node].folder, target, PASSPHRASE, self.region.clock())
        return target

    def restored(self, source: Path, name: str) -> NodeStore:
        """A new store made of a backup, as the command makes it."""
        folder = self.region.folder / name
        backup.restore(source, folder, PASSPHRASE, self.region.clock())
        store = NodeStore.open(folder)
        with store.begin() as connection:
            restored.mark(connection, self.region.clock())
        return store

    def snapshot(self, node: int, name: str) -> NodeStore:
        """A copy of the disk, as a virtual machine's snapshot is."""
        target = self.region.folder / name
        shutil.copytree(self.region.nodes[node].folder, target)
        return NodeStore.open(target)

    def ask(self, node: int, kind: Kind, *parts: bytes) -> Frame:
        """One request to one centre."""
        return Frame.from_bytes(self.carrier.handlers[node](Frame(kind, parts).to_bytes()))  # type: ignore[operator]

    def announced(self, asks: Sequence[str] = (FIRST,), period: int = 0) -> int:
        """A round that everybody was asked to join."""
        periods = self.region.programme.periods
        self.region.programme = Programme(
            **{**dict(self.region.programme), "periods": (periods[period],)}
        )
        number = self.region.announce(asks)
        self.region.programme = Programme(**{**dict(self.region.programme), "periods": periods})
        self.region.ticks(3)
        return number

    def opened(self, asks: Sequence[str] = (FIRST,), period: int = 0) -> int:
        """A round to which everybody who could has contributed."""
        number = self.announced(asks, period)
        self.region.ask("open", number)
        self.region.ticks(2)
        return number

    def published(self, asks: Sequence[str] = (FIRST,), period: int = 0) -> int:
        """A whole round."""
        number = self.opened(asks, period)
        self.region.ask("close", number)
        self.region.ticks(6)
        assert self.region.status(number)["state"] == "PUBLISHED", self.region.status(number)
        return number

    def charges(self, node: int) -> dict[tuple[str, str], str]:
        """(statistic, cohort) -> round id."""
        with self.region.nodes[node].begin() as connection:
            held = budget.ledger(connection, self.region.programme.budget).charges
        return {(key.statistic, key.cohort): charge.round_id for key, charge in held.items()}

    def card(self, node: int) -> KeyCard:
        """The centre's own key card."""
        with self.region.nodes[node].begin() as connection:
            return Signed.from_canonical(settings.get(connection, "card") or b"").peek(KeyCard)

    def sign(self, *, without: Iterable[int] = (), joining: Iterable[int] = ()) -> Signed:
        """The authority signs the next roster: some centres leave, others join."""
        before = self.rosters[-1]
        new = [self._join(node) for node in joining]
        kept = [centre for centre in before.centres if centre.id not in set(without)]
        roster = Roster(
            **{
                **dict(before), "epoch": before.epoch + 1, "previous": before.digest(),
                "seed": f"{before.epoch + 1:02d}" * 32, "centres": (*kept, *new),
            }
        )  # fmt: skip
        self.rosters.append(roster)
        signed = Signed.seal(roster, self.region.authority.private)
        with self.region.store.begin() as connection:
            centres.keep_paper(connection, "roster", roster.epoch, roster.digest(), signed)
        return signed

    def _join(self, node: int) -> Centre:
        region = self.region
        store, identity, card = make_node(
            region.folder / f"node-{node}", node, region.authority, sample_records(node, 3)
        )
        signed = Signed.seal(region.programme, region.authority.private)
        with store.begin() as connection:
            document = signed_documents.SignedDocument(
                "programme", 1, region.programme.digest(), signed, NOW
            )
            signed_documents.keep(connection, document)
        with region.store.begin() as connection:
            centres.enrol(
                connection,
                centres.Enrolled(
                    node, f"Centre {node}", f"org {node}", str(node), identity.public_hex, b"",
                    card.canonical().decode(), "approved", NOW,
                ),
            )  # fmt: skip
        self.install(node, store)
        return Centre(
            id=node, name=f"Centre {node}", key=identity.public_hex, organisation=f"org {node}",
            recognised_number=str(node),
        )  # fmt: skip


def identity_of(store: NodeStore) -> Identity:
    """A centre's own key."""
    with store.begin() as connection:
        return Identity(settings.get(connection, "identity") or b"")


def make_lives(folder: Path, nodes: int = 7, witnesses: int = 0) -> Lives:
    """A region of a few centres with a few clients each, before witnesses with ids from 101."""
    people = {n: sample_records(n, 4) for n in range(1, nodes + 1)}
    region = make_region(folder, people, programme=two_years(), witnesses=witnesses)
    region.carrier = Tapped({}, region.documents)
    lives = Lives(region, [region.roster])
    for node, store in list(region.nodes.items()):
        lives.install(node, store)
    region.engine = type(region.engine)(
        region.store, region.carrier, region.coordinator, region.clock
    )
    return lives
