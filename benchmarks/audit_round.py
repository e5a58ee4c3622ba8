"""One real round over 100,000 entries is 100,000 trials; planted bugs have to be found.

Twenty centres. As in a release, excess noise comes off: h honest shares are then the whole noise,
h_min at the floor and one more for each centre above it. However many drop out, the adversary
knows the noise of all but h of those that are left.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.region import answer, make_region
from privacy.audit.experiment import Setting, Trials, run
from privacy.audit.residual import FINDING, Residual, correlation, examine
from privacy.noise.excess import remove, share_in_parts
from privacy.noise.family import Noise
from privacy.noise.polya import Polya
from privacy.noise.sampler import RandomBytes
from privacy.noise.skellam import Skellam
from privacy.secure_sum.contribute import NoisyVector, excess_key, fresh_seed
from privacy.secure_sum.masks import keystream
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


def limits_of(roster: Roster, *, remove_excess: bool = True) -> Parameters:
    """What the policy of every centre asks for."""
    limits = parameters_of(roster, len(roster.ids), Policy(), remove_excess=remove_excess)
    if (limits.floor, limits.honest) != (FLOOR, HONEST):
        raise SystemExit(f"the policy gives floor {limits.floor} and {limits.honest} honest")
    return limits


class Round:
    """One round: who is left, what each of them draws, and how it is summed."""

    def __init__(self, case: "Case", length: int, dropped: int, random_bytes: RandomBytes) -> None:
        removing = case.noise is not None
        limits = partial(limits_of, remove_excess=removing)
        self.region = make_region(NODES, length, limits, SIGMA**2)
        self._survivors = self.region.view.active[: NODES - dropped]
        self._case, self._limits = case, self.region.view.parameters
        self._off = self._limits.reached(NODES - dropped) + case.too_many if removing else 0
        self._spare = [
            [fresh_seed(random_bytes) for _ in self._limits.levels] for _ in self._survivors
        ]
        places = range(len(self._survivors))
        self._drawn = [self._share(place, length, random_bytes) for place in places]
        self.left = [self._without(place) for place in places]
        """What stays of each share."""

    @property
    def setting(self) -> Setting:
        """So many shares are honest as make the whole noise."""
        honest = self._limits.honest_in(len(self._survivors))
        return Setting(len(self._survivors), honest, len(self._drawn[0]), self._case.shift)

    def _share(self, place: int, length: int, random_bytes: RandomBytes) -> Vector:
        if self._case.noise is None:
            return self._case.share(place, length)
        at = self._limits.honest_at
        return share_in_parts(self._case.noise, at, length, random_bytes, self._seeded(place))

    def _seeded(self, place: int) -> list[RandomBytes]:
        view = self.region.view
        return [keystream(excess_key(view, seed)) for seed in self._spare[place]]

    def _without(self, place: int) -> Vector:
        off = {level: [self._seeded(place)[level]] for level in range(self._off)}
        return self._removed(self._drawn[place], off)

    def _removed(self, total: Vector, off: Mapping[int, Sequence[RandomBytes]]) -> Vector:
        if self._case.noise is None:
            return total
        return remove(total, self._case.noise, self._limits.honest_at, off)

    def sum_up(self, vectors: Sequence[Vector]) -> Vector:
        """Everybody sent a prekey, some dropped out; the others contribute, the excess comes off.

        `vectors`: what is to stay; what is to come off is added first.
        """
        arrived = {}
        for place, (node, vector) in enumerate(zip(self._survivors, vectors, strict=True)):
            whole = vector + self._drawn[place] - self.left[place]
            noisy = NoisyVector(whole, self._spare[place])
            made = self.region.contribute(node, self.region.links(node), noisy)
            arrived[node] = self.region.take(node, made)
        summed = answer(self.region, arrived).sum()
        off = {level: [keystream(key) for key in keys] for level, keys in summed.spare.items()}
        for level in range(len(off), self._off):
            places = range(len(self._survivors))
            off[level] = [self._seeded(place)[level] for place in places]
        return self._removed(summed.total, off)


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
    noise: Noise | None = None
    """Drawn in parts, of which the excess comes off, in place of `share`."""

    too_many: int = 0
    """A bug: so many increments come off that the set cannot do without."""


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
    in_parts, pure = Skellam(mu, HONEST), Polya(EPSILON, Fraction(1), HONEST)
    honest = _gaussian("skellam", skellam(source), planted=False, dropped=DROPPED)
    yield replace(honest, noise=in_parts)
    yield replace(_laplace("polya", polya(source), planted=False, dropped=DROPPED), noise=pure)
    yield replace(
        _gaussian("too much comes off", skellam(source), dropped=DROPPED[1:2]),
        noise=in_parts, too_many=1,
    )  # fmt: skip
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
        one = Round(case, length, dropped, random_bytes)
        trials = run(one.setting, one.left.__getitem__, one.sum_up, random_bytes)
        nodes = correlation(one.left[0], one.left[1])
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
