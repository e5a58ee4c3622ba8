"""How a day may be written: in figures, with the month as a word, with or without a time.

Words are Dutch, French or English. A time with a zone is a moment, and falls on a Belgian day:
22:30 UTC on 31 August is 1 September. Looser readers of dates fill in what is not there.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from node.importing.notation import DateOrder
from node.importing.refusal import WrongValue

BELGIUM = ZoneInfo("Europe/Brussels")
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan januari january janv janvier", "feb febr februari february fev fevr fevrier",
            "mrt maa maart mar march mars", "apr april avr avril", "mei may mai",
            "jun juni june juin", "jul juli july juil juillet", "aug augustus august aout",
            "sep sept september septembre", "okt oktober oct october octobre",
            "nov november novembre", "dec december decembre",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "maandag ma monday mon lundi lun", "dinsdag di tuesday tue tues mardi mar",
            "woensdag wo wednesday wed mercredi mer",
            "donderdag do thursday thu thur thurs jeudi jeu",
            "vrijdag vr friday fri vendredi ven", "zaterdag za saturday sat samedi sam",
            "zondag zo sunday sun dimanche dim",
        )
    )
    for word in words.split()
}  # fmt: skip
_TIME = (
    r"(?:(?:[t,]\s*|\s+|,?\s+(?:om|at|a)\s+)"
    r"(?P<hour>\d{1,2})\s?[:.uh]\s?(?P<minute>\d{2})?(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s?(?:uur)?"
    r"\s?(?P<half>[ap]m)?\s?(?P<zone>z|(?:utc|gmt)?(?:[+-]\d{1,2}(?::?\d{2})?)?|ces?t)?)?"
)
_DAYS = (
    re.compile(
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _TIME
    ),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _TIME),
    re.compile(
        r"(?P<day>\d{1,2})(?:er|ste|de|e|st|nd|rd|th)?[-. ]+(?P<month>[a-z]{3,9})[-. ]+"
        r"(?P<year>\d{4}|\d{2})" + _TIME
    ),
    re.compile(
        r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + _TIME
    ),
)  # fmt: skip
_FIGURES = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/. ])(?P<second_>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _TIME
)
_STAMP = re.compile(r"(\d{8})(\d{2})(\d{2})(\d{2})")
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?")
_FIRST_WORD = re.compile(r"([a-z]+)\.?,?\s+")


def day_of_text(text: str, order: DateOrder, *, latest_year: int, utc: bool) -> date | None:
    """Return the Belgian day that a text names, or None. A two-digit year is at most
    `latest_year`. Raises WrongValue when the day of the week is another's."""
    plain = _plain(text)
    found = _day(plain, order, latest_year, utc)
    if found is None and (word := _FIRST_WORD.match(plain)) and word[1] in _WEEKDAYS:
        found = _day(plain[word.end() :], order, latest_year, utc)
        if found is not None and found.weekday() != _WEEKDAYS[word[1]]:
            raise WrongValue("a date that falls on the day of the week beside it")
    return found


def belgian_day(moment: datetime, *, utc: bool) -> date:
    """Return the day on which a moment falls here; without a zone it is Belgian, or UTC."""
    if moment.tzinfo is None:
        if not utc:
            return moment.date()
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(BELGIUM).date()


def order_shown(text: str) -> DateOrder | Literal["either"] | None:
    """Return which order a text like 04/13/2024 shows; None when the order does not matter."""
    found = _FIGURES.fullmatch(_plain(text))
    if found is None or found["mark"] not in "/-":
        return None
    first, second = int(found["first"]), int(found["second_"])
    if first <= 12 < second:
        return "month-first"
    if second <= 12 < first:
        return "day-first"
    return "either" if first != second else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("\u202f", " "))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


def _day(text: str, order: DateOrder, latest_year: int, utc: bool) -> date | None:
    if found := _STAMP.fullmatch(text):
        text = f"{found[1]} {found[2]}:{found[3]}:{found[4]}"
    try:
        if found := _FIGURES.fullmatch(text):
            return _in_figures(found, order, latest_year, utc)
        for pattern in _DAYS:
            if found := pattern.fullmatch(text):
                month = _MONTHS.get(found["month"]) or int(found["month"])
                day = date(_year(found["year"], latest_year), month, int(found["day"]))
                return _at_its_time(day, found, utc)
    except (ValueError, OverflowError):  # no such day, month or time: 31/02, 25:00
        return None
    return None


def _in_figures(found: re.Match[str], order: DateOrder, latest: int, utc: bool) -> date | None:
    day, month = int(found["first"]), int(found["second_"])
    if order == "month-first" and found["mark"] in "/-":
        day, month = month, day
    return _at_its_time(date(_year(found["year"], latest), month, day), found, utc)


def _year(text: str, latest: int) -> int:
    if len(text) == 4:
        return int(text)
    year = 2000 + int(text)
    return year if year <= latest else year - 100


def _at_its_time(day: date, found: re.Match[str], utc: bool) -> date:
    if found["hour"] is None:
        return day
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    moment = datetime(day.year, day.month, day.day, hour, int(found["minute"] or 0),
                      int(found["second"] or 0), tzinfo=_zone(found["zone"]))  # fmt: skip
    return belgian_day(moment, utc=utc)


def _zone(text: str | None) -> timezone | None:
    if not text or text in ("cet", "cest"):  # the time of here, as the clocks showed it
        return None
    found = _OFFSET.fullmatch(text)
    if found is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)
