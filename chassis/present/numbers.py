"""Numbers as people read them: no more digits than their uncertainty allows.

>>> number(2140.4, place_of(27.6), "en")
'2\u202f140'
"""

import math
from decimal import ROUND_HALF_EVEN, Decimal

from chassis.texts import Language

THIN = "\u202f"
"""Thin no-break space: 1.234 and 1,234 both mislead somebody."""

MINUS = "\u2212"


def place_of(half_width: float) -> int:
    """Return the power of ten at which an uncertain number stops.

    The half-width of its interval keeps one digit, or two when it starts with 1. Raises
    ValueError unless it is positive.
    """
    if not half_width > 0 or math.isinf(half_width):
        raise ValueError("a half-width is positive and finite")
    first = math.floor(math.log10(half_width))
    return first - 1 if half_width / 10.0**first < 2 else first


def number(value: float, place: int, language: Language, *, signed: bool = False) -> str:
    """Spell a number rounded to a power of ten; `signed` puts + before a positive one."""
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(place), ROUND_HALF_EVEN)
    if place > 0:
        rounded = rounded.quantize(Decimal(1))
    text = f"{abs(rounded):,f}".replace(",", THIN)
    if language == "nl":
        text = text.replace(".", ",")
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if signed and rounded > 0 else text
