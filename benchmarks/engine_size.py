"""The engine alone: what a round costs the coordinator as the region grows, without any network.

    python -m benchmarks.engine_size [--nodes 100,250,1000] [--witnesses 9] [--json FILE]

Real: engine, database on disk, every check of every answer, masks, sealed shares, signatures,
certificate, sum, noise and release. The carrier is in this process. Of the centres only so much
is left out that a thousand fit on one machine: they have no store of their own, they count
nobody, pairs hold made-up keys instead of encapsulated ones (so no link travels), and all
share one check of the round. Seconds of the processor inside the centres' code are counted
apart from the engine's. Each size is a process of its own, so that its peak of memory is its
own; that includes the keys of all centres.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.engine_centres import DAY, NOW, Centres, programme
from benchmarks.process_cost import peak_megabytes
from coordinator.carrier.seam import InProcessCarrier
from coordinator.certificates import write_signing_key
from coordinator.rounds.engine import Engine
from coordinator.rounds.opening import view_of
from coordinator.rounds.operator_actions import Order, announce, ask_close, ask_open, status
from coordinator.store import CoordinatorStore, centres, rounds
from coordinator.store.database import Connection
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Header
from schemas.enrolment import Role
from schemas.programme import Programme
from schemas.roster import Centre, Roster, Witness
from schemas.round import SignedHeader
from schemas.signed import Signed
from schemas.units import UnixSeconds

_NODES = (100, 250, 1000)


@dataclass(frozen=True)
class Phase:
    """Seconds of the processor."""

    engine: float
    centres: float


@dataclass
class Measured:
    """One size of region."""

    nodes: int
    witnesses: int
    entries: int = 0
    phases: dict[str, Phase] = field(default_factory=dict)
    megabytes: float = 0.0
    database_megabytes: float = 0.0

    @property
    def engine(self) -> float:
        """Seconds of the engine over the whole round."""
        return sum(phase.engine for phase in self.phases.values())


class Bench:
    """One region: engine, database, and the centres behind a carrier in this process."""

    def __init__(self, folder: Path, n: int, witnesses: int) -> None:
        self.measured = Measured(n, witnesses)
        self._centres = Centres(n, witnesses)
        self._coordinator = Identity.new(os.urandom)
        self._store = CoordinatorStore.create(folder)
        write_signing_key(folder / "coordinator.key", self._coordinator)
        self._install(self._roster())
        everybody = (*self._centres.ids, *self._centres.aside)
        carrier = InProcessCarrier({node: self._centres.handler(node) for node in everybody})
        self._engine = Engine(self._store, carrier, self._coordinator, lambda: NOW)
        self._centres.headers = self._headers
        self._number = 0

    def _roster(self) -> Roster:
        keys = {node: one.public_hex for node, one in self._centres.identities.items()}
        return Roster(
            epoch=1, previous=None, seed="33" * 32, coordinator=self._coordinator.public_hex,
            valid_from=UnixSeconds(NOW - DAY), valid_until=UnixSeconds(NOW + 365 * DAY),
            centres=tuple(
                Centre(id=node, name=f"Centrum {node}", key=keys[node],
                       organisation=f"Organisatie {node}", recognised_number=str(node))
                for node in self._centres.ids
            ),
            operator="regio",
            witnesses=tuple(
                Witness(id=node, name=f"Getuige {node}", key=keys[node],
                        organisation=f"Huis {node}")
                for node in self._centres.aside
            ),
        )  # fmt: skip

    def _install(self, roster: Roster) -> None:
        authority = Identity.new(os.urandom)
        with self._store.begin() as connection:
            signed_documents: list[tuple[centres.Kind, Roster | Programme]]
            signed_documents = [("roster", roster), ("programme", programme())]
            for kind, document in signed_documents:
                signed = Signed.seal(document, authority.private)
                centres.keep_paper(connection, kind, 1, document.digest(), signed)
            for node, card in self._centres.cards.items():
                role: Role = "witness" if node in self._centres.aside else "centre"
                centres.enrol(connection, centres.Enrolled(
                    node, f"Centrum {node}", f"Organisatie {node}", str(node),
                    self._centres.identities[node].public_hex, b"", card.canonical().decode(),
                    "approved", NOW, role=role,
                ))  # fmt: skip

    def round(self) -> None:
        """One whole round, to the release."""
        with self._phase("prekeys"):
            with self._store.begin() as connection:
                asks = tuple(ask.key for ask in programme().asks)
                order = Order("year-2024", asks, 3600, DAY)
                made = announce(connection, self._coordinator, order, NOW)
            self._number, self._centres.announced = made.round, made
            self.measured.entries = made.length
            self._until("prekeys", self.measured.nodes + self.measured.witnesses)
        with self._phase("open"):
            self._ask(ask_open)
            self._engine.tick()
            self._centres.see(self._view())
        self._warm()
        with self._phase("contribute"):
            self._until("contributions", self.measured.nodes)
        with self._phase("certify, unmask, sum"):
            self._ask(ask_close)
            self._until("state", "PUBLISHED")

    def _warm(self) -> None:
        """The tables of noise are made once a process, in the centres' and not in the engine's."""
        begun = time.process_time()
        self._centres.noisy(self._view())
        self._centres.seconds += time.process_time() - begun

    def _ask(self, what: Callable[[Connection, int, int], None]) -> None:
        with self._store.begin() as connection:
            what(connection, self._number, NOW)

    def _until(self, what: str, wanted: int | str) -> None:
        for _ in range(40):
            self._engine.tick()
            with self._store.read() as connection:
                facts = status(connection, self._number)
            if facts[what] == wanted:
                return
        raise SystemExit(f"the round did not come so far: {facts}")

    def _view(self) -> RoundView:
        with self._store.read() as connection:
            stored = rounds.of(connection, self._number)
            if stored is None:
                raise SystemExit("there is no round")
            return view_of(connection, stored)

    def _headers(self) -> list[Header]:
        with self._store.read() as connection:
            heard = rounds.answers(connection, self._number, "header")
        said = (SignedHeader.from_canonical(heard[node]) for node in sorted(heard))
        return [Header.from_schema(one) for one in said]

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self._centres.seconds, begun = 0.0, time.process_time()
        yield
        spent = time.process_time() - begun
        inside = self._centres.seconds
        self.measured.phases[name] = Phase(round(spent - inside, 2), round(inside, 2))

    def weigh(self, folder: Path) -> None:
        """Memory and disk at the end."""
        self.measured.megabytes = round(peak_megabytes(os.getpid()), 1)
        files = folder.glob("coordinator.db*")
        self.measured.database_megabytes = round(sum(f.stat().st_size for f in files) / 1e6, 1)


def measure(n: int, witnesses: int) -> Measured:
    """One round of n centres, in this process."""
    with tempfile.TemporaryDirectory(prefix="wegwijs-engine-") as root:
        folder = Path(root) / "coordinator"
        bench = Bench(folder, n, witnesses)
        bench.round()
        bench.weigh(folder)
        return bench.measured


def apart(n: int, witnesses: int) -> Measured:
    """The same, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.engine_size", "--alone", str(n),
             "--witnesses", str(witnesses)]  # fmt: skip
    done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
    found = json.loads(done.stdout)
    phases = {name: Phase(**one) for name, one in found.pop("phases").items()}
    return Measured(**found, phases=phases)


def report(one: Measured) -> None:
    """Print one size."""
    print(f"{one.nodes} centres, {one.witnesses} witnesses, {one.entries} entries")
    for name, phase in one.phases.items():
        print(f"  {name:22} engine {phase.engine:7.2f} s, centres {phase.centres:7.2f} s")
    print(f"  engine {one.engine:.1f} s of the processor; process {one.megabytes:.0f} MB, "
          f"database {one.database_megabytes:.0f} MB", flush=True)  # fmt: skip


def main() -> None:
    """Measure each size; print the exponent from one to the next."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--nodes", default=",".join(map(str, _NODES)))
    parser.add_argument("--witnesses", type=int, default=9)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(asdict(measure(given.alone, given.witnesses))))
        return
    sizes = [apart(n, given.witnesses) for n in map(int, given.nodes.split(","))]
    for one in sizes:
        report(one)
    for small, large in pairwise(sizes):
        growth = math.log(large.engine / small.engine) / math.log(large.nodes / small.nodes)
        print(f"engine, {small.nodes} to {large.nodes}: grows as n^{growth:.2f}")
    if given.json:
        rows = [asdict(one) | {"engine": one.engine} for one in sizes]
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
