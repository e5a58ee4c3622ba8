"""Was one client counted? The best possible guess from all releases of a year.

An adversary who knows every other client subtracts them: what is left of a release is noise, or
noise and what she adds. By Neyman and Pearson no guess beats the likelihood ratio of the two.
Where she adds nothing the ratio is 1, so only the entries that she moves have to be drawn.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.accounting.conversion import ORDERS
from privacy.audit.bounds import Guesses, lower_rate, upper_rate
from schemas.units import MicroRho

Floats = NDArray[np.float64]
Vector = NDArray[np.int64]
SURE = 4.0
"""Standard errors that a separation has to be beyond the claim before anybody is accused."""


def log_pmf(values: Vector, variance: float) -> Floats:
    """log P(K = k) of a Skellam variable: log of exp(-variance) I_k(variance).

    Source: Olver's uniform expansion of I_k (DLMF 10.41.3) with its first correction; the error
    is of order 1 / variance^2, at every k.
    """
    k = np.abs(values.astype(np.float64))
    root = np.sqrt(k * k + variance * variance)
    correction = (3 / root - 5 * k * k / root**3) / 24
    found: Floats = (
        k * k / (root + variance)
        - k * np.arcsinh(k / variance)
        - np.log(2 * np.pi * root) / 2
        + np.log1p(correction)
    )
    return found


def log_ratios(noise: Vector, moves: Vector, variance: float) -> tuple[Floats, Floats]:
    """log P(seen | she is there) / P(seen | she is not), when she is not, and when she is.

    `noise`: shape (trials, entries); `moves`: what she adds to each entry. The same noise
    serves both, which costs no honesty: each column of results is right for itself.
    """
    here = log_pmf(noise, variance)
    absent = log_pmf(noise - moves, variance) - here
    present = here - log_pmf(noise + moves, variance)
    return absent, present


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """The guesser's scores, shape (trials,) each."""

    absent: Floats = field(repr=False)
    present: Floats = field(repr=False)

    def guesses(self, threshold: float = 0.0) -> Guesses:
        """Say "she was there" from the threshold on; 0 is right most often."""
        return Guesses(
            hits=int((self.present >= threshold).sum()),
            planted=len(self.present),
            false_alarms=int((self.absent >= threshold).sum()),
            others=len(self.absent),
        )

    @property
    def right(self) -> float:
        """How often, in percent, the guess is right when she is there half of the time."""
        found = self.guesses()
        return 50 + 50 * (found.hits / found.planted - found.false_alarms / found.others)

    def delta_proven(self, epsilon: float) -> float:
        """Lower bound on delta at this epsilon: TPR - e^eps FPR of the best guess for it."""
        found = self.guesses(epsilon)
        hit = lower_rate(found.hits, found.planted)
        alarm = upper_rate(found.false_alarms, found.others)
        return max(0.0, hit - math.exp(epsilon) * alarm)

    @property
    def separation(self) -> float:
        """How far her being there moves the score, in standard deviations of the score.

        For Gaussian noise this is mu of mu-GDP exactly. Only the deviation is estimated, so it
        is known far better than from hits and false alarms: to 1 / sqrt(2 trials).
        """
        moved = float(self.present.mean() - self.absent.mean())
        return moved / float(self.absent.std(ddof=1))

    @property
    def separation_proven(self) -> float:
        """What the separation surely is at least."""
        return self.separation / (1 + SURE / math.sqrt(2 * len(self.absent)))


def delta_of_orders(rho: MicroRho, epsilon: float) -> float:
    """The least delta that our bound promises at this epsilon; the proposition of `epsilon`."""
    exact = rho / 1_000_000
    logs = ((a - 1) * (a * exact - epsilon + math.log1p(-1 / a)) - math.log(a) for a in ORDERS)
    return min(1.0, math.exp(min(logs)))
