"""Removal of excess noise: when more centres take part than the floor, part of it comes off.

A share must be large enough for the floor: there h_0 honest shares are the whole noise. With
more centres in the sum less of each would do. So a centre splits its share in independent
parts: a base of size 1/h_m, enough when the highest attendance level is reached, and for each
level k below it an increment of size 1/h_k - 1/h_(k+1), drawn from a seed of its own. Once one
set of centres is certified, the committee opens the seeds of the increments that this set can
do without, and the coordinator draws them again and subtracts them. What is left of each share
is 1/h_k for the level reached: the promised noise exactly, as if it had been known beforehand.
Source: Jiang, Wang, Chen 2024 (Dordis, arXiv:2209.12528), here over infinitely divisible shares.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from privacy.noise.family import Noise
from privacy.noise.sampler import RandomBytes

Whole = NDArray[np.int64]


def base_size(honest: Sequence[int]) -> Fraction:
    """Size of the part that always stays. `honest`: h_0 < h_1 < ... < h_m, one a level."""
    return Fraction(1, honest[-1])


def increment_sizes(honest: Sequence[int]) -> tuple[Fraction, ...]:
    """Sizes of the m parts that can come off, the lowest level's first."""
    return tuple(Fraction(1, low) - Fraction(1, high) for low, high in pairwise(honest))


def share_in_parts(
    noise: Noise,
    honest: Sequence[int],
    length: int,
    fresh: RandomBytes,
    seeded: Sequence[RandomBytes],
) -> Whole:
    """Return one centre's share: the base from fresh randomness, increment k from `seeded[k]`."""
    share = noise.part(base_size(honest), length, fresh)
    for size, source in zip(increment_sizes(honest), seeded, strict=True):
        share = share + noise.part(size, length, source)
    return share


def remove(
    total: Whole, noise: Noise, honest: Sequence[int], opened: Mapping[int, Sequence[RandomBytes]]
) -> Whole:
    """Return the sum without the increments that were opened: by level, one source a centre."""
    left, sizes = total.copy(), increment_sizes(honest)
    for level, sources in opened.items():
        for source in sources:
            left -= noise.part(sizes[level], len(left), source)
    return left


def sampler_delta(
    noise: Noise, honest: Sequence[int], length: int, contributors: int, epsilon: float
) -> float:
    """What the tables' rounding adds to delta: (1 + e^eps) x distance, over every draw made."""
    sizes = (base_size(honest), *increment_sizes(honest))
    draws = 2 * length * contributors
    return float((1 + np.exp(epsilon)) * draws * sum(map(noise.error_of_draw, sizes)))
