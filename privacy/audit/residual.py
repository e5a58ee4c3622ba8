"""Whether noise is what it should be: its variance, its mean, and that nothing repeats.

Each test gives a z score: standard normal when all is right. Beyond 4 it is a finding (once in
16,000 audits by chance).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.int64]
FINDING = 4.0


@dataclass(frozen=True, slots=True)
class Residual:
    """Scores of one noise vector of which variance `mu` was promised."""

    variance: float
    mean: float
    neighbours: float

    @property
    def sound(self) -> bool:
        """Whether no score is a finding. More variance than promised is none."""
        return (
            self.variance > -FINDING and abs(self.mean) < FINDING and abs(self.neighbours) < FINDING
        )


def examine(noise: Vector, mu: float) -> Residual:
    """Score a vector of noise, shape (L,), against zero mean and variance mu.

    Skellam noise of variance mu has a fourth moment of 3 mu^2 + mu, so the mean square of L
    entries has variance (2 mu^2 + mu) / L.
    """
    values = noise.astype(np.float64)
    count = len(values)
    spread = math.sqrt((2 * mu * mu + mu) / count)
    return Residual(
        variance=float((values**2).mean() - mu) / spread,
        mean=float(values.mean()) * math.sqrt(count / mu),
        neighbours=correlation(noise[:-1], noise[1:]),
    )


def correlation(first: Vector, second: Vector) -> float:
    """z score of the correlation of two noise vectors: of nodes, of rounds, of neighbours."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    norm = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return 0.0 if norm == 0 else float((a * b).sum()) / norm * math.sqrt(len(a))
