"""Draws are the number of cumulative values that do not exceed 128 uniform bits."""

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from cast import tape
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from privacy.noise.cumulative import CumulativeTable, poisson_table
from privacy.noise.sampler import distance_bound, draw

TOP = 2**64 - 1


def table_of(*cumulative: int, first: int = 0) -> CumulativeTable:
    return CumulativeTable(
        first,
        np.array([c >> 64 for c in cumulative], dtype=np.uint64),
        np.array([c & TOP for c in cumulative], dtype=np.uint64),
    )


def words(*given: int) -> Callable[[int], bytes]:
    """A source that gives these 64-bit words in turn."""
    left = list(given)

    def read(size: int) -> bytes:
        taken, left[:] = left[: size // 8], left[size // 8 :]
        return b"".join(word.to_bytes(8, "little") for word in taken)

    return read


TIES = table_of(5 << 64 | 10, 5 << 64 | 20, 7 << 64, 2**128 - 1, first=40)


@pytest.mark.parametrize(
    ("high", "low", "drawn"),
    [(5, 0, 0), (5, 9, 0), (5, 10, 1), (5, 19, 1), (5, 20, 2), (5, TOP, 2), (7, 0, 3), (7, 9, 3)],
)
def test_a_tie_in_the_high_half_is_settled_by_64_more_bits(high: int, low: int, drawn: int) -> None:
    assert draw(TIES, 1, words(high, low)).tolist() == [40 + drawn]


@pytest.mark.parametrize(("high", "drawn"), [(0, 0), (4, 0), (6, 2), (8, 3), (TOP - 1, 3)])
def test_without_a_tie_no_more_bits_are_drawn(high: int, drawn: int) -> None:
    assert draw(TIES, 1, words(high)).tolist() == [40 + drawn]


@pytest.mark.parametrize(
    ("high", "low", "drawn"), [(5, 9, 0), (5, 10, 1), (7, 2, 1), (7, 3, 2), (8, 0, 2)]
)
def test_a_tie_with_one_value_alone_is_settled_at_the_start_and_later(
    high: int, low: int, drawn: int
) -> None:
    alone = table_of(5 << 64 | 10, 7 << 64 | 3, 2**128 - 1)
    assert draw(alone, 1, words(high, low)).tolist() == [drawn]


def test_a_draw_asks_for_64_bits_and_for_64_more_at_a_tie() -> None:
    asked: list[int] = []
    source = words(5, 0, 5, 7, 20, 9, 3)

    def read(size: int) -> bytes:
        asked.append(size)
        return source(size)

    draw(TIES, 4, read)
    assert asked == [4 * 8, 8, 8, 8]


def test_a_table_of_four_values_is_at_most_five_units_from_the_ideal() -> None:
    assert distance_bound(TIES) == 5 * 2.0**-128


def test_the_last_value_takes_the_tail() -> None:
    assert draw(TIES, 1, words(TOP, TOP)).tolist() == [43]


def test_several_ties_in_one_draw_are_settled_in_their_order() -> None:
    assert draw(TIES, 4, words(5, 0, 5, 7, 20, 9, 3)).tolist() == [42, 40, 40, 43]


WORD = st.integers(0, TOP)


@given(
    numbers=st.lists(st.integers(0, 4).flatmap(lambda h: WORD.map(lambda low: h << 64 | low)),
                     min_size=1, max_size=8),
    high=st.integers(0, 5), low=WORD,
)  # fmt: skip
def test_a_draw_counts_the_values_that_do_not_exceed_it(
    numbers: list[int], high: int, low: int
) -> None:
    table = table_of(*sorted(numbers))
    wanted = min(sum(number <= high << 64 | low for number in numbers), table.atoms - 1)
    assert draw(table, 1, words(high, low)).tolist() == [wanted]


@pytest.mark.parametrize("rate", [Fraction(1, 3), Fraction(4), Fraction(50)], ids=str)
def test_draws_are_distributed_as_the_table_says(rate: Fraction) -> None:
    drawn = draw(poisson_table(rate), 200_000, tape(f"chi-square {rate}"))
    low, high = (int(stats.poisson.ppf(q, float(rate))) for q in (1e-4, 1 - 1e-4))
    seen = np.bincount(np.clip(drawn, low, high), minlength=high + 1)[low : high + 1]
    chances = stats.poisson.pmf(np.arange(low, high + 1), float(rate))
    chances[0] = stats.poisson.cdf(low, float(rate))
    chances[-1] = stats.poisson.sf(high - 1, float(rate))
    assert stats.chisquare(seen, chances * len(drawn)).pvalue > 0.01


def test_no_draws_need_no_bits() -> None:
    assert draw(TIES, 0, words()).tolist() == []


@pytest.mark.parametrize("rate", [Fraction(1, 3), Fraction(40), Fraction(90_000)])
def test_beside_every_value_and_every_stretch_of_the_guide_a_draw_is_the_count(
    rate: Fraction,
) -> None:
    """Python's bisect over whole 128-bit integers says how many values do not exceed a word."""
    table = poisson_table(rate)
    values = [table.cumulative(k) for k in range(table.first, table.first + table.atoms)]
    edges = {int(v) for v in table.high} | {b << 48 for b in range(0, 2**16, 37)}
    asked = [w for edge in sorted(edges) for w in (edge - 1, edge, edge + 1) if 0 <= w < TOP]
    tied = {int(v) for v in table.high}
    low = 2**63
    drawn = draw(table, len(asked), words(*asked, *[low for w in asked if w in tied]))
    counts = [bisect_right(values, w << 64 | (low if w in tied else 0)) for w in asked]
    assert drawn.tolist() == [table.first + min(c, table.atoms - 1) for c in counts]
