"""How fast is the secure sum, and how much faster than Flower's SecAgg+ on the same round?

    python -m benchmarks.secure_sum [--quick] [--json FILE] [--svg FILE]

n nodes, L entries of 32 bits; 30% of the nodes drop out after their prekey. A node's time is the
whole of P1, the server's the whole of P4: checking the certificate, opening every secret,
removing every mask. Times are of the processor, on one core: others on the machine disturb
them little. `server_peak_vectors` is what summing takes beyond the contributions and shares
that it is given, in vectors of L entries; three are the sum, its mask and the signed result.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import links, secagg_plus
from benchmarks.bars import Bar, write_bars
from benchmarks.memory import peak_bytes
from benchmarks.region import Arrived, answer, make_region
from privacy.secure_sum.contribute import NoisyVector
from schemas.roster import Roster
from schemas.round import Parameters

DROPPED = 3
"""Tenths of the nodes that send a prekey and no contribution."""

TABLE = {
    (10, 1_000_000): (0.03, 0.05, 4.0),
    (100, 1_000_000): (0.25, 3.0, 4.3),
    (300, 1_000_000): (0.7, 18.0, 5.4),
    (1000, 100_000): (1.0, 31.0, 5.2),
    (100, 100_000): (0.09, 0.35, 0.72),
}
"""(n, L) -> seconds of a node, seconds of the server, megabytes sent, that the design asks for."""

COMPARED = (100, 100_000)
"""The row that Flower's SecAgg+ is compared on."""


def limits_of(roster: Roster) -> Parameters:
    """The committee of the roster, and a floor so low that the round does not abort."""
    n = len(roster.ids)
    size, f = (n, (n - 1) // 3) if n <= 100 else (100, 40)
    left = n - DROPPED * n // 10
    return Parameters(
        committee=size, corrupt=f, threshold=f + 1, quorum=(size + f) // 2 + 1, floor=left,
        honest=left,
    )  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One row."""

    nodes: int
    length: int
    limits: Parameters
    node_seconds: float
    server_seconds: float
    upload_megabytes: float
    shares_megabytes: float
    """All shares that the members answered."""
    server_peak_megabytes: float
    """Taken by the sum itself, beyond the contributions and shares it is given."""

    @property
    def server_peak_vectors(self) -> float:
        """The same, in vectors of 32 bits an entry."""
        return self.server_peak_megabytes * 1e6 / (4 * self.length)

    @property
    def allowed_vectors(self) -> float:
        """Three vectors, and the shares."""
        return 3 + self.shares_megabytes * 1e6 / (4 * self.length)

    @property
    def facts(self) -> dict[str, float]:
        """What stands in the JSON."""
        node, server, upload = TABLE[self.nodes, self.length]
        row = {name: value for name, value in asdict(self).items() if name != "limits"}
        return row | {
            "server_peak_vectors": self.server_peak_vectors,
            "allowed_vectors": self.allowed_vectors,
            "node_table_ratio": self.node_seconds / node,
            "server_table_ratio": self.server_seconds / server,
            "upload_table_ratio": self.upload_megabytes / upload,
        }


def timed(action: Callable[[], object]) -> float:
    """Processor time of one run."""
    start = time.process_time()
    action()
    return time.process_time() - start


def measure(n: int, length: int, times: int) -> Measured:
    """Play a round; the sum must be exact or nothing is reported."""
    region = make_region(n, length, limits_of)
    survivors = region.view.active[: n - DROPPED * n // 10]
    random = np.random.default_rng(1)
    plain = np.zeros(length, np.int64)
    arrived: dict[int, Arrived] = {}
    seconds, upload = [], 0
    for node in survivors:
        vector, links = random.integers(-1000, 1000, length), region.links(node)
        plain += vector
        start = time.process_time()
        made = region.contribute(node, links, NoisyVector(vector))
        seconds.append(time.process_time() - start)
        upload = len(made.message)
        arrived[node] = region.take(node, made)
    ready = answer(region, arrived)
    if not np.array_equal(ready.sum().total, plain):
        raise SystemExit("the sum is not exact")
    return Measured(
        n,
        length,
        region.view.parameters,
        statistics.median(seconds),
        statistics.median(timed(ready.sum) for _ in range(times)),
        upload / 1e6,
        sum(len(response.to_bytes()) for response in ready.responses) / 1e6,
        peak_bytes(ready.sum) / 1e6,
    )


def show(row: Measured) -> None:
    """One line of the table."""
    node, server, upload = TABLE[row.nodes, row.length]
    print(
        f"{row.nodes} x {row.length:,}: node {row.node_seconds:.3f} s (table {node} s), "
        f"server {row.server_seconds:.3f} s (table {server} s), "
        f"upload {row.upload_megabytes:.2f} MB (table {upload} MB), summing takes "
        f"{row.server_peak_vectors:.1f} vectors (3 and the shares: {row.allowed_vectors:.1f})",
        flush=True,
    )


@dataclass(frozen=True)
class Flower:
    """Seconds of SecAgg+ on the same round."""

    node: float
    node_low_threshold: float
    server: float


def compare(ours: Measured, times: int) -> Flower:
    """Time Flower's steps and print them with their counts.

    Flower's server picks the survivors and nobody certifies them. Only a threshold as high as
    our quorum keeps it from opening two sets, so that is the like-for-like threshold; the time
    for a threshold as low as ours is given as well.
    """
    with_, limits = secagg_plus.Primitives(ours.length, times), ours.limits
    survivors = ours.nodes - DROPPED * ours.nodes // 10
    node = secagg_plus.node_steps(with_, ours.nodes, limits.quorum)
    low = secagg_plus.node_steps(with_, ours.nodes, limits.threshold)
    server = secagg_plus.server_steps(with_, ours.nodes, survivors)
    names = (f"node t={limits.quorum}", f"node t={limits.threshold}", "server")
    for who, steps in zip(names, (node, low, server), strict=True):
        for step in steps:
            each = f"{step.seconds * 1e3:10.3f} ms x {step.count:5}"
            print(f"  SecAgg+ {who:10}  {step.name:13} {each} = {step.total:8.2f} s")
    return Flower(*(secagg_plus.seconds(steps) for steps in (node, low, server)))


def draw(path: Path, ours: Measured, flower: Flower) -> None:
    """The picture for README: how many times faster than Flower's SecAgg+."""
    seconds = {
        "a centre": (ours.node_seconds, flower.node),
        "a centre, low threshold": (ours.node_seconds, flower.node_low_threshold),
        "the server": (ours.server_seconds, flower.server),
    }
    write_bars(
        path,
        f"Times faster than Flower's SecAgg+: {ours.nodes} centres x {ours.length:,} numbers",
        [
            Bar(who, theirs / mine, note=f"({mine:.2f} s, not {theirs:.3g} s)")
            for who, (mine, theirs) in seconds.items()
        ],
    )


def main() -> None:
    """Measure, print, and write the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.secure_sum")
    parser.add_argument("--quick", action="store_true", help="the 100 x 100,000 row only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the ratios here")
    parser.add_argument("--svg", type=Path, default=Path("docs/secure_sum.svg"))
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    rows = []
    for n, length in [COMPARED] if asked.quick else TABLE:
        rows.append(measure(n, length, 1 if asked.quick or n > 100 else 5))
        show(rows[-1])
    linked = links.measure(250)
    print(linked)
    ours = rows[-1]
    flower = compare(ours, 1 if asked.quick else 3)
    ratios = {
        "flower_node_ratio": flower.node / ours.node_seconds,
        "flower_node_ratio_low_threshold": flower.node_low_threshold / ours.node_seconds,
        "flower_server_ratio": flower.server / ours.server_seconds,
        "node_table_ratio": ours.facts["node_table_ratio"],
        "server_table_ratio": ours.facts["server_table_ratio"],
        "server_peak_vectors": ours.server_peak_vectors,
        "kem_to_x25519_ratio": linked.ratchet / linked.x25519,
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}")
    if asked.json:
        content = {**ratios, "links": asdict(linked), "rows": [row.facts for row in rows]}
        asked.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draw(asked.svg, ours, flower)


if __name__ == "__main__":
    main()
