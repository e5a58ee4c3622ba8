"""How long does a round take, and what does it cost, as a region grows?

    python -m benchmarks.region_size [--nodes 10,30,100] [--witnesses 9] [--json FILE] [--plan full]

A real coordinator (`wegwijs-coordinator serve`: SuperLink, TLS, public port, database), real node
stores and fleet clients. The nodes are threads of a few processes and share the machine's cores
with the coordinator, so a phase takes longer here than with nodes on machines of their own; the
seconds of the processor are told apart. Each phase is timed from the operator's command to the
moment at which the coordinator's database holds everybody's answer; `told` from the release to the
moment at which every centre has fetched that it is in the sum. The first announcement makes
every link and is cancelled; the round after it finds them. Beside it, in the same run, a plain
Flower echo of 20 bytes to as many nodes that ask as often: `flower_ratio` is the wall time of
contributing over that of the echo.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.node_process import NodeProcess
from benchmarks.process_cost import Spent, parts, peak_megabytes
from coordinator.rounds.operator_actions import status
from coordinator.store import CoordinatorStore
from deploy.demo.commands import command
from deploy.demo.region import Region, Stopwatch

_PER_PROCESS = 64
_SAMPLE = Path(__file__).parents[1] / "deploy" / "sample"
_IDLE_SECONDS = 20.0
_MOST_SECONDS = 1_800.0


@dataclass(frozen=True)
class Phase:
    """One phase of a round. `wall` in seconds; the others in seconds of the processor."""

    wall: float
    coordinator: float
    superlink: float
    nodes: float
    received: int
    sent: int


@dataclass
class Measured:
    """One size of region."""

    nodes: int
    witnesses: int
    poll: float
    entries: int
    phases: dict[str, Phase] = field(default_factory=dict)
    coordinator_megabytes: float = 0.0
    rounds_megabytes: float = 0.0
    superlink_megabytes: float = 0.0
    database_megabytes: float = 0.0
    idle_core: float = 0.0
    round_seconds: float = 0.0
    flower_echo: float = 0.0
    flower_ratio: float = 0.0


class Bench:
    """A region of n centres, with witnesses or without, and what its rounds cost."""

    def __init__(self, root: Path, n: int, plan: str, witnesses: int = 0) -> None:
        self._root, self._n, self._plan, self._witnesses = root, n, plan, witnesses
        self.region = Region(root, [], Stopwatch(_quiet))
        self._processes = [NodeProcess() for _ in range(max(2, math.ceil(n / _PER_PROCESS)))]
        # With a poll of one second, ten nodes ask ten times a second; larger regions as often.
        self.measured = Measured(n, witnesses, poll=max(0.8, n / 25), entries=0)

    def all(self, do: str, each: Callable[[int], dict[str, object]] = lambda _: {}) -> list[Any]:
        """Give every process an order; returns what they said."""
        for place, process in enumerate(self._processes):
            process.order(do, **each(place))
        return [process.done() for process in self._processes]

    def found(self) -> None:
        """A coordinator, n centres with clients that joined, a programme they agreed to."""
        template = self._root / "template"
        command("wegwijs-node", "init", "--dir", str(template))
        command("wegwijs-node", "import", str(_SAMPLE / "klanten-200.csv"), "--mapping",
                str(_SAMPLE / "klanten-200.mapping.json"), "--dir", str(template))  # fmt: skip
        self.region.found()
        guests = [(f"Centrum {k}", f"Organisatie {k}", f"N-{k:04d}") for k in range(1, self._n + 1)]
        files = self.region.invite(guests)
        count = len(self._processes)
        self.all("join", lambda place: {
            "template": str(template), "root": str(self._root / "centres"),
            "invitations": [str(file) for file in files[place::count]],
        })  # fmt: skip
        self._join_witnesses()
        draft = self._root / "programme.json"
        command("wegwijs-coordinator", "programme", "draft", "--out", str(draft), "--period",
                "2024", "--plan", self._plan)  # fmt: skip
        self.region.sign(draft)
        self.all("approve")
        self.all("run", lambda _: {"poll": self.measured.poll})
        self._store = CoordinatorStore.open(self.region.coordinator)

    def _join_witnesses(self) -> None:
        empty = self._root / "witness"
        command("wegwijs-node", "init", "--dir", str(empty))
        files, count = self.region.invite_witnesses(self._witnesses), len(self._processes)
        self.all("join", lambda place: {
            "template": str(empty), "root": str(self._root / "centres"),
            "invitations": [str(file) for file in files[place::count]],
        })  # fmt: skip

    def links(self) -> None:
        """Announce for the first time, so that every pair makes its link; then cancel."""
        with self._phase("prekeys, first time"):
            number = self._announce()
            self._until(number, "prekeys")
        self.region.coordinate("round", "abandon", str(number))
        self._until(number, "state", "ABANDONED")

    def round(self) -> None:
        """One whole round."""
        begun = time.monotonic()
        with self._phase("prekeys"):
            number = self._announce()
            self._until(number, "prekeys")
        with self._phase("contribute"):
            self.region.coordinate("round", "open", str(number))
            self._until(number, "contributions")
        with self._phase("certify and unmask"):
            self.region.coordinate("round", "close", str(number))
            self._until(number, "state", "PUBLISHED")
        with self._phase("told"):
            self._until_heard()
        self.measured.round_seconds = round(time.monotonic() - begun, 1)

    def _announce(self) -> int:
        said = self.region.coordinate("round", "announce", "--prekeys", "3600")
        return int(said["round"])

    def _until_heard(self) -> None:
        """Until every centre knows that it is in the sum."""
        deadline = time.monotonic() + _MOST_SECONDS
        while sum(self.all("unended")):
            if time.monotonic() > deadline:
                raise SystemExit("some centres did not hear how the round ended")
            time.sleep(0.5)

    def _until(self, number: int, what: str, wanted: str | None = None) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < deadline:
            with self._store.read() as connection:
                facts = status(connection, number)
            if facts[what] == (wanted or self._n + self._witnesses * (what == "prekeys")):
                return
            time.sleep(0.2)
        raise SystemExit(f"round {number} did not come so far: {facts}")

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self.all("traffic")
        before, begun = self._spent(), time.monotonic()
        yield
        wall, spent = time.monotonic() - begun, self._spent().since(before)
        said = self.all("traffic")
        moved = {way: sum(sum(one[way].values()) for one in said) for way in ("received", "sent")}
        phase = Phase(round(wall, 2), **_rounded(spent), **moved)
        self.measured.phases[name] = phase
        print(f"  {name:20} {phase.wall:7.1f} s wall; CPU coordinator {phase.coordinator:.1f}, "
              f"SuperLink {phase.superlink:.1f}, nodes {phase.nodes:.1f}; "
              f"{(moved['received'] + moved['sent']) / 1e6:.2f} MB")  # fmt: skip

    def _spent(self) -> Spent:
        return Spent.now(self.region.service.pid, [process.pid for process in self._processes])

    def idle(self) -> None:
        """The share of a core that a region takes while nothing is asked."""
        before = self._spent()
        time.sleep(_IDLE_SECONDS)
        spent = self._spent().since(before)
        self.measured.idle_core = round((spent.coordinator + spent.superlink) / _IDLE_SECONDS, 3)

    def weigh(self) -> None:
        """Memory and disk at the end."""
        own, carriers = parts(self.region.service.pid)
        self.measured.coordinator_megabytes = round(sum(map(peak_megabytes, own)), 1)
        self.measured.rounds_megabytes = round(peak_megabytes(self.region.service.pid), 1)
        self.measured.superlink_megabytes = round(sum(map(peak_megabytes, carriers)), 1)
        files = self.region.coordinator.glob("coordinator.db*")
        self.measured.database_megabytes = round(sum(f.stat().st_size for f in files) / 1e6, 1)

    def close(self) -> None:
        """End everything that was started."""
        for process in self._processes:
            process.end()
        self.region.stop()


def _echo(n: int, poll: float) -> float:
    """In a process of its own: Flower's client ends its process on some failures."""
    words = [sys.executable, "-m", "benchmarks.flower_echo", str(n), str(poll)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
    return float(json.loads(done.stdout.splitlines()[-1])["wall"])


def _rounded(spent: Spent) -> dict[str, float]:
    return {part: round(seconds, 2) for part, seconds in asdict(spent).items()}


def _quiet(_: str) -> None:
    """The benchmark prints for itself."""


def measure(n: int, plan: str, witnesses: int) -> Measured:
    """Links and a round of a region of n centres, and Flower's echo to as many."""
    print(f"{n} centres, {witnesses} witnesses, programme {plan}")
    with tempfile.TemporaryDirectory(prefix="wegwijs-size-") as root:
        bench = Bench(Path(root), n, plan, witnesses)
        try:
            bench.found()
            bench.links()
            bench.round()
            bench.idle()
            bench.weigh()
        finally:
            bench.close()
    found = bench.measured
    found.flower_echo = _echo(n, found.poll)
    found.flower_ratio = round(found.phases["contribute"].wall / found.flower_echo, 2)
    print(f"  round {found.round_seconds:.1f} s; a plain Flower echo {found.flower_echo:.1f} s, "
          f"so contributing takes {found.flower_ratio:.2f} of it")  # fmt: skip
    print(f"  coordinator {found.coordinator_megabytes:.0f} MB, of which the rounds' process "
          f"{found.rounds_megabytes:.0f}; SuperLink "
          f"{found.superlink_megabytes:.0f} MB, database {found.database_megabytes:.1f} MB, "
          f"idle {found.idle_core:.2f} of a core")  # fmt: skip
    return found


def exponents(found: Sequence[Measured]) -> dict[str, float]:
    """How the wall time of each phase grows between the smallest and the largest region."""
    small, large = found[0], found[-1]
    if small.nodes == large.nodes:
        return {}
    growth = math.log(large.nodes / small.nodes)
    return {
        name: round(math.log(large.phases[name].wall / phase.wall) / growth, 2)
        for name, phase in small.phases.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", default="10,30,100", help="sizes, apart by commas")
    parser.add_argument("--plan", default="starter", help="starter or full")
    parser.add_argument("--witnesses", type=int, default=0, help="7 to 25; 0: the centres certify")
    parser.add_argument("--quick", action="store_true", help="10 centres only")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    sizes = (10,) if words.quick else tuple(map(int, words.nodes.split(",")))
    found = [measure(n, words.plan, words.witnesses) for n in sizes]
    grown = exponents(found)
    for name, exponent in grown.items():
        print(f"{name}: grows as n^{exponent:.2f}")
    if words.json:
        facts = {"sizes": [asdict(one) for one in found], "exponents": grown}
        words.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
