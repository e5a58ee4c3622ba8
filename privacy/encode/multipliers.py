"""Multipliers under Polya noise, whose tables are as long as sum m_j D1_j / epsilon."""

import math
from collections.abc import Sequence
from fractions import Fraction

_TOLERANCE = Fraction(1, 20)
_FINE = 32
_UNIT = 2**40
"""Square roots are cut at this part of 1: every machine finds the same multipliers."""


def balanced(parts: Sequence[tuple[Fraction, Fraction, bool]]) -> tuple[int, ...]:
    """Return a multiplier for each (share of rho, squared D2, whole numbers or not).

    Relative to each other the parts keep the precision they have under Skellam noise, where
    m_j^2 D2_j^2 goes with the share: the smallest numbers within 5% of that. Parts that hold
    fractions are cut in at least 32 steps for each unit.
    """
    precision = [share / d2_squared for share, d2_squared, _ in parts]
    least = min(precision)
    ratios = [_root(one / least) for one in precision]
    scale = 1
    for ratio, (_, _, whole) in zip(ratios, parts, strict=True):
        if not whole:
            scale = max(scale, round(_FINE / ratio) + 1)
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
