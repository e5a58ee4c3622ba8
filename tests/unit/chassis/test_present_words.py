import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.present.estimates import Estimate, Unit, estimate_of, read
from chassis.present.labels import bands, period, region, sector
from chassis.present.numbers import number, place_of
from chassis.present.ranks import rank_ranges
from chassis.present.sentences import (
    changed,
    compared,
    covered,
    estimated,
    most_of_all,
    reached,
    verdict,
)
from chassis.texts import SHARED, Language, Texts
from schemas import codes
from schemas.release import Band, Figure

NL, EN = Texts.load(SHARED, "nl"), Texts.load(SHARED, "en")


def points(value: float, lo: float, hi: float, band: Band = "A") -> Estimate:
    return Estimate(value, lo, hi, (lo, hi), band, "points", (hi - lo) / 3.92)


def share(value: float, half: float, band: Band = "A") -> Estimate:
    return Estimate(
        value, value - half, value + half, (value, value), band, "share", half / 1.959964
    )


def people(value: float, half: float, band: Band = "A") -> Estimate:
    ends = (value - half, value + half)
    return Estimate(value, *ends, ends, band, "people", half / 1.959964)


@pytest.mark.parametrize(
    ("value", "half", "nl", "en"),
    [
        (2140.4, 31, "2\u202f140", "2\u202f140"),
        (12803.6, 27.7, "12\u202f800", "12\u202f800"),
        (0.3164, 0.0165, "0,316", "0.316"),
        (0.3164, 0.11, "0,32", "0.32"),
        (0.3164, 0.2, "0,3", "0.3"),
        (61.2, 3.1, "61", "61"),
        (-0.34, 0.3, "\u22120,3", "\u22120.3"),
        (-0.04, 0.3, "0,0", "0.0"),
    ],
)
def test_a_number_stops_where_its_uncertainty_begins(
    value: float, half: float, nl: str, en: str
) -> None:
    assert number(value, place_of(half), "nl") == nl
    assert number(value, place_of(half), "en") == en


@given(st.floats(1e-6, 1e6))
def test_a_half_width_keeps_one_digit_or_two_when_it_starts_with_one(half: float) -> None:
    digits = half / 10.0 ** place_of(half)
    assert 2 <= digits < 20 or digits == pytest.approx(20) or digits == pytest.approx(2)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e5))
def test_rounding_moves_a_number_less_than_its_half_width(value: float, half: float) -> None:
    text = number(value, place_of(half), "en").replace("\u202f", "").replace("\u2212", "-")
    assert abs(float(text) - value) <= 0.5 * 10.0 ** place_of(half) * 1.0001 <= half


@pytest.mark.parametrize("half", [0.0, -1.0, float("inf"), float("nan")])
def test_a_half_width_that_is_none_is_refused(half: float) -> None:
    with pytest.raises(ValueError, match="half-width"):
        place_of(half)


def figure(band: Band, **numbers: float | None) -> Figure:
    given = {"estimate": 0.8, "noise_lo": 0.7, "noise_hi": 0.9, "lo": 0.6, "hi": 1.05} | numbers
    return Figure(
        statistic="durable_match@6m", measure="share", unadjusted=0.8, noise_se=0.05,
        sampling_se=0.1, band=band, **given,  # type: ignore[arg-type]
    )  # fmt: skip


def test_what_is_too_uncertain_is_no_estimate() -> None:
    assert estimate_of(figure("F"), "share") is None
    assert estimate_of(figure("A", estimate=None), "share") is None
    assert estimate_of(None, "share") is None


def test_a_share_ends_at_one_and_a_count_at_zero() -> None:
    one = estimate_of(figure("D"), "share")
    assert one is not None
    assert (one.lo, one.hi) == (0.6, 1.0)
    count = estimate_of(figure("D", lo=None, hi=None, noise_lo=-3.0), "people")
    assert count is not None
    assert (count.lo, count.hi) == (0.0, 0.9)


def test_levels_are_said_with_their_interval() -> None:
    assert estimated(share(0.61, 0.03), NL) == (
        "Naar schatting 61%, waarschijnlijk tussen 58 en 64% (95%-interval)."
    )
    assert estimated(share(0.61, 0.03), EN) == (
        "An estimated 61%, likely between 58 and 64% (95% interval)."
    )
    assert estimated(share(0.4, 0.12, "D"), NL) == (
        "Ruwweg 40% (28 tot 52%): enkel orde van grootte."
    )
    assert estimated(None, EN).startswith("Too uncertain to show.")


@pytest.mark.parametrize(
    ("one", "nl", "en"),
    [
        (points(0.32, 0.21, 0.43), "0,32 punt hoger dan bij de start (0,21 tot 0,43).",
         "0.32 points higher than at the start (0.21 to 0.43)."),
        (points(-0.32, -0.43, -0.21), "0,32 punt lager dan bij de start (0,21 tot 0,43).",
         "0.32 points lower than at the start (0.21 to 0.43)."),
        (points(0.10, 0.07, 0.14),
         "0,10 punt hoger dan bij de start (0,07 tot 0,14): een klein verschil.",
         "0.10 points higher than at the start (0.07 to 0.14): a small difference."),
        (points(-0.12, -0.2, -0.04),
         "0,12 punt lager dan bij de start (0,04 tot 0,20): een klein verschil.",
         "0.12 points lower than at the start (0.04 to 0.20): a small difference."),
        (points(0.3, 0.002, 0.6), "0,3 punt hoger dan bij de start (0,002 tot 0,600).",
         "0.3 points higher than at the start (0.002 to 0.600)."),
        (points(0.0, -0.1, 0.1), "Hooguit een klein verschil (\u22120,10 tot +0,10).",
         "At most a small difference (\u22120.10 to +0.10)."),
        (points(0.05, -0.3, 0.4, "D"),
         "We kunnen niet zeggen of het steeg of daalde (\u22120,3 tot +0,4).",
         "We cannot say whether it rose or fell (\u22120.3 to +0.4)."),
    ],
)  # fmt: skip
def test_a_change_is_said_as_its_interval_allows(one: Estimate, nl: str, en: str) -> None:
    assert changed(one, 0.25, NL) == nl
    assert changed(one, 0.25, EN) == en


@given(st.floats(-2, 2), st.floats(0.01, 1.5), st.sampled_from(["nl", "en"]))
def test_a_direction_is_said_only_when_the_interval_lies_on_one_side(
    value: float, half: float, language: Language
) -> None:
    one = points(value, value - half, value + half)
    said = changed(one, 0.25, Texts.load(SHARED, language))
    directed = any(word in said for word in ("hoger dan", "lager dan", "higher", "lower"))
    assert directed == (one.lo > 0 or one.hi < 0)


@pytest.mark.parametrize(
    ("one", "nl"),
    [
        (points(0.32, 0.21, 0.43), "hoger"),
        (points(-0.32, -0.43, -0.21), "lager"),
        (points(0.10, 0.07, 0.14), "een beetje hoger"),
        (points(-0.10, -0.14, -0.07), "een beetje lager"),
        (points(0.0, -0.1, 0.1), "hooguit een klein verschil"),
        (points(-0.1, -0.3, 0.0), "niet te zeggen"),
    ],
)
def test_every_interval_has_its_verdict(one: Estimate, nl: str) -> None:
    assert verdict(one, 0.25, NL) == nl


def test_it_is_said_in_how_many_a_change_is_as_large_as_what_matters() -> None:
    found = [
        points(0.40, 0.30, 0.50), points(0.26, 0.22, 0.30), points(0.10, 0.07, 0.14),
        points(0.12, 0.08, 0.16), points(-0.01, -0.05, 0.03), points(-0.40, -0.50, -0.30), None,
    ]  # fmt: skip
    assert reached(found, 0.25, NL) == (
        "Het kleinste verschil dat telt, 0,25 punt, is daarvan zeker bereikt op 1, misschien op 1 "
        "en niet op 2."
    )


def test_two_areas_are_compared_by_their_difference() -> None:
    near = compared(("Antwerpen", "Limburg"), (share(0.61, 0.03), share(0.57, 0.04)), 0.05, NL)
    assert near == (
        "Antwerpen 61%, Limburg 57%: het verschil (\u22121 tot +9 procentpunt) kan toeval of "
        "privacyruis zijn."
    )
    far = compared(("Antwerp", "Limburg"), (share(0.61, 0.01), share(0.50, 0.01)), 0.1, EN)
    assert far.endswith("Antwerp is 9.6 to 12.4 percentage points higher.")
    other = compared(("Limburg", "Antwerp"), (share(0.50, 0.01), share(0.61, 0.01)), 0.1, EN)
    assert other.endswith("Limburg is 9.6 to 12.4 percentage points lower.")
    alike = compared(("A", "B"), (share(0.61, 0.03), share(0.60, 0.03)), 0.1, EN)
    assert alike.endswith("at most a small difference (−3 to +5 percentage points).")


def test_an_interval_on_one_side_is_never_said_as_if_it_touched_nought() -> None:
    said = compared(("A", "B"), (share(0.50, 0.02), share(0.5285, 0.02)), 0.1, NL)
    assert said == "A 50%, B 53%: A ligt 0,02 tot 5,68 procentpunt lager."


def test_overlapping_intervals_may_still_differ() -> None:
    first, second = share(0.60, 0.03), share(0.55, 0.03)
    assert first.lo < second.hi
    assert "kan toeval" not in compared(("A", "B"), (first, second), 0.1, NL)


def test_equal_areas_share_all_places_and_none_is_called_the_most() -> None:
    equal = [people(500 + k, 31) for k in range(22)]
    assert set(rank_ranges(equal)) == {(1, 22)}
    said = most_of_all([(str(k), f"Gebied {k}", one) for k, one in enumerate(equal)], NL)
    assert "is niet te zeggen" in said


def test_far_areas_have_one_place_each() -> None:
    far = [people(value, 31) for value in (1000, 3000, 2000)]
    assert rank_ranges(far) == [(3, 3), (1, 1), (2, 2)]
    named = [("R", "Zorg", far[1]), ("C", "Industrie", far[0]), ("A", "Landbouw", None)]
    assert (
        most_of_all(named, NL)
        == "Zorg telt de meeste trajecten: 3\u202f000 (2\u202f970 tot 3\u202f030)."
    )
    assert most_of_all([("A", "Landbouw", None)], EN).startswith("Too uncertain")


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(1, 500)), min_size=1, max_size=12))
def test_a_rank_range_holds_the_place_of_the_estimate(pairs: list[tuple[float, float]]) -> None:
    estimates = [people(value, half) for value, half in pairs]
    for one, (first, last) in zip(estimates, rank_ranges(estimates), strict=True):
        above = sum(other.value > one.value for other in estimates)
        assert first <= 1 + above <= last


def test_coverage_says_who_is_missing_only_when_somebody_is() -> None:
    assert covered(8, 10, NL) == "8 van 10 centra. Over de andere zegt dit niets."
    assert covered(10, 10, EN) == "10 of 10 centres."


def test_one_is_spelled_as_one() -> None:
    assert covered(1, 1, EN) == "1 of 1 centre."
    assert covered(1, 1, NL) == "1 van 1 centrum."
    assert covered(9, 10, EN) == "9 of 10 centres. This says nothing about the other."
    assert covered(9, 10, NL) == "9 van 10 centra. Over het andere zegt dit niets."


def test_a_region_has_its_name_in_the_language_of_the_page() -> None:
    assert (region("Vlaanderen", EN), region("Vlaanderen", NL)) == ("Flanders", "Vlaanderen")
    assert region("Elders", EN) == "Elders"


def test_a_rough_number_is_marked() -> None:
    units: tuple[Unit, ...] = ("people", "share", "points")
    for unit in units:
        one = Estimate(0.5, 0.4, 0.6, (0.4, 0.6), "D", unit, 0.05)
        assert read(one, "nl").value.startswith("~")


def test_a_period_is_a_year_or_its_quarters() -> None:
    assert period(("2024Q1", "2024Q2", "2024Q3", "2024Q4")) == "2024"
    assert period(("2024Q3",)) == "2024Q3"
    assert period(("2024Q3", "2024Q4", "2025Q1", "2025Q2")) == "2024Q3 – 2025Q2"


def test_every_sector_has_a_short_name() -> None:
    for code in (*codes.sectors(), codes.UNKNOWN):
        assert sector(code, "nl")
        assert sector(code, "en")


def test_the_letters_are_explained() -> None:
    assert list(bands(NL)) == list("ABCDF")
