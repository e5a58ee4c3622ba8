"""Numbers: euro, hours and scores, with a comma or a point, as text or as Excel numbers."""

import re
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from node.intake.refusal import WrongValue
from node.intake.writing import text_of

MOST_CENTS, MOST_WAGE, MOST_HOURS = 1_000_000, 20_000, 20
_PLAIN = re.compile(r"^\d+(?:[.,]\d+)?$")
_GROUPED = re.compile(r"^\d{1,3}(?:\.\d{3})+(?:,\d+)?$|^\d{1,3}(?:,\d{3})+\.\d+$")
_CLOCK = re.compile(r"^(\d{1,3})\s*(?:u|h|uur|:)\s*(?:(\d{1,2})\s*(?:min|m|')?)?$")
_MINUTES = re.compile(r"^(\d{1,4})\s*(?:min|minuten|')$")


def _decimal(text: str) -> Decimal | None:
    """Comma or point before the decimals; points between groups of three are left out."""
    text = text.replace(" ", "").replace("'", "")
    if _GROUPED.match(text):
        marks = [mark for mark in text if mark in ".,"]
        decimal = marks[-1] if len(set(marks)) == 2 else ""
        whole, _, rest = text.partition(decimal) if decimal else (text, "", "")
        return Decimal(f"{re.sub('[.,]', '', whole)}.{rest or 0}")
    if _PLAIN.match(text):
        return Decimal(text.replace(",", "."))
    return None


def _finite(number: float) -> Decimal | None:
    found = Decimal(repr(number))
    return found if found.is_finite() else None


def _euro(cell: object) -> Decimal | None:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _finite(cell)
    text = re.sub(r"(?i)€|eur[o]?\b", "", text_of(cell)).strip()
    return _decimal(text.removesuffix(",-").removesuffix(".-"))


def cents(cell: object) -> int:
    """An amount in euro as whole cents, 0 to 10 000 euro. Raises WrongValue."""
    euro = _euro(cell)
    if euro is None or euro < 0:
        raise WrongValue("an amount in euro, such as 45,00")
    if euro > MOST_CENTS // 100:
        raise WrongValue("an amount from 0 to {most} euro", most=MOST_CENTS // 100)
    amount = int((euro * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if abs(euro * 100 - amount) > Decimal("0.0001"):  # a spreadsheet's own rounding is forgiven
        raise WrongValue("an amount in euro, such as 45,00")
    return amount


def monthly_wage(cell: object) -> int:
    """Gross euro per month, rounded to a euro, 0 to 20 000. Raises WrongValue."""
    euro = _euro(cell)
    if euro is None or not 0 <= euro <= MOST_WAGE:
        raise WrongValue("a gross monthly wage in euro, 0 to {most}", most=MOST_WAGE)
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


def score(cell: object, lowest: int, highest: int) -> int:
    """A whole score on a scale. Raises WrongValue."""
    text = text_of(cell)
    if found := re.fullmatch(r"(\d{1,3})(?:[.,]0+)?", text):
        value = int(found[1])
        if lowest <= value <= highest:
            return value
    raise WrongValue("a score from {lowest} to {highest}", lowest=lowest, highest=highest)
