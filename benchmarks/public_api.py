"""How fast the public pages and the API answer while a round runs.

The coordinator's own web process holds forty releases, and another process runs rounds. A hundred
questions a second come from sixty addresses: figures of one cell of any release, pages, some
files, and one wrong address in twenty. A question's time counts from the moment it was due, so a
server that falls behind is seen. Other questions of the same kind are asked before, uncounted, as
readers do.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from coordinator.certificates import write_signing_key
from coordinator.home import Address, Founding, found
from coordinator.store import CoordinatorStore
from coordinator.web.launch import MODULE

ROOT = Path(__file__).parents[1]
RELEASES, RATE, ADDRESSES, WORKERS = 40, 100, 60, 24
GOALS = {"cell": 50.0, "page": 300.0}
_SECTORS = "ABCDEFGHIJKLMNOPQRSTU"
_PROVINCES = ("BE10", "BE21", "BE22", "BE23", "BE24", "BE25")
_PAGES = ("/", "/werk", "/werkgeluk", "/waar", "/sectoren", "/stromen", "/methode", "/download")


def make_store(folder: Path) -> list[str]:
    """Forty releases with the figures of one round of six thousand invented clients."""
    sys.path.insert(0, str(ROOT / "tests" / "protocol"))
    from demo_release import COORDINATOR, publish, the_release

    from coordinator.store.tables import round_

    one, names = the_release(), []
    founding = Founding("Vlaanderen", "ab" * 32, Address("127.0.0.1", _free_port()))
    found(folder, founding, os.urandom, int(time.time()))
    (folder / "coordinator.key").unlink()
    write_signing_key(folder / "coordinator.key", COORDINATOR)
    with CoordinatorStore.open(folder).begin() as connection:
        for number in range(1, RELEASES + 1):
            row = {"number": number, "state": "PUBLISHED", "period": "p", "announcement": "",
                   "updated_at": 0}  # fmt: skip
            connection.execute(round_.insert().values(**row))
            names.append(f"year-2024-r{number}")
            changes = {"id": names[-1], "round": number, "published_at": one.published_at + number}
            publish(connection, one.model_copy(update=changes))
    return names


@dataclass(frozen=True)
class Question:
    """One request: when it is due, what it is, and from which address it comes."""

    due: float
    kind: str
    path: str
    address: str


def questions(names: Sequence[str], count: int, seed: int) -> list[Question]:
    """Half of all that name a release name the newest; the rest any of forty."""
    chance = Random(seed)  # noqa: S311 - the same questions each time
    made = []
    for k in range(count):
        release = names[-1] if chance.random() < 0.5 else chance.choice(names)
        kind = "file" if k % 100 == 50 else ("wrong", *["page"] * 5, *["cell"] * 14)[k % 20]
        path = {
            "wrong": "/api/v1/statistics/nothing",
            "page": chance.choice(_PAGES) + chance.choice(("", "?lang=en", f"?release={release}")),
            "file": f"/api/v1/releases/{release}/figures.csv",
            "cell": f"/api/v1/statistics/trajectories?release={release}"
            f"&nuts2={chance.choice(_PROVINCES)}&sector_before={chance.choice(_SECTORS)}",
        }[kind]
        made.append(Question(k / RATE, kind, path, f"127.0.1.{1 + chance.randrange(ADDRESSES)}"))
    return made


def ask(port: int, began: float, one: Question) -> tuple[str, float, int]:
    """(kind, milliseconds since it was due, status)."""
    time.sleep(max(0.0, began + one.due - time.monotonic()))
    line = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=30, source_address=(one.address, 0)
    )
    line.request("GET", one.path, headers={"Accept-Encoding": "br, gzip"})
    reply = line.getresponse()
    reply.read()
    line.close()
    return one.kind, 1e3 * (time.monotonic() - began - one.due), reply.status


def measure(port: int, names: Sequence[str], seconds: int, seed: int = 1) -> Mapping[str, float]:
    """Ask, and return the 50th and 99th of a hundred by kind, in milliseconds."""
    asked = questions(names, RATE * seconds, seed)
    began = time.monotonic() + 0.2
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda one: ask(port, began, one), asked))
    took = time.monotonic() - began
    times: dict[str, list[float]] = defaultdict(list)
    for kind, milliseconds, status in answers:
        expected = 404 if kind == "wrong" else 200
        if status != expected:
            raise SystemExit(f"{kind}: {status}")
        times[kind].append(milliseconds)
    found = {"questions_a_second": len(asked) / took}
    for kind, those in sorted(times.items()):
        those.sort()
        found[f"{kind}_p50"] = those[len(those) // 2]
        found[f"{kind}_p99"] = those[min(len(those) - 1, len(those) * 99 // 100)]
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _started(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own modules, no shell
        [sys.executable, "-m", *words], cwd=ROOT, stdout=subprocess.DEVNULL
    )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public_api")
    parser.add_argument("--quick", action="store_true", help="ten seconds, not a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wegwijs-api-") as root:
        folder, port = Path(root) / "coordinator", _free_port()
        names = make_store(folder)
        socket_of_none = str(folder / "flower" / "link.sock")  # nobody asks for Flower here
        server = _started(MODULE, str(folder), socket_of_none, str(port))
        rounds = _started("benchmarks.public_api_rounds")
        try:
            _wait(port)
            time.sleep(RELEASES / 4)  # it reads its releases once
            measure(port, names, 10 if asked.quick else 60)  # what readers asked before
            cpu, seconds = _cpu(server.pid), 10 if asked.quick else 60
            found = dict(measure(port, names, seconds, seed=2))
            found["server_cpu_share"] = (_cpu(server.pid) - cpu) / seconds
        finally:
            for process in (server, rounds):
                process.kill()
                process.wait()
    for name, value in found.items():
        print(f"{name}: {value:.2f}")
    for kind, goal in GOALS.items():
        print(f"{kind}: p99 {found[f'{kind}_p99']:.0f} ms, goal {goal:.0f} ms")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
