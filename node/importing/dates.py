"""Days and years of birth: what a date, an Excel date or serial number, a year or an age means."""

import re
from datetime import date, datetime, timedelta

from node.importing.date_spellings import belgian_day, day_of_text
from node.importing.notation import USUAL, Notation
from node.importing.refusal import WrongValue
from node.importing.writing import key_of, text_of

EARLIEST = date(1990, 1, 1)
YOUNGEST, OLDEST = 14, 100
_EXCEL_START = date(1899, 12, 30)
_SERIALS = range(7_000, 80_000)  # 1919 to 2119
_SERIAL = re.compile(r"^\d{4,5}(?:[.,]\d+)?$")
_AGE = re.compile(r"^(\d{1,3})(?:[.,]0+)?(?: ?(?:jaar|j|ans|an|years?(?: old)?|yrs?|y))?$")
_YEAR = timedelta(days=365.2425)


def read_date(cell: object, *, latest_year: int, notation: Notation = USUAL) -> date | None:
    """Return the day that a cell names, or None. A two-digit year is at most `latest_year`."""
    if isinstance(cell, datetime):
        return belgian_day(cell, utc=notation.utc)
    if isinstance(cell, date):
        return cell
    text = key_of(text_of(cell))
    if _SERIAL.match(text):
        serial = int(re.split("[.,]", text)[0])
        return _EXCEL_START + timedelta(days=serial) if serial in _SERIALS else None
    return day_of_text(text, notation.dates, latest_year=latest_year, utc=notation.utc)


def past_date(cell: object, today: date, notation: Notation = USUAL) -> date:
    """A day from 1990 up to today. Raises WrongValue."""
    day = read_date(cell, latest_year=today.year + 5, notation=notation)
    if day is None:
        raise WrongValue("a date such as 31/12/2025, or nothing")
    if day > today:
        raise WrongValue("a date that is not in the future; leave it empty until then")
    if day < EARLIEST:
        raise WrongValue("a date after 1989")
    return day


def birth_year(cell: object, today: date, notation: Notation = USUAL) -> int:
    """A year of birth, from a year or from a date. Raises WrongValue."""
    text = text_of(cell)
    if re.fullmatch(r"(19|20)\d\d", text):
        return _likely_year(int(text), today)
    day = read_date(cell, latest_year=today.year - YOUNGEST, notation=notation)
    if day is None:
        raise WrongValue(
            "a year or date of birth, such as 1984 or 07/05/1984; for an age, say age_on in the "
            "mapping file"
        )
    return _likely_year(day.year, today)


def _likely_year(year: int, today: date) -> int:
    first, last = today.year - OLDEST, today.year - YOUNGEST
    if not first <= year <= last:
        raise WrongValue("a year of birth between {first} and {last}", first=first, last=last)
    return year


def age(cell: object) -> int:
    """An age in whole years. Raises WrongValue."""
    found = _AGE.match(key_of(text_of(cell)))
    if found is None or not YOUNGEST <= int(found[1]) <= OLDEST:
        raise WrongValue(
            "an age in years from {youngest} to {oldest}", youngest=YOUNGEST, oldest=OLDEST
        )
    return int(found[1])


def year_of_birth(age: int, on: date) -> int:
    """Return the likelier of the two years in which somebody of this age on that day was born:
    the one in which most of the possible birthdays lie."""
    return (on - (age + 0.5) * _YEAR).year
