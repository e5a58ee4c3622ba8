"""Exact cumulative tables: floor(2^128 F(k)) for Poisson and negative binomial distributions.

Probabilities are computed in 320-bit fixed point from the mode outwards, by
p(k+1)/p(k) = lambda/(k+1), and normalised by their sum: no floating point touches a table.
Rounding errors stay below 2^-280 for each atom, and the tails that are cut below 2^-128.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

GUIDE_BITS = 16
_BITS = 320
_TAIL_BITS = 160


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeTable:
    """F(first), F(first + 1), ... as 128-bit integers in two halves; the last takes the tail.

    `guide`: for each first 16 bits of a word, how many high halves are <= every word that begins
    so; -1 where that depends on the bits after them. Source: Chen, Asau 1974 (a guide table).
    """

    first: int
    high: NDArray[np.uint64] = field(repr=False)
    low: NDArray[np.uint64] = field(repr=False)
    guide: NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        begins = np.arange(1 << GUIDE_BITS, dtype=np.uint64) << np.uint64(64 - GUIDE_BITS)
        ends = begins | np.uint64((1 << (64 - GUIDE_BITS)) - 1)
        least, most = (np.searchsorted(self.high, words, side="right") for words in (begins, ends))
        object.__setattr__(self, "guide", np.where(least == most, least, -1).astype(np.int32))

    @property
    def atoms(self) -> int:
        """Values that can be drawn."""
        return len(self.high)

    def cumulative(self, k: int) -> int:
        """floor(2^128 F(k)) for first <= k < first + atoms."""
        return (int(self.high[k - self.first]) << 64) | int(self.low[k - self.first])


@lru_cache(maxsize=16)
def poisson_table(rate: Fraction) -> CumulativeTable:
    """Return the table of Poisson(rate). Raises ValueError unless rate > 0."""
    if rate <= 0:
        raise ValueError("a Poisson rate is positive")
    return _cumulate(*_weights(rate))


@lru_cache(maxsize=16)
def negative_binomial_table(ratio: Fraction, size: Fraction) -> CumulativeTable:
    """Return the table of NB(size, ratio): p(k+1)/p(k) = ratio (size + k)/(k + 1), p(0) largest.

    Raises ValueError unless 0 < ratio < 1 and 0 < size <= 1.
    """
    if not (0 < ratio < 1 and 0 < size <= 1):
        raise ValueError("0 < ratio < 1 and 0 < size <= 1")
    weight, k, weights = 1 << _BITS, 0, []
    least = int((1 << (_BITS - _TAIL_BITS)) * (1 - ratio))  # the tail is at most this / (1 - ratio)
    while weight >= least:
        weights.append(weight)
        top = ratio.numerator * (size.numerator + k * size.denominator)
        weight = weight * top // (ratio.denominator * size.denominator * (k + 1))
        k += 1
    return _cumulate(0, weights)


def _cumulate(first: int, weights: list[int]) -> CumulativeTable:
    total = sum(weights)
    cumulative = [(running << 128) // total for running in accumulate(weights)]
    cumulative[-1] = (1 << 128) - 1
    raw = b"".join([value.to_bytes(16, "big") for value in cumulative])
    halves = np.frombuffer(raw, dtype=">u8").astype(np.uint64).reshape(-1, 2)
    return CumulativeTable(first, halves[:, 0].copy(), halves[:, 1].copy())


def _weights(rate: Fraction) -> tuple[int, list[int]]:
    """(first k, p(k) relative to the mode in 320-bit fixed point), until below 2^-160."""
    one, least = 1 << _BITS, 1 << (_BITS - _TAIL_BITS)
    mode = int(rate)
    top, bottom = rate.numerator, rate.denominator
    above, weight, k = [], one, mode
    while weight >= least:
        above.append(weight)
        weight = weight * top // (bottom * (k + 1))
        k += 1
    below, weight, k = [], one * mode * bottom // top, mode - 1
    while k >= 0 and weight >= least:
        below.append(weight)
        weight = weight * k * bottom // top
        k -= 1
    return k + 1, below[::-1] + above
