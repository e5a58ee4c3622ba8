"""Multipliers under Polya noise, whose tables are as long as sum m_j D1_j / epsilon."""

import math
from collections.abc import Sequence
from fractions import Fraction

_TOLERANCE = Fraction(1, 20)
_UNIT = 2**40
"""Square roots are cut at this part of 1: every machine finds the same multipliers."""


def balanced(parts: Sequence[tuple[Fraction, Fraction, int]]) -> tuple[int, ...]:
    """Return a multiplier for each (share of rho, squared D2, least multiplier).

    Relative to each other the parts keep the precision they have under Skellam noise, where
    m_j^2 D2_j^2 goes with the share: the smallest numbers within 5% of that, none below its
    least.
    """
    precision = [share / d2_squared for share, d2_squared, _ in parts]
    least = min(precision)
    ratios = [_root(one / least) for one in precision]
    scale = 1
    for ratio, (_, _, fewest) in zip(ratios, parts, strict=True):
        if fewest > 1:
            scale = max(scale, round(fewest / ratio) + 1)
    while True:
        found = tuple(round(scale * ratio) for ratio in ratios)
        near = [
            abs(m - scale * r) <= _TOLERANCE * scale * r for m, r in zip(found, ratios, strict=True)
        ]
        if all(near):
            return found
        scale += 1


def _root(square: Fraction) -> Fraction:
    """The square root of a number of at least 1, less at most 2^-40."""
    return Fraction(math.isqrt(math.floor(square * _UNIT**2)), _UNIT)
