"""Real numbers into bounded integers: rows of two or three entries, worked by hand."""

from fractions import Fraction

import numpy as np
import pytest

from privacy.measures.parts import Part, hot, one_hot, whole_within


def part(d1: float, d2_squared: float, entry: float) -> Part:
    return Part("sum", (), 3, Fraction(1), Fraction(d1), Fraction(d2_squared), Fraction(entry))


WIDE = part(100, 10_000, 100)


def test_one_hot_rows_have_a_1_in_the_lane_of_each_person() -> None:
    assert hot(np.array([2, 0, 2]), 3).tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
    assert hot(np.array([], dtype=np.int64), 2).shape == (0, 2)
    one = Fraction(1)
    wanted = Part("count", ("gender",), 4, Fraction(1, 3), one, one, one)
    assert one_hot("count", ("gender",), 4, Fraction(1, 3)) == wanted


def test_numbers_are_multiplied_and_cut_toward_zero() -> None:
    assert whole_within(np.array([[0.39, -0.39, 1.0]]), WIDE, 10).tolist() == [[3, -3, 10]]
    assert whole_within(np.zeros((0, 3)), WIDE, 10).shape == (0, 3)


def test_an_entry_is_clipped_at_its_most() -> None:
    """1.25 x 10, rounded down."""
    narrow = part(100, 10_000, 1.25)
    assert whole_within(np.array([[9.0, -9.0, 1.0]]), narrow, 10).tolist() == [[12, -12, 10]]


def test_a_row_that_is_far_too_long_is_shrunk_as_a_whole() -> None:
    """(30, 40, 0) is 50 long; within 25 it is half of that, whatever the multiplier."""
    short = part(100, 6.25, 100)
    assert whole_within(np.array([[3.0, 4.0, 0.0]]), short, 10).tolist() == [[15, 20, 0]]


def test_a_row_whose_sum_is_far_too_large_is_shrunk_as_a_whole() -> None:
    """|60| + |-20| = 80; within 40 it is half of that."""
    light = part(4, 10_000, 100)
    assert whole_within(np.array([[6.0, -2.0, 0.0]]), light, 10).tolist() == [[30, -10, 0]]


def test_only_rows_beyond_their_bounds_are_changed() -> None:
    short = part(100, 6.25, 100)
    rows = np.array([[1.5, 2.0, 0.0], [3.0, 4.0, 0.0], [0.0, 2.5, 0.0], [0.0, 0.0, -9.9]])
    assert whole_within(rows, short, 10).tolist() == [
        [15, 20, 0], [15, 20, 0], [0, 25, 0], [0, 0, -25],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "held"),
    [
        ([10**10 + 1, 3, 0], [10**10, 3, 0]),
        ([3, -(10**10) - 1, 0], [3, -(10**10), 0]),
    ],
)
def test_a_row_a_hair_too_long_gives_one_step_of_its_largest_entry(
    row: list[int], held: list[int]
) -> None:
    """Nothing is shrunk for the last digits of a float: 1e-10 of a length is one step here."""
    hair = part(10**10 + 3, 10**30, 10**11)
    assert whole_within(np.array([row], dtype=np.float64), hair, 1).tolist() == [held]


def test_squares_are_held_exactly_where_floats_cannot_tell() -> None:
    """2^31 squared is 2^62: one more than the bound is seen, and one step is given."""
    exact = part(2**40, 2**62 - 1, 2**40)
    row = np.array([[2.0**31, 0.0, 0.0]])
    assert whole_within(row, exact, 1).tolist() == [[2**31 - 1, 0, 0]]
