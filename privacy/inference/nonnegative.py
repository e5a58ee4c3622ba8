"""Intervals of counts that noise may put below 0, though nobody can be fewer than none.

Two-sided intervals cut at 0 hold an empty cell in 97.5% of cases and no less; most cells of large
tables are empty, so that intervals would say less than is known. Of all measurements x a count m
admits those with the largest likelihood ratio to the best count max(0, x), until they make up 95%:
intervals made so are never empty, go over into x -+ 1.96 from four standard errors on, and hold
every count, 0 as well, in 95% of cases. Source: Feldman, Cousins 1998, Physical Review D 57, 4.B.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from privacy.inference.reach import Z95
from privacy.noise.family import HELD

_LEAST = -8.0
"""Standard errors below 0 beyond which the upper end is as good as that here."""

_STEPS = 64
"""Of a standard error: ends between are interpolated, right to 0.0001."""


def interval_of_count(measured: float, se: float) -> tuple[float, float]:
    """The 95% interval of a count that is at least 0, from a measurement with normal noise.

    >>> low, high = interval_of_count(0.0, 10.0)
    >>> round(low, 2), round(high, 2)
    (0.0, 19.6)
    """
    x = measured / se
    if x >= 2 * Z95:
        return measured - Z95 * se, measured + Z95 * se
    high = x + Z95 if x >= 0 else _between(_highest, max(x, _LEAST))
    low = _between(_lowest, x) if x > 0 else 0.0
    return low * se, high * se


def _between(end: Callable[[int], float], x: float) -> float:
    place = math.floor(x * _STEPS)
    part = x * _STEPS - place
    return (1 - part) * end(place) + part * end(place + 1)


@lru_cache(maxsize=1024)
def _highest(place: int) -> float:
    """The largest count that admits x = place / 64, at most 0, at its lower end."""
    x = place / _STEPS
    return _solved(lambda m: _mass(x - m, math.sqrt(m * m - 2 * m * x)), rising=True)


@lru_cache(maxsize=1024)
def _lowest(place: int) -> float:
    """The least count that admits x = place / 64, above 0, at its upper end."""
    x = place / _STEPS
    if _mass(-math.inf, x) <= HELD:
        return 0.0
    return _solved(lambda m: _mass(x - x * x / (2 * m) - m, x - m), rising=False)


def _solved(mass: Callable[[float], float], *, rising: bool) -> float:
    """Where it is 95%, between 0 and 1.96."""
    low, high = 1e-9, Z95
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (mass(middle) < HELD) == rising else (low, middle)
    return (low + high) / 2


def _mass(low: float, high: float) -> float:
    """Of a normal distribution between two ends."""
    return (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
