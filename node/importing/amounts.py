"""Numbers: euro, hours and scores, with a comma or a point, as text or as Excel numbers."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from node.importing.notation import USUAL, DecimalMark, Notation
from node.importing.refusal import WrongValue
from node.importing.writing import text_of

MOST_CENTS, MOST_WAGE, MOST_HOURS = 1_000_000, 20_000, 20
LEAST_WAGE = 100
_PLAIN = re.compile(r"^\d+(?:[.,]\d+)?$")
_EITHER = re.compile(r"^\d{1,3},\d{3}$")
_GROUPED: Mapping[str, re.Pattern[str]] = {
    ",": re.compile(r"^\d{1,3}(?:\.\d{3})+(?:,\d+)?$"),
    ".": re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$"),
}
_CLOCK = re.compile(r"^(\d{1,3})\s*(?:u|h|uur|:)\s*(?:(\d{1,2})\s*(?:min|m|')?)?$")
_SCORE = re.compile(r"(-?\d{1,3})(?:[.,]0+)?")
_HALF = Fraction(1, 2)
_MINUTES = re.compile(r"^(\d{1,4})\s*(?:min|minuten|')$")


def _decimal(text: str, mark: DecimalMark | None) -> Decimal | None:
    """Read figures; without a known mark, groups of three behind a comma need decimals as well:
    2,760 may be two thousand or nearly three. Raises WrongValue for these."""
    text = text.replace(" ", "").replace("'", "")
    if mark is None and _EITHER.match(text):
        raise WrongValue(
            "an amount that can be read in one way only; say in the mapping file which mark "
            'stands before the decimals: "decimal": "." or ","'
        )
    for one in (mark,) if mark else (",", "."):
        grouped = _GROUPED[one].match(text)
        if grouped:
            whole, _, rest = text.partition(one)
            return Decimal(f"{re.sub('[.,]', '', whole)}.{rest or 0}")
    if _PLAIN.match(text) and (mark is None or not {",", "."} - {mark} & set(text)):
        return Decimal(text.replace(",", "."))
    return None


def _finite(number: float) -> Decimal | None:
    found = Decimal(repr(number))
    return found if found.is_finite() else None


def _euro(cell: object, mark: DecimalMark | None) -> Decimal | None:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _finite(cell)
    text = re.sub(r"(?i)€|eur[o]?\b", "", text_of(cell)).strip()
    return _decimal(text.removesuffix(",-").removesuffix(".-"), mark)


def cents(cell: object, notation: Notation = USUAL) -> int:
    """An amount in euro as whole cents, 0 to 10 000 euro. Raises WrongValue."""
    euro = _euro(cell, notation.decimal)
    if euro is None or euro < 0:
        raise WrongValue("an amount in euro, such as 45,00")
    if euro > MOST_CENTS // 100:
        raise WrongValue("an amount from 0 to {most} euro", most=MOST_CENTS // 100)
    amount = int((euro * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if abs(euro * 100 - amount) > Decimal("0.0001"):  # a spreadsheet's own rounding is forgiven
        raise WrongValue("an amount in euro, such as 45,00")
    return amount


def monthly_wage(cell: object, notation: Notation = USUAL) -> int:
    """Gross euro per month, rounded to a euro: none, or 100 to 20 000. Raises WrongValue.

    Less than 100 is a wage per hour, or thousands that lost their zeros in a spreadsheet.
    """
    euro = _euro(cell, notation.decimal)
    if euro is None or not (euro == 0 or LEAST_WAGE <= euro <= MOST_WAGE):
        raise WrongValue(
            "a gross monthly wage in euro, {least} to {most}; not per hour, not in thousands",
            least=LEAST_WAGE,
            most=MOST_WAGE,
        )
    return int(euro.quantize(Decimal(1), ROUND_HALF_UP))


def quarters_of_hour(cell: object) -> int:
    """Hours of guidance as quarters of an hour, to the nearest; 0 to 20 hours."""
    hours = _hours(cell)
    if hours is None or not 0 <= hours <= MOST_HOURS:
        raise WrongValue("hours from 0 to {most}, such as 3,5 or 3u30", most=MOST_HOURS)
    return int((hours * 4).quantize(Decimal(1), ROUND_HALF_UP))


def _hours(cell: object) -> Decimal | None:
    if isinstance(cell, timedelta):
        return Decimal(cell.total_seconds()) / 3600
    if isinstance(cell, (time, datetime)):
        return Decimal(cell.hour) + Decimal(cell.minute) / 60
    if isinstance(cell, float):
        return _finite(cell)
    text = text_of(cell).casefold()
    if found := _MINUTES.match(text):
        return Decimal(found[1]) / 60
    if found := _CLOCK.match(text):
        minutes = int(found[2] or 0)
        return Decimal(found[1]) + Decimal(minutes) / 60 if minutes < 60 else None
    text = re.sub(r"\s*(uur|u|h)$", "", text)
    return Decimal(text.replace(",", ".")) if _PLAIN.match(text) else None


def score(cell: object, lowest: int, highest: int, notation: Notation = USUAL) -> int:
    """A whole score from `lowest` to `highest`, brought from the file's own scale when it has one:
    to the nearest score, and from halfway towards the middle. Raises WrongValue."""
    first, last = notation.scale or (lowest, highest)
    found = _SCORE.fullmatch(text_of(cell))
    value = int(found[1]) if found else None
    if value is None or not min(first, last) <= value <= max(first, last):
        raise WrongValue("a score from {lowest} to {highest}", lowest=first, highest=last)
    if notation.scale is None:
        return value
    exact = lowest + Fraction((value - first) * (highest - lowest), last - first)
    middle = Fraction(lowest + highest, 2)
    return math.ceil(exact - _HALF) if exact > middle else math.floor(exact + _HALF)
