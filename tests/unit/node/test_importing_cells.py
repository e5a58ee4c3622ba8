"""What a cell may look like and what it means."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from node.importing import amounts, choices, dates, places, sectors
from node.importing.refusal import WrongValue

TODAY = date(2026, 11, 24)
YES_NO = frozenset({"yes", "no"})


@pytest.mark.parametrize(
    "cell",
    [
        "03/11/2025", "3/11/25", "2025-11-03", "03-11-25", "3.11.2025", "3 nov 2025",
        "3 november 2025", "2025-11-03 00:00:00", "2025-11-03T09:30:00", "45964", "45964.0",
        45964, 45964.0, date(2025, 11, 3), datetime(2025, 11, 3, 9, 30, tzinfo=UTC),
    ],
)  # fmt: skip
def test_every_spelling_of_one_day_is_that_day(cell: object) -> None:
    assert dates.past_date(cell, TODAY) == date(2025, 11, 3)


@pytest.mark.parametrize("cell", ["31/02/2025", "11/23/2025", "nov 2025", "lopend", "3/11", "2025"])
def test_what_names_no_day_is_refused(cell: str) -> None:
    with pytest.raises(WrongValue, match="a date such as"):
        dates.past_date(cell, TODAY)


def test_today_is_a_date_and_tomorrow_is_in_the_future() -> None:
    assert dates.past_date("24/11/2026", TODAY) == TODAY
    with pytest.raises(WrongValue, match="not in the future"):
        dates.past_date("25/11/2026", TODAY)


@pytest.mark.parametrize(
    ("cell", "year"),
    [("1984", 1984), (1984.0, 1984), ("07-05-84", 1984), ("07/05/2005", 2005), ("1/1/05", 2005),
     (30809, 1984), ("07-05-15", None), ("42", None), ("1850", None), ("2024", None)],
)  # fmt: skip
def test_a_birth_year_comes_from_a_year_or_a_date_never_from_an_age(
    cell: object, year: int | None
) -> None:
    if year is None:
        with pytest.raises(WrongValue):
            dates.birth_year(cell, TODAY)
    else:
        assert dates.birth_year(cell, TODAY) == year


@pytest.mark.parametrize(
    ("cell", "cents"),
    [("€ 45,00", 4500), ("45", 4500), ("45.5", 4550), ("1.184,00", 118400), ("1 184,00", 118400),
     ("1,184.00", 118400), ("3.450", 345000), ("45,- ", 4500), ("45 EUR", 4500), (636, 63600),
     (45.1, 4510), ("0", 0), (19.99, 1999)],
)  # fmt: skip
def test_euros_are_read_with_commas_points_and_signs(cell: object, cents: int) -> None:
    assert amounts.cents(cell) == cents


@pytest.mark.parametrize("cell", ["2x45", "gratis", "45,005", "-45", -45, "10001", "1.2.3", "1e3"])
def test_what_is_no_amount_is_refused(cell: object) -> None:
    with pytest.raises(WrongValue, match="amount"):
        amounts.cents(cell)


@pytest.mark.parametrize(
    ("cell", "wage"), [("3.450", 3450), ("2 760,50", 2761), (2760, 2760), ("€ 2.760", 2760)]
)
def test_a_wage_is_whole_euros_per_month(cell: object, wage: int) -> None:
    assert amounts.monthly_wage(cell) == wage


def test_a_yearly_wage_is_refused() -> None:
    with pytest.raises(WrongValue, match="monthly"):
        amounts.monthly_wage("41.400")


@pytest.mark.parametrize(
    ("cell", "quarters"),
    [("3,5", 14), ("3.5", 14), (3.5, 14), ("3u30", 14), ("3h30", 14), ("3:30", 14),
     ("210 min", 14), ("4u", 16), ("4 uur", 16), (7, 28), (time(3, 30), 14),
     (timedelta(hours=3, minutes=30), 14), ("3u20", 13), ("20", 80), ("0", 0)],
)  # fmt: skip
def test_hours_become_quarters_of_an_hour(cell: object, quarters: int) -> None:
    assert amounts.quarters_of_hour(cell) == quarters


@pytest.mark.parametrize("cell", ["21", "3u75", "veel", "-1", "3+4"])
def test_what_is_no_number_of_hours_is_refused(cell: str) -> None:
    with pytest.raises(WrongValue, match="hours from 0 to 20"):
        amounts.quarters_of_hour(cell)


@pytest.mark.parametrize(
    ("cell", "area"),
    [("9000", "BE234"), (9000, "BE234"), (9000.0, "BE234"), ("9000.0", "BE234"),
     ("B-9000", "BE234"), ("BE-9000 Gent", "BE234"), ("9000 Gent", "BE234"), ("gent", "BE234"),
     ("44021", "BE234"), ("be234", "BE234"), ("3668 As", "BE224"), ("45017", "BE235")],
)  # fmt: skip
def test_places_become_arrondissements(cell: object, area: str) -> None:
    assert places.nuts3(cell) == area


@pytest.mark.parametrize("cell", ["9999 Nergens", "4811 AB", "NL-4811 AB Breda", "thuis", "123"])
def test_places_outside_belgium_are_refused(cell: str) -> None:
    with pytest.raises(WrongValue, match="Belgian postcode"):
        places.nuts3(cell)


@pytest.mark.parametrize(
    ("cell", "found"),
    [("R", ("R", None)), ("r", ("R", None)), ("86", ("R", "86")), (86, ("R", "86")),
     ("86.10", ("R", "86")), ("86101", ("R", "86")), ("R86", ("R", "86")),
     ("Onderwijs", ("Q", None)), ("zorg", ("R", None)), ("gemeente / OCMW", ("P", None)),
     ("OCMW", ("P", None)), ("Q - Onderwijs", ("Q", None)), ("horeca", ("I", None))],
)  # fmt: skip
def test_sectors_of_revision_2_1(cell: object, found: tuple[str, str | None]) -> None:
    assert sectors.section(cell, "2.1") == found


@pytest.mark.parametrize(
    ("cell", "section"),
    [("Q", "R"), ("P", "Q"), ("J58", "J"), ("J62", "K"), ("62", "K"), ("G47", "G"), ("47", "G"),
     ("86.10", "R"), ("45.20", "T"), ("45.11", "G"), ("zorg", "R"), ("C", "C")],
)  # fmt: skip
def test_letters_of_the_older_revision_are_translated(cell: str, section: str) -> None:
    assert sectors.section(cell, "2")[0] == section


@pytest.mark.parametrize("cell", ["J", "G", "45"])
def test_a_letter_that_was_split_needs_its_number(cell: str) -> None:
    with pytest.raises(WrongValue, match=r"a NACE code with its number|45 is both"):
        sectors.section(cell, "2")


@pytest.mark.parametrize(
    "cell", ["PC 330", "PC200", "P.C. 124", "paritair comité 330", "PSC 319.01", "200", 330]
)
def test_a_joint_committee_is_not_a_sector(cell: object) -> None:
    with pytest.raises(WrongValue, match="joint committee"):
        sectors.section(cell, "2.1")


@pytest.mark.parametrize("cell", ["Q86", "social profit", "Z", "iets", "98765432", "00"])
def test_sectors_that_cannot_be_right_are_refused(cell: str) -> None:
    with pytest.raises(WrongValue):
        sectors.section(cell, "2.1")


def test_of_several_wishes_the_first_counts_but_a_known_word_stays_whole() -> None:
    assert sectors.first_section("zorg / onderwijs", "2.1") == ("R", None)
    assert sectors.first_section("gemeente / OCMW", "2.1") == ("P", None)


@pytest.mark.parametrize(
    ("cell", "group"),
    [("22", "22"), (2, "2"), ("2221", "22"), ("verpleegkundige", "22"), ("Kok / ober", "51"),
     ("zaakvoerder", "1")],
)  # fmt: skip
def test_jobs_become_isco_groups(cell: object, group: str) -> None:
    assert sectors.occupation(cell) == group


@pytest.mark.parametrize(("cell", "score"), [("4", 4), (4.0, 4), ("4,0", 4), (1, 1), (5, 5)])
def test_a_score_is_whole_and_on_its_scale(cell: object, score: int) -> None:
    assert amounts.score(cell, 1, 5) == score


@pytest.mark.parametrize("cell", ["8", "0", "3,5", "vier", 6])
def test_a_score_outside_its_scale_is_refused(cell: object) -> None:
    with pytest.raises(WrongValue, match="a score from 1 to 5"):
        amounts.score(cell, 1, 5)


@pytest.mark.parametrize(
    ("cell", "code"), [("ja", "yes"), ("J", "yes"), ("x", "yes"), (True, "yes"), (1, "yes"),
                       ("neen", "no"), ("N", "no"), (False, "no"), ("yes", "yes")],
)  # fmt: skip
def test_yes_and_no_in_every_spelling(cell: object, code: str) -> None:
    assert choices.choice(cell, "yes_no", YES_NO) == code


def test_drivers_may_be_separated_in_any_way_but_are_at_most_three() -> None:
    codes = frozenset({"autonomy", "colleagues", "wage", "balance"})
    for cell in ("autonomie; collega's", "autonomie, collega's", "autonomie\ncollega's"):
        assert choices.several(cell, "driver", codes, 3) == ("autonomy", "colleagues")
    with pytest.raises(WrongValue, match="at most 3"):
        choices.several("loon;balans;autonomie;team", "driver", codes, 3)


def test_a_reference_survives_excel_dropping_zeros_and_decimals() -> None:
    spellings = {choices.reference(cell) for cell in ("00412", "412", 412, 412.0, "412.0", " 412 ")}
    assert spellings == {"412"}
    assert choices.reference("2025-017") != choices.reference("2025-17")
