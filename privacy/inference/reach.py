"""From a standard error to an interval: how many of them hold 95% of the noise.

Skellam noise is as good as normal: 1.96. Polya noise is a difference of two negative binomials,
with a sharper peak and longer tails. On a fine lattice it is the symmetric variance-gamma
distribution of shape r, with r the contributors over the honest shares and excess kurtosis 3 / r;
a weighted sum of such noises is put in the same family by its variance and its own excess
kurtosis, which is exact for a single entry and for none, and between them near.
Source: Kotz, Kozubowski, Podgórski 2001, The Laplace Distribution and Generalizations, 4.1.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from privacy.noise.family import HELD

Z95: Final = 1.959963984540054
"""Standard errors to each side that hold 95% of a normal distribution."""

NORMAL: Final = 0.004
"""Excess kurtosis below which four digits are those of the normal distribution."""

_STEP = 0.25
_LARGEST = 3.0
"""Excess kurtosis of one discrete Laplace variable: no sum of noises has more of a tail."""


def reach(excess: float) -> float:
    """Standard errors to each side that hold 95% of noise with this excess kurtosis.

    >>> round(reach(0.0), 3), round(reach(3.0), 3)
    (1.96, 2.118)
    """
    place = min(max(excess, 0.0), _LARGEST) / _STEP
    below = int(place)
    if place == below:
        return _reach(below)
    return _reach(below) + (place - below) * (_reach(below + 1) - _reach(below))


@lru_cache(maxsize=64)
def _reach(steps: int) -> float:
    if steps == 0:
        return Z95
    low, high = 1.9, 2.2
    for _ in range(24):
        middle = (low + high) / 2
        short = _within(middle, 3 / (steps * _STEP)) < HELD
        low, high = (middle, high) if short else (low, middle)
    return (low + high) / 2


def _within(z: float, shape: float) -> float:
    """P(|X| <= z) of the variance-gamma distribution of variance 1.

    From its characteristic function (1 + t^2 / 2r)^-r, as Gil-Pelaez 1951.
    """
    t = (np.arange(15_000) + 0.5) * 0.01
    heights = np.sin(z * t) / t * np.exp(-shape * np.log1p(t * t / (2 * shape)))
    return float(heights.sum()) * 0.01 * 2 / math.pi


def together(parts: Sequence[tuple[float, float]]) -> float:
    """Excess kurtosis of a sum of independent noises, each (its variance, its own excess)."""
    whole = sum(variance for variance, _ in parts)
    if whole <= 0:
        return 0.0
    return sum(variance**2 * excess for variance, excess in parts) / whole**2
