"""Lower bounds on the privacy loss from a guesser's hits and false alarms.

If a release is mu-GDP, no guesser has Phi^-1(TPR) - Phi^-1(FPR) > mu; if it is eps-DP, none has
TPR/FPR > e^eps. Rates are replaced by their Clopper-Pearson bounds, each at 97.5%, so that an
honest release exceeds its claim in at most 5% of audits.
Source: Nasr et al. 2023 (arXiv:2302.07956); Dong, Roth, Su 2022 for GDP.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

_ONE_SIDED = 0.025


def _at_least(hits: int, trials: int) -> Callable[[float], float]:
    """p -> P(Binomial(trials, p) >= hits), summed in logarithms."""
    k = np.arange(hits, trials + 1)
    ways = math.lgamma(trials + 1) - np.array(
        [math.lgamma(j + 1) + math.lgamma(trials - j + 1) for j in k.tolist()]
    )

    def tail(rate: float) -> float:
        logs = ways + k * math.log(rate) + (trials - k) * math.log1p(-rate)
        return float(np.exp(logs).sum())

    return tail


def lower_rate(hits: int, trials: int) -> float:
    """97.5% lower bound on a rate. Source: Clopper, Pearson 1934."""
    if hits == 0:
        return 0.0
    tail, low, high = _at_least(hits, trials), 0.0, hits / trials
    for _ in range(50):
        middle = (low + high) / 2
        if tail(middle) < _ONE_SIDED:
            low = middle
        else:
            high = middle
    return low


def upper_rate(hits: int, trials: int) -> float:
    """97.5% upper bound on a rate."""
    return 1 - lower_rate(trials - hits, trials)


@dataclass(frozen=True, slots=True)
class Guesses:
    """How often the guesser said "there": of the planted, and of the others."""

    hits: int
    planted: int
    false_alarms: int
    others: int

    @property
    def mu_proven(self) -> float:
        """Lower bound on mu of Gaussian DP; 0 when nothing is proven."""
        hit, alarm = lower_rate(self.hits, self.planted), upper_rate(self.false_alarms, self.others)
        if hit <= 0 or alarm >= 1:
            return 0.0
        normal = NormalDist()
        return max(0.0, normal.inv_cdf(min(hit, 1 - 1e-12)) - normal.inv_cdf(alarm))

    @property
    def epsilon_proven(self) -> float:
        """Lower bound on epsilon of pure DP; 0 when nothing is proven."""
        hit, alarm = lower_rate(self.hits, self.planted), upper_rate(self.false_alarms, self.others)
        return max(0.0, math.log(hit / alarm)) if hit > 0 else 0.0
