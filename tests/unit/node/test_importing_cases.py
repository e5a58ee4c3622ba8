"""Files as centres have them, through `wegwijs-node import`: data, or a precise sentence."""

from datetime import date
from pathlib import Path

import pytest
from centre_files import CASES, column, folder, imported, refused, stored
from typer.testing import CliRunner

from node.cli import app

__all__ = ["folder"]


def test_dates_are_read_in_the_spellings_of_programs_and_people(folder: Path) -> None:
    assert imported(folder, "date-spellings").exit_code == 0
    days = [one.started_on for one in stored(folder)]
    assert days == [date(2024, 2, 3), *[date(2024, 9, 1)] * 6]


def test_one_date_that_has_the_month_first_makes_its_whole_column_unsure(folder: Path) -> None:
    for more in ([], ["--skip-wrong"]):
        said = refused(folder, imported(folder, "month-first-dates", *more))
        assert "Under start" in said
        assert "(row 2)" in said
        assert "04/13/2024" not in said


def test_dates_with_the_month_first_are_read_once_the_mapping_says_so(folder: Path) -> None:
    american = column("start", field="started_on", dates="month-first")
    assert imported(folder, "month-first-dates", columns=american).exit_code == 0
    days = [one.started_on for one in stored(folder)]
    assert days == [date(2024, 4, 5), date(2024, 4, 13), date(2024, 12, 1)]


def test_with_the_day_first_by_the_owners_word_only_the_impossible_date_is_wrong(
    folder: Path,
) -> None:
    belgian = column("start", field="started_on", dates="day-first")
    said = refused(folder, imported(folder, "month-first-dates", columns=belgian))
    assert "1 of 3 rows" in said
    assert 'row 2, start: "04/13/2024"' in said


def test_an_age_is_refused_as_a_year_and_read_with_the_day_on_which_it_was_true(
    folder: Path,
) -> None:
    assert "for an age, say age_on" in refused(
        folder, imported(folder, "age-instead-of-birth-year")
    )
    aged = column("Leeftijd", field="birth_year", age_on="started_on")
    assert imported(folder, "age-instead-of-birth-year", columns=aged).exit_code == 0
    assert [one.birth_year for one in stored(folder)] == [1982]


def test_an_age_on_a_fixed_day_or_without_its_day(folder: Path) -> None:
    later = column("Leeftijd", field="birth_year", age_on="ended_on")
    said = refused(folder, imported(folder, "age-instead-of-birth-year", columns=later))
    assert 'row 2, Leeftijd: "42"; expected: an age with a day under ended_on' in said
    fixed = column("Leeftijd", field="birth_year", age_on="2026-02-01")
    assert imported(folder, "age-instead-of-birth-year", columns=fixed).exit_code == 0
    assert [one.birth_year for one in stored(folder)] == [1983]


@pytest.mark.parametrize("day", ["ooit", "2026-02-31", "status"])
def test_an_age_on_no_day_is_refused(folder: Path, day: str) -> None:
    aged = column("Leeftijd", field="birth_year", age_on=day)
    said = refused(folder, imported(folder, "age-instead-of-birth-year", columns=aged))
    assert f"age_on {day}" in said


def test_names_of_merged_municipalities_and_of_villages_are_read(folder: Path) -> None:
    assert imported(folder, "names-of-merged-municipalities").exit_code == 0
    places = sorted(str(one.residence) for one in stored(folder))
    assert places == ["BE223", "BE223", "BE234", "BE234", "BE236", "BE236", "BE236"]


def test_provinces_are_refused_and_so_is_a_city_among_them(folder: Path, tmp_path: Path) -> None:
    said = refused(folder, imported(folder, "province-limburg"))
    assert "2 of 2 rows" in said
    assert said.count("a province has several arrondissements") == 2
    file = tmp_path / "klanten.csv"
    text = (CASES / "province-limburg" / "klanten.csv").read_text(encoding="utf-8")
    file.write_text(text + "3;d3;1/9/2024;lopend;Antwerpen\n", encoding="utf-8")
    mapping = CASES / "province-limburg" / "mapping.json"
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder)]
    assert "3 of 3 rows" in CliRunner().invoke(app, words).stderr


def test_an_old_letter_is_read_by_its_label_or_refused_when_the_mapping_contradicts_it(
    folder: Path,
) -> None:
    case = "nace-letter-against-its-label"
    said = refused(folder, imported(folder, case, file={"nace_revision": "2.1"}))
    assert said.count("letter and label that belong together in NACE Rev. 2.1") == 2
    assert imported(folder, case).exit_code == 0
    assert sorted(str(one.sector_before) for one in stored(folder)) == ["Q", "R"]


def test_a_wage_with_a_comma_is_not_three_euro(folder: Path) -> None:
    said = refused(folder, imported(folder, "wage-comma-thousands"))
    assert 'row 2, loon: "2,760"; expected: an amount that can be read in one way only' in said
    assert 'row 3, loon: "2.76"; expected: a gross monthly wage' in said
    english = column("loon", field="wage_before", decimal=".")
    done = imported(folder, "wage-comma-thousands", "--skip-wrong", columns=english)
    assert done.exit_code == 0
    assert [one.wage_before for one in stored(folder)] == [2760]
    hourly = column("uurloon", field="wage_before") | column("loon", ignore=True)
    assert "not per hour" in imported(folder, "wage-comma-thousands", columns=hourly).stderr
