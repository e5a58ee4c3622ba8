"""One real round over 100,000 entries is 100,000 trials; planted bugs have to be found.

Twenty centres; however many drop out, the adversary knows the noise of all but h_min of those
that are left, h_min being what the policy of every centre counts on.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from benchmarks.region import answer, make_region
from privacy.audit.experiment import Setting, Trials, run
from privacy.audit.residual import FINDING, Residual, correlation, examine
from privacy.noise.polya import Polya
from privacy.noise.sampler import RandomBytes
from privacy.noise.skellam import Skellam
from privacy.secure_sum.parameters import Policy, parameters_of
from schemas.roster import Roster
from schemas.round import Parameters

NODES, FLOOR, HONEST = 20, 16, 12
"""The policy's floor (80%) and the honest among them (20% of all may collude)."""

DROPPED = (0, 2, 4)
"""Nobody, some, and as many as the floor allows."""

SIGMA = 2**10
EPSILON = Fraction(1)
Vector = NDArray[np.int64]
Share = Callable[[int, int], Vector]
"""(node, length) -> noise share."""


def limits_of(roster: Roster) -> Parameters:
    """What the policy of every centre asks for."""
    limits = parameters_of(roster, len(roster.ids), Policy())
    if (limits.floor, limits.honest) != (FLOOR, HONEST):
        raise SystemExit(f"the policy gives floor {limits.floor} and {limits.honest} honest")
    return limits


def securely(length: int, dropped: int) -> Callable[[Sequence[Vector]], Vector]:
    """A real round: everybody sends a prekey, some drop out, the others are summed."""
    region = make_region(NODES, length, limits_of, SIGMA**2)
    survivors = region.view.active[: NODES - dropped]

    def sum_up(vectors: Sequence[Vector]) -> Vector:
        arrived = {
            node: region.take(node, region.contribute(node, region.links(node), vector))
            for node, vector in zip(survivors, vectors, strict=True)
        }
        return answer(region, arrived).sum().total

    return sum_up


def skellam(random_bytes: RandomBytes, honest: int = HONEST, mu: int = SIGMA**2) -> Share:
    """Shares of a Skellam variable."""
    noise = Skellam(mu, honest)
    return lambda _, length: noise.share(length, random_bytes)


def polya(random_bytes: RandomBytes, honest: int = HONEST, epsilon: Fraction = EPSILON) -> Share:
    """Shares of a discrete Laplace variable."""
    noise = Polya(epsilon, Fraction(1), honest)
    return lambda _, length: noise.share(length, random_bytes)


def same_everywhere(share: Share) -> Share:
    """A bug: every node starts from the same seed."""
    kept: dict[int, Vector] = {}
    return lambda _, length: kept.setdefault(length, share(0, length))


def same_again(share: Share) -> Share:
    """A bug: a node sends the same noise in the next round."""
    kept: dict[int, Vector] = {}
    return lambda node, length: kept.setdefault(node, share(node, length))


def off_centre(share: Share, by: int) -> Share:
    """A bug: one half of a share is taken a little too large."""
    return lambda node, length: share(node, length) + by


@dataclass(frozen=True)
class Case:
    """One noise, honest or with a planted bug, in rounds with so many dropouts."""

    name: str
    share: Share
    shift: int
    threshold: float
    variance: float
    claim: float
    pure: bool = False
    planted: bool = False
    dropped: tuple[int, ...] = DROPPED[-1:]


@dataclass(frozen=True)
class Row:
    """One round: what is claimed, what the attack proves, and what the noise looks like."""

    name: str
    dropped: int
    claim: float
    proven: float
    variance: float
    mean: float
    neighbours: float
    nodes_alike: float
    rounds_alike: float
    why: str
    """What gives the noise away; empty when nothing does."""


def cases(random_bytes: RandomBytes = os.urandom) -> Iterator[Case]:
    """Honest noise first, then the bugs that have to be found."""
    source, mu = random_bytes, SIGMA**2
    short = EPSILON * Fraction(10, 9)
    yield _gaussian("skellam", skellam(source), planted=False, dropped=DROPPED)
    yield _laplace("polya", polya(source), planted=False, dropped=DROPPED)
    yield _gaussian("share 1/|U| for 1/h", skellam(source, honest=FLOOR))
    yield _gaussian("scale 10% short", skellam(source, mu=round(mu * 0.81)))
    yield _gaussian("variance 5% short", skellam(source, mu=round(mu * 0.95)))
    yield _gaussian("one seed for all centres", same_everywhere(skellam(source)))
    yield _gaussian("noise sent twice", same_again(skellam(source)), dropped=DROPPED[-2:])
    yield _gaussian("wrong centring", off_centre(skellam(source), SIGMA // 50))
    yield _laplace("polya, 1/|U| for 1/h", polya(source, honest=FLOOR))
    yield _laplace("polya, scale 10% short", polya(source, epsilon=short))


def _gaussian(
    name: str, share: Share, *, planted: bool = True, dropped: tuple[int, ...] = DROPPED[-1:]
) -> Case:
    """The canary moves an entry by one sigma: 1-GDP is claimed."""
    return Case(name, share, SIGMA, SIGMA / 2, SIGMA**2, 1.0, planted=planted, dropped=dropped)


def _laplace(
    name: str, share: Share, *, planted: bool = True, dropped: tuple[int, ...] = DROPPED[-1:]
) -> Case:
    variance = float(Polya(EPSILON, Fraction(1), HONEST).variance_of_sum(HONEST))
    return Case(name, share, 1, 1, variance, float(EPSILON), True, planted, dropped)


def audit(case: Case, length: int, random_bytes: RandomBytes = os.urandom) -> list[Row]:
    """Run the rounds of a case and judge each."""
    rows: list[Row] = []
    before: Vector | None = None
    for dropped in case.dropped:
        contributors = NODES - dropped
        shares = [case.share(node, length) for node in range(contributors)]
        setting = Setting(contributors, HONEST, length, case.shift)
        trials = run(setting, shares.__getitem__, securely(length, dropped), random_bytes)
        nodes = correlation(shares[0], shares[1])
        rounds = 0.0 if before is None else correlation(before, trials.residual)
        rows.append(_judged(case, dropped, trials, (nodes, rounds)))
        before = trials.residual
    return rows


def _judged(case: Case, dropped: int, trials: Trials, alike: tuple[float, float]) -> Row:
    guessed = trials.guesses(case.threshold)
    proven = guessed.epsilon_proven if case.pure else guessed.mu_proven
    noise = _scored(trials, case) if case.pure else examine(trials.residual, case.variance)
    reasons = {
        "bound": proven > case.claim,
        "nodes alike": abs(alike[0]) > FINDING,
        "rounds alike": abs(alike[1]) > FINDING,
        "mean": abs(noise.mean) > FINDING,
        "entries alike": abs(noise.neighbours) > FINDING,
        "variance": not noise.sound,
    }
    why = next((name for name, holds in reasons.items() if holds), "")
    return Row(
        case.name, dropped, case.claim, proven, noise.variance, noise.mean, noise.neighbours,
        *alike, why,
    )  # fmt: skip


def _scored(trials: Trials, case: Case) -> Residual:
    """Discrete Laplace noise has heavier tails: its fourth moment comes from simulation."""
    values = trials.residual.astype(np.float64)
    spread = float(np.std(values**2)) / np.sqrt(len(values))
    gaussian = examine(trials.residual, case.variance)
    variance = (float((values**2).mean()) - case.variance) / spread
    return Residual(variance, gaussian.mean, gaussian.neighbours)
