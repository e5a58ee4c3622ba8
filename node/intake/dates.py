"""Dates as centres write them: day first, two-digit years, Excel dates and serial numbers."""

import re
from datetime import date, datetime, timedelta

from node.intake.refusal import WrongValue
from node.intake.writing import key_of, text_of

EARLIEST = date(1990, 1, 1)
YOUNGEST, OLDEST = 14, 100
_EXCEL_START = date(1899, 12, 30)
_SERIALS = range(7_000, 80_000)  # 1919 to 2119
_DAY_FIRST = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ t][\d:.]+z?)?$")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ t][\d:.]+z?)?$")
_NAMED = re.compile(r"^(\d{1,2})[-. ]+([a-zé]{3,9})[-. ]+(\d{4}|\d{2})$")
_SERIAL = re.compile(r"^\d{4,5}(?:[.,]\d+)?$")
_MONTHS = {
    "jan": 1, "feb": 2, "maa": 3, "mrt": 3, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip


def read_date(cell: object, *, latest_year: int) -> date | None:
    """Return the day that a cell names, or None. A two-digit year is at most `latest_year`."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = key_of(text_of(cell))
    if _SERIAL.match(text):
        serial = int(re.split("[.,]", text)[0])
        return _EXCEL_START + timedelta(days=serial) if serial in _SERIALS else None
    try:
        return _from_text(text, latest_year)
    except ValueError:  # no such day: 31/02
        return None


def _from_text(text: str, latest_year: int) -> date | None:
    if found := _YEAR_FIRST.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.match(text):
        return date(_year(found[3], latest_year), int(found[2]), int(found[1]))
    if (found := _NAMED.match(text)) and found[2][:3] in _MONTHS:
        return date(_year(found[3], latest_year), _MONTHS[found[2][:3]], int(found[1]))
    return None


def _year(text: str, latest: int) -> int:
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year if year <= latest else year - 100


def past_date(cell: object, today: date) -> date:
    """A day from 1990 up to today. Raises WrongValue."""
    day = read_date(cell, latest_year=today.year + 5)
    if day is None:
        raise WrongValue("a date such as 31/12/2025, or nothing")
    if day > today:
        raise WrongValue("a date that is not in the future; leave it empty until then")
    if day < EARLIEST:
        raise WrongValue("a date after 1989")
    return day


def birth_year(cell: object, today: date) -> int:
    """A year of birth, from a year or from a date. Raises WrongValue."""
    text = text_of(cell)
    if re.fullmatch(r"(19|20)\d\d", text):
        year = int(text)
    else:
        day = read_date(cell, latest_year=today.year - YOUNGEST)
        if day is None:
            raise WrongValue("a year or date of birth, such as 1984 or 07/05/1984; no age")
        year = day.year
    if not today.year - OLDEST <= year <= today.year - YOUNGEST:
        raise WrongValue(
            "a year of birth between {first} and {last}",
            first=today.year - OLDEST,
            last=today.year - YOUNGEST,
        )
    return year
