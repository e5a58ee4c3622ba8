"""Can somebody who knows everybody else tell who was counted? Real shares, masks and dropouts.

    python -m benchmarks.audit [--quick] [--json FILE]

One round over 100,000 entries is 100,000 trials; colluders leave exactly h honest shares. The
bound that is proven must not exceed the claim; planted bugs must be found.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.secure_sum import DROPPED, answer, make_region
from privacy.audit.experiment import Setting, Trials, run
from privacy.audit.residual import Residual, correlation, examine
from privacy.noise.polya import Polya
from privacy.noise.sampler import RandomBytes
from privacy.noise.skellam import Skellam

NODES, HONEST = 10, 5
SIGMA = 2**10
EPSILON = Fraction(1)
Vector = NDArray[np.int64]
Share = Callable[[int, int], Vector]
"""(node, length) -> noise share."""


@dataclass(frozen=True)
class Row:
    """One audit: what is claimed, what the attack proves, and what the noise looks like."""

    name: str
    claim: float
    proven: float
    variance: float
    mean: float
    neighbours: float
    nodes_alike: float
    found: bool


def securely(length: int) -> Callable[[Sequence[Vector]], Vector]:
    """A real round: everybody sends a prekey, three of ten drop out, the others are summed."""
    region = make_region(NODES, length)
    survivors = sorted(region.identities)[: NODES - DROPPED * NODES // 10]

    def sum_up(vectors: Sequence[Vector]) -> Vector:
        sent = {
            node: region.contribute(node, vector)
            for node, vector in zip(survivors, vectors, strict=True)
        }
        return answer(region, survivors, sent, np.zeros(length, dtype=np.int64)).sum()

    return sum_up


def skellam(random_bytes: RandomBytes, honest: int = HONEST, mu: int = SIGMA**2) -> Share:
    """Shares of a Skellam variable."""
    noise = Skellam(mu, honest)
    return lambda _, length: noise.share(length, random_bytes)


def polya(random_bytes: RandomBytes, honest: int = HONEST, epsilon: Fraction = EPSILON) -> Share:
    """Shares of a discrete Laplace variable."""
    noise = Polya(epsilon, Fraction(1), honest)
    return lambda _, length: noise.share(length, random_bytes)


def reused(share: Share) -> Share:
    """A bug: every node starts from the same seed."""
    kept: dict[int, Vector] = {}

    def same(_: int, length: int) -> Vector:
        return kept.setdefault(length, share(0, length))

    return same


def off_centre(share: Share, by: int) -> Share:
    """A bug: one half of a share is taken a little too large."""
    return lambda node, length: share(node, length) + by


@dataclass(frozen=True)
class Case:
    """One noise, honest or with a planted bug."""

    name: str
    share: Share
    shift: int
    threshold: float
    variance: float
    claim: float
    pure: bool = False
    planted: bool = False


def cases(random_bytes: RandomBytes = os.urandom) -> Iterator[Case]:
    """Honest noise first, then the bugs that have to be found."""
    source = random_bytes
    survivors = NODES - DROPPED * NODES // 10
    mu, half = SIGMA**2, SIGMA / 2

    def gaussian(name: str, share: Share, *, planted: bool = True) -> Case:
        return Case(name, share, SIGMA, half, mu, 1.0, planted=planted)

    laplace = float(Polya(EPSILON, Fraction(1), HONEST).variance_of_sum(HONEST))
    yield gaussian("skellam", skellam(source), planted=False)
    yield Case("polya", polya(source), 1, 1, laplace, float(EPSILON), pure=True)
    yield gaussian("share 1/|U| for 1/h", skellam(source, honest=survivors))
    yield gaussian("scale 10% short", skellam(source, mu=round(mu * 0.81)))
    yield gaussian("variance 5% short", skellam(source, mu=round(mu * 0.95)))
    yield gaussian("reused seed", reused(skellam(source)))
    yield gaussian("wrong centring", off_centre(skellam(source), SIGMA // 50))
    short = EPSILON * Fraction(10, 9)
    for name, share in (
        ("polya, 1/|U| for 1/h", polya(source, honest=survivors)),
        ("polya, scale 10% short", polya(source, epsilon=short)),
    ):
        yield Case(name, share, 1, 1, laplace, float(EPSILON), pure=True, planted=True)


def audit(case: Case, length: int, random_bytes: RandomBytes = os.urandom) -> Row:
    """Run one round and judge it."""
    survivors = NODES - DROPPED * NODES // 10
    shares = [case.share(node, length) for node in range(survivors)]
    setting = Setting(survivors, HONEST, length, case.shift)
    trials = run(setting, shares.__getitem__, securely(length), random_bytes)
    found = trials.guesses(case.threshold)
    proven = found.epsilon_proven if case.pure else found.mu_proven
    noise = examine(trials.residual, case.variance) if not case.pure else _scored(trials, case)
    alike = correlation(shares[0], shares[1])
    suspicious = proven > case.claim or not noise.sound or abs(alike) > 4
    return Row(case.name, case.claim, proven, noise.variance, noise.mean, noise.neighbours, alike,
               suspicious)  # fmt: skip


def _scored(trials: Trials, case: Case) -> Residual:
    """Discrete Laplace noise has heavier tails: its fourth moment comes from simulation."""
    values = trials.residual.astype(np.float64)
    spread = float(np.std(values**2)) / np.sqrt(len(values))
    gaussian = examine(trials.residual, case.variance)
    variance = (float((values**2).mean()) - case.variance) / spread
    return Residual(variance, gaussian.mean, gaussian.neighbours)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40,000 trials a case")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    length = 40_000 if chosen.quick else 100_000
    started, rows = time.perf_counter(), []
    print(f"{length} trials a case; {HONEST} honest shares")
    print(
        f"{'case':26} {'claim':>6} {'proven':>7} {'variance':>9} {'mean':>6} {'pairs':>6} finding"
    )
    for case in cases():
        row = audit(case, length)
        rows.append((case, row))
        print(f"{row.name:26} {row.claim:6.2f} {row.proven:7.3f} {row.variance:9.1f} "
              f"{row.mean:6.1f} {row.nodes_alike:6.1f} {'yes' if row.found else 'no'}")  # fmt: skip
    wrong = [case.name for case, row in rows if row.found != case.planted]
    facts: Mapping[str, object] = {
        "trials": length,
        "rows": [asdict(row) for _, row in rows],
        "judged_wrong": wrong,
        "seconds": time.perf_counter() - started,
    }
    print("every bug is found and honest noise is not accused" if not wrong else f"WRONG: {wrong}")
    if chosen.json:
        chosen.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
