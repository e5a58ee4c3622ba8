from datetime import date
from typing import get_args

import pytest
from encode_people import trajectory

from privacy.people.dimensions import GEOGRAPHY, ancestor, categories, place, within
from schemas import codes
from schemas.statistic import TableDimension

SIZES = {
    "nuts1": 4, "nuts2": 12, "nuts3": 45, "sector_before": 23, "sector_desired": 23,
    "sector_6m": 23, "sector_12m": 23, "age_band": 6, "gender": 4, "education": 4, "funding": 5,
    "hours_band": 4, "occupation_before": 11, "labour_status_before": 6,
    "work_nuts2": 12, "training_field": len(codes.isced_fields()) + 1,
}  # fmt: skip


@pytest.mark.parametrize("dimension", get_args(TableDimension))
def test_every_dimension_is_a_public_list_with_unknown_last(dimension: TableDimension) -> None:
    listed = categories(dimension)
    assert len(listed) == len(set(listed)) == SIZES[dimension]
    assert listed[-1] == codes.UNKNOWN


@pytest.mark.parametrize("dimension", get_args(TableDimension))
def test_who_says_nothing_is_in_unknown(dimension: TableDimension) -> None:
    assert categories(dimension)[place(trajectory(), dimension)] == codes.UNKNOWN


@pytest.mark.parametrize(
    ("dimension", "field", "value"),
    [
        ("gender", "gender", ("f", "m", "x")),
        ("education", "education", ("low", "medium", "high")),
        ("funding", "funding", ("cheque", "employer", "own", "other")),
        ("sector_before", "sector_before", codes.sectors()),
        ("sector_desired", "sector_desired", codes.sectors()),
        ("sector_6m", "sector_6m", codes.sectors()),
        ("sector_12m", "sector_12m", codes.sectors()),
        ("nuts3", "residence", codes.nuts(3)),
        ("occupation_before", "occupation_before", codes.occupations(1)),
    ],
)
def test_each_code_has_its_own_cell(
    dimension: TableDimension, field: str, value: tuple[str, ...]
) -> None:
    found = [categories(dimension)[place(trajectory(**{field: v}), dimension)] for v in value]
    assert found == list(value)


def test_two_digit_occupations_count_in_their_first_digit() -> None:
    here = place(trajectory(occupation_before="21"), "occupation_before")
    assert categories("occupation_before")[here] == "2"


@pytest.mark.parametrize(
    ("birth_year", "band"),
    [(2000, "<25"), (1999, "25-34"), (1990, "25-34"), (1989, "35-44"), (1979, "45-54"),
     (1970, "45-54"), (1969, "55+"), (1900, "55+")],
)  # fmt: skip
def test_age_is_counted_in_the_year_of_the_start(birth_year: int, band: str) -> None:
    record = trajectory(birth_year=birth_year, started_on=date(2024, 12, 31), ended_on=None)
    assert categories("age_band")[place(record, "age_band")] == band


@pytest.mark.parametrize(
    ("quarters", "band"), [(0, "<4"), (15, "<4"), (16, "4-6"), (27, "4-6"), (28, "7+"), (80, "7+")]
)
def test_hours_fall_in_their_band(quarters: int, band: str) -> None:
    record = trajectory(guidance_quarters=quarters)
    assert categories("hours_band")[place(record, "hours_band")] == band


def test_an_arrondissement_lies_in_its_province_and_region() -> None:
    assert [ancestor("BE234", level) for level in GEOGRAPHY] == ["BE2", "BE23", "BE234"]
    assert ancestor("BE100", "nuts1") == "BE1"
    assert ancestor(codes.UNKNOWN, "nuts1") == codes.UNKNOWN


@pytest.mark.parametrize(
    ("coarse", "fine"), [("nuts1", "nuts2"), ("nuts1", "nuts3"), ("nuts2", "nuts3")]
)
def test_every_fine_place_lies_in_one_coarse_place(
    coarse: TableDimension, fine: TableDimension
) -> None:
    inside = within(coarse, fine)
    assert set(inside) == set(range(SIZES[coarse]))
    for code, parent in zip(categories(fine)[:-1], inside, strict=False):
        assert code.startswith(categories(coarse)[parent])
    assert inside[-1] == SIZES[coarse] - 1


@pytest.mark.parametrize("nuts3", codes.nuts(3))
def test_a_residence_is_found_at_every_level(nuts3: str) -> None:
    record = trajectory(residence=nuts3)
    for level in GEOGRAPHY:
        assert nuts3.startswith(categories(level)[place(record, level)])
