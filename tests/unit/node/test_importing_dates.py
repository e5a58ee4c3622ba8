"""A day in the spellings of programs and people; and the two that can be read in two ways."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from node.importing import dates
from node.importing.notation import Notation
from node.importing.refusal import WrongValue

TODAY = date(2026, 11, 24)
FIRST = date(2024, 9, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "20240901", "20240901103000", "2024/09/01 10:30:00 AM", "2024/09/01 10:30:00 AM GMT+2",
        "2024-09-01T10:30:00+02:00", "2024-09-01T08:30:00.123Z", "1 septembre 2024",
        "1er septembre 2024", "zondag 1 september 2024", "zo. 1 sept. 2024", "1/9/2024 9u30",
        "1/9/2024, 10:30", "Sunday, September 1, 2024", "Sep 1, 2024 9:05 PM", "1-sep-24",
        "dim. 1 sept. 2024 à 10h30", "1.9.2024 10.30 uur", "2024-09-01 10:30 CEST",
        datetime(2024, 9, 1, 12, tzinfo=UTC),
    ],
)  # fmt: skip
def test_programs_and_people_write_one_day_in_many_ways(cell: object) -> None:
    assert dates.past_date(cell, TODAY) == FIRST


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-08-31T22:00:00Z", FIRST),
        ("2024-08-31T21:59:59Z", date(2024, 8, 31)),
        ("2024-01-31 23:30 UTC", date(2024, 2, 1)),
        ("2024-09-01T00:30:00+09:00", date(2024, 8, 31)),
        ("2024-08-31 20:00 -02:30", FIRST),
        ("2024-08-31 22:00:00", date(2024, 8, 31)),
        (datetime(2024, 8, 31, 22, tzinfo=UTC), FIRST),
        (datetime(2024, 9, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))), date(2024, 8, 31)),
    ],
)
def test_a_moment_with_a_zone_falls_on_its_belgian_day(cell: object, day: date) -> None:
    assert dates.past_date(cell, TODAY) == day


@pytest.mark.parametrize("cell", ["31/8/2024 22:30", datetime(2024, 8, 31, 22, 30)])  # noqa: DTZ001
def test_times_of_a_column_in_utc_are_brought_home(cell: object) -> None:
    assert dates.past_date(cell, TODAY, Notation(utc=True)) == FIRST
    assert dates.past_date(cell, TODAY) == date(2024, 8, 31)


def test_months_stand_first_only_where_the_column_says_so() -> None:
    american = Notation(dates="month-first")
    assert dates.past_date("9/1/2024 10:30:00", TODAY, american) == FIRST
    assert dates.past_date("9/1/2024 10:30:00", TODAY) == date(2024, 1, 9)
    assert dates.past_date("1.9.2024", TODAY, american) == FIRST
    with pytest.raises(WrongValue, match="a date such as"):
        dates.past_date("13/4/2024", TODAY, american)


def test_a_day_of_the_week_that_belongs_to_another_day_is_refused() -> None:
    with pytest.raises(WrongValue, match="day of the week"):
        dates.past_date("maandag 1 september 2024", TODAY)


@pytest.mark.parametrize(
    "cell", ["2024", "09/2024", "20241301", "2024-09-01 25:00", "2024-09-01 13:00 PM",
             "1 brumaire 24", "01092024", "vorige week", "2024-09-01 10:30 XYZ", "2024-09/01"]
)  # fmt: skip
def test_what_leaves_a_day_open_is_refused(cell: str) -> None:
    with pytest.raises(WrongValue, match="a date such as"):
        dates.past_date(cell, TODAY)


@pytest.mark.parametrize(
    ("age", "on", "year"),
    [  # of 366 birthdays, 1 January to the day itself lie in `year`, the others a year before
        (42, date(2024, 9, 1), 1982),
        (42, date(2024, 2, 1), 1981),
        (42, date(2024, 12, 31), 1982),
        (42, date(2025, 1, 1), 1982),
    ],
)
def test_an_age_gives_the_likelier_year_of_birth(age: int, on: date, year: int) -> None:
    assert dates.year_of_birth(age, on) == year


@pytest.mark.parametrize(
    ("cell", "age"), [("42", 42), (42.0, 42), ("42 jaar", 42), ("42 ans", 42), ("42 years old", 42)]
)
def test_an_age_is_whole_years(cell: object, age: int) -> None:
    assert dates.age(cell) == age


@pytest.mark.parametrize("cell", ["1984", "40-49", "42,5", "12", "101", "", "veertig"])
def test_what_is_no_age_is_refused(cell: str) -> None:
    with pytest.raises(WrongValue, match="an age in years"):
        dates.age(cell)
