"""Values that can be read in two ways: never decided by one cell alone."""

from fractions import Fraction

import pytest

from node.importing import amounts, places
from node.importing.notation import DecimalMark, Notation
from node.importing.refusal import WrongValue
from node.importing.sectors import Revision, section


def test_a_comma_before_three_figures_may_be_thousands_or_decimals() -> None:
    with pytest.raises(WrongValue, match="read in one way only"):
        amounts.monthly_wage("2,760")
    with pytest.raises(WrongValue, match="read in one way only"):
        amounts.cents("1,184")


@pytest.mark.parametrize(
    ("cell", "mark", "wage"),
    [
        ("2,760", ".", 2760), ("2,760.50", ".", 2761), ("2760.5", ".", 2761), ("2760", ".", 2760),
        ("2.760", ",", 2760), ("2.760,50", ",", 2761), ("2760,5", ",", 2761), ("0", ",", 0),
        ("2.760", None, 2760), ("2,760.50", None, 2761),
    ],
)  # fmt: skip
def test_a_wage_is_read_with_the_decimal_mark_of_its_column(
    cell: str, mark: DecimalMark | None, wage: int
) -> None:
    assert amounts.monthly_wage(cell, Notation(decimal=mark)) == wage


@pytest.mark.parametrize(
    ("cell", "mark"),
    [("2,760", ","), ("2.760", "."), ("2760,5", "."), ("2760.5", ","), ("15,50", None),
     ("2.76", None), (2.76, None), ("99", None), ("20001", None)],
)  # fmt: skip
def test_an_hourly_wage_and_lost_thousands_are_refused(
    cell: object, mark: DecimalMark | None
) -> None:
    with pytest.raises(WrongValue, match="not per hour, not in thousands"):
        amounts.monthly_wage(cell, Notation(decimal=mark))


@pytest.mark.parametrize(
    "scale", [(0, 10), (1, 10), (1, 7), (0, 4), (-2, 2), (0, 100), (5, 1), (0, 8)]
)
def test_a_score_is_brought_to_the_nearest_of_our_scale(scale: tuple[int, int]) -> None:
    low, high = min(scale), max(scale)
    found = [amounts.score(str(v), 1, 5, Notation(scale=scale)) for v in range(low, high + 1)]
    for value, score in zip(range(low, high + 1), found, strict=True):
        exact = 1 + Fraction(4 * (value - scale[0]), scale[1] - scale[0])
        assert abs(score - exact) <= Fraction(1, 2)
    assert found == [6 - score for score in reversed(found)]
    assert {found[0], found[-1]} == {1, 5}
    with pytest.raises(WrongValue, match=f"from {scale[0]} to {scale[1]}"):
        amounts.score(str(high + 1), 1, 5, Notation(scale=scale))


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        ("Tongeren", "BE223"), ("Beveren", "BE236"), ("Bilzen", "BE223"), ("Merelbeke", "BE234"),
        ("Zwijndrecht", "BE236"), ("Sint Niklaas", "BE236"), ("St.-Niklaas", "BE236"),
        ("Drongen", "BE234"), ("Heist op den Berg", "BE212"), ("'s Gravenwezel", "BE211"),
        ("Deurne (Antwerpen)", "BE211"), ("arr. Halle-Vilvoorde", "BE241"), ("Ypres", "BE253"),
        ("Brussels Hoofdstedelijk Gewest", "BE100"), ("Antwerpen", "BE211"), ("Liège", "BE332"),
        ("Aalst", "BE231"), ("Ham", "BE224"), ("LOUVAIN", "BE242"),
    ],
)  # fmt: skip
def test_a_place_may_have_merged_or_be_a_village_or_be_spelled_otherwise(
    cell: str, area: str
) -> None:
    assert places.nuts3(cell) == area


@pytest.mark.parametrize(
    "cell", ["Limburg", "Limbourg", "Oost-Vlaanderen", "prov. Antwerpen", "Hainaut", "Vlaanderen"]
)
def test_a_province_is_no_arrondissement(cell: str) -> None:
    with pytest.raises(WrongValue, match="a province has several"):
        places.nuts3(cell)


def test_antwerp_in_a_column_of_provinces_is_the_province() -> None:
    with pytest.raises(WrongValue, match="a province has several"):
        places.nuts3("Antwerpen", Notation(provinces=True))
    assert places.nuts3("Gent", Notation(provinces=True)) == "BE234"


def test_a_name_of_several_villages_needs_its_postcode() -> None:
    with pytest.raises(WrongValue, match="several places have this name"):
        places.nuts3("Deurne")


@pytest.mark.parametrize(
    ("cell", "revision", "expected"),
    [
        ("Q - Menselijke gezondheidszorg en maatschappelijke dienstverlening", "2", "R"),
        ("Q - Menselijke gezondheidszorg en maatschappelijke dienstverlening", None, "R"),
        ("P - Onderwijs", None, "Q"), ("Q - Onderwijs", None, "Q"), ("Q - Onderwijs", "2.1", "Q"),
        ("R - Santé humaine et action sociale", None, "R"), ("C", None, "C"), ("Q86", None, "R"),
        ("R86", None, "R"), ("86.10", None, "R"), ("45.20", None, "T"), ("Q", "2", "R"),
    ],
)  # fmt: skip
def test_a_letter_is_read_with_its_label_or_number(
    cell: str, revision: Revision | None, expected: str
) -> None:
    assert section(cell, revision)[0] == expected


@pytest.mark.parametrize(
    ("cell", "revision", "reason"),
    [
        ("Q - Menselijke gezondheidszorg en maatschappelijke dienstverlening", "2.1", "label"),
        ("P - Onderwijs", "2.1", "label"),
        ("R - Menselijke gezondheidszorg en maatschappelijke dienstverlening", "2", "label"),
        ("A - Onderwijs", None, "label"),
        ("J - Informatie en communicatie", "2.1", "split in 2025"),
        ("Q", None, "of a known revision"), ("G", None, "of a known revision"),
    ],
)  # fmt: skip
def test_a_letter_that_means_two_things_is_refused(
    cell: str, revision: Revision | None, reason: str
) -> None:
    with pytest.raises(WrongValue, match=reason):
        section(cell, revision)
