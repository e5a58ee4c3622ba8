import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.present.areas import WIDTH, coloured, shapes
from chassis.present.axis import Axis, breaks
from chassis.present.estimates import Estimate
from schemas import codes

ANY = (-float("inf"), float("inf"))


def people(value: float, half: float) -> Estimate:
    ends = (value - half, value + half)
    return Estimate(value, *ends, ends, "A", "people", half / 1.96)


@given(st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(0.01, 1e4)), min_size=1, max_size=9))
def test_an_axis_holds_every_interval_and_few_ticks(pairs: list[tuple[float, float]]) -> None:
    estimates = [people(value, half) for value, half in pairs]
    axis = Axis.over(estimates, zero=True, within=ANY)
    for one in estimates:
        assert axis.start <= one.lo + 1e-6 * abs(one.lo) + 1e-9
        assert one.hi <= axis.end + 1e-6 * abs(one.hi) + 1e-9
    assert axis.start <= 0 <= axis.end
    assert 2 <= len(axis.ticks) <= 6


def test_an_axis_without_estimates_can_still_be_drawn() -> None:
    axis = Axis.over([None, None], zero=False, within=(0, 1))
    assert (axis.start, axis.end) == (0, 1)


def test_an_axis_of_shares_ends_at_one() -> None:
    one = Estimate(0.95, 0.9, 1.0, (0.9, 1.0), "A", "share", 0.02)
    assert Axis.over([one], zero=False, within=(0, 1)).end <= 1


def test_tints_lie_in_each_other_and_noise_inside_the_interval() -> None:
    one = Estimate(0.5, 0.3, 0.7, (0.4, 0.6), "A", "share", 0.1)
    bar = Axis(0, 1, (0, 1)).bar(one)
    assert bar.tints[0] == (30, 40)
    for (x, width), (inner, narrow) in zip(bar.tints, bar.tints[1:], strict=False):
        assert x < inner < bar.x < inner + narrow < x + width
    assert bar.noise == (40, 20)


def test_borders_of_classes_are_round_numbers_between_the_values() -> None:
    assert breaks([151, 1304, 1700, 2082, 3500, 3988]) == (1500, 3000)


def test_three_values_make_three_classes() -> None:
    low, high = breaks([10, 20, 30])
    assert 10 < low <= 20 < high <= 30


@pytest.mark.parametrize(
    ("level", "expected"),
    [("nuts2", {c for c in codes.nuts(2) if c < "BE3"}),
     ("nuts3", {c for c in codes.nuts(3) if c < "BE3"})],
)  # fmt: skip
def test_the_map_has_every_area_of_flanders_and_brussels(level: str, expected: set[str]) -> None:
    drawn = shapes(level)  # type: ignore[arg-type]
    assert {shape.code for shape in drawn.shapes} == expected
    for shape in drawn.shapes:
        assert shape.path.startswith("M")
        assert 0 < shape.x < WIDTH
        assert 0 < shape.y < drawn.height


def test_sure_areas_are_coloured_and_unsure_ones_are_not() -> None:
    found = coloured({"a": people(100, 9), "b": people(500, 9), "c": people(900, 9), "d": None})
    assert found is not None
    assert found.classes == {"a": 0, "b": 1, "c": 2}
    assert not found.dots


def test_a_map_has_dots_when_too_many_areas_may_be_in_another_class() -> None:
    found = coloured({str(k): people(500 + k, 60) for k in range(9)})
    assert found is not None
    assert found.dots


def test_two_areas_make_no_map() -> None:
    assert coloured({"a": people(1, 1), "b": people(2, 1), "c": None}) is None


def point(value: float) -> Estimate:
    return Estimate(value, value, value, (value, value), "C", "people", 3.0)


@pytest.mark.parametrize("within", [(0.0, float("inf")), (0.0, 1.0)])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_axis_over_one_single_point_still_has_a_width(
    value: float, within: tuple[float, float]
) -> None:
    axis = Axis.over([point(value)], zero=True, within=within)
    assert within[0] <= axis.start < axis.end <= within[1]
    assert 0 <= axis.at(value) <= 100


def test_a_map_of_areas_where_nobody_was_counted_is_drawn() -> None:
    drawn = coloured({"BE21": point(0.0), "BE22": point(0.0), "BE23": point(0.0)})
    assert drawn is not None
    assert set(drawn.radii.values()) == {0.0}
