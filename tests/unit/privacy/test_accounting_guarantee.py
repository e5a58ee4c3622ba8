"""What a release guarantees under either family of noise: small layouts by hand."""

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from encode_people import declared, programme_of

from privacy.accounting.conversion import epsilon, guess_odds, guess_odds_of_pure
from privacy.accounting.degraded import if_counted_twice, if_fewer_honest
from privacy.encode.layout import Layout, make_layout
from privacy.noise.excess import sampler_delta
from privacy.noise.polya import Polya, epsilon_if_fewer, pure_cost
from schemas.measures import Count, Mean

COUNT = declared("counted", Count())
MEAN = declared(
    "felt",
    Mean(value="level", variables=("meaning",), centres=(3_000,), lower=-2_000, upper=2_000,
         norm=2_000),
    views=((),),
)  # fmt: skip


def laid_out(statistic: Any = COUNT, price: int = 20_000, **noise: Any) -> Layout:
    programme = programme_of((statistic, price), **noise)
    return make_layout(programme, [ask.key for ask in programme.asks])


@pytest.mark.parametrize(
    ("loss", "price"),
    [
        (Fraction(1), 500_000),
        (Fraction(1, 5), 20_000),
        (Fraction(3), 4_500_000),
        (Fraction(1, 3), 55_556),  # 55,555.6 is rounded up
        (Fraction(1, 1_000), 1),
    ],
)
def test_pure_privacy_costs_half_the_square_of_its_epsilon(loss: Fraction, price: int) -> None:
    assert pure_cost(loss) == price


def test_the_best_guess_under_pure_privacy_is_right_in_proportion_to_e_to_the_epsilon() -> None:
    """Odds of 3 to 1 at ln 3; blind at 0."""
    assert guess_odds_of_pure(math.log(3)) == pytest.approx(75)
    assert guess_odds_of_pure(0.0) == 50
    assert guess_odds_of_pure(math.log(9)) == pytest.approx(90)


def test_under_skellam_noise_the_promise_is_that_of_the_price() -> None:
    layout = laid_out()
    assert layout.guarantee(4, 1e-6).epsilon == epsilon(layout.declared, 1e-6)
    assert layout.guarantee(4, 1e-3).epsilon == epsilon(layout.declared, 1e-3)
    assert layout.guarantee(4, 1e-3).epsilon_twice == if_counted_twice(layout.declared, 1e-3)
    assert layout.guarantee(4, 1e-6).odds == guess_odds(layout.declared)
    assert layout.guarantee(6, 1e-3).if_fewer() == if_fewer_honest(layout.declared, 6, 1e-3)


def test_under_polya_noise_the_promise_is_pure() -> None:
    """20,000 micro-rho are an epsilon of 0.2, whatever the delta."""
    layout = laid_out(noise="polya")
    assert layout.guarantee(4, 1e-6).epsilon == layout.guarantee(4, 0.1).epsilon == 0.2
    assert layout.guarantee(4, 1e-6).epsilon_twice == 0.4
    assert layout.guarantee(4, 1e-6).odds == pytest.approx(
        100 * math.exp(0.2) / (1 + math.exp(0.2))
    )


def test_a_person_moves_one_entry_of_a_table_of_whole_numbers() -> None:
    assert laid_out(noise="polya").shifts == {1: 1, 2: 2}


def test_where_fractions_are_added_as_many_ones_are_taken_as_she_may_add() -> None:
    layout = laid_out(MEAN, 100_000, noise="polya")
    by_role = {block.part.role: block.multiplier for block in layout.blocks}
    # Sums reach 2, squares 4, and a step more by rounding; people are counted in whole numbers.
    wanted = [1] * (2 * by_role["sum"] + 1) + [1] * (4 * by_role["square"] + 1)
    wanted += [by_role["people"], by_role["known"]]
    assert layout.shifts == Counter(wanted)


@pytest.mark.parametrize(("honest", "kept"), [(8, [8, 6, 4, 2]), (3, [3, 2, 1]), (1, [1])])
def test_fewer_honest_shares_leave_less_of_a_pure_promise(honest: int, kept: list[int]) -> None:
    layout = laid_out(noise="polya")
    rows = layout.guarantee(honest, 1e-6).if_fewer()
    assert [row.honest for row in rows] == kept
    noise = Polya(Fraction(1, 5), Fraction(5), honest)
    for row in rows:
        left = epsilon_if_fewer(noise, Fraction(row.honest, honest), {1: 1, 2: 2})
        assert row.epsilon == left
        assert row.rho == math.ceil(Fraction(left) ** 2 / 2 * 1_000_000)
        assert row.odds == pytest.approx(100 / (1 + math.exp(-left)))


@pytest.mark.parametrize("family", [{}, {"noise": "polya"}])
def test_tables_add_to_delta_what_their_noise_in_this_round_adds(family: dict[str, Any]) -> None:
    layout = laid_out(**family)
    wanted = sampler_delta(
        layout.noise(4), (4, 6), layout.length, 9, layout.guarantee(4, 1e-5).epsilon
    )
    assert layout.guarantee(4, 1e-5).sampler_delta((4, 6), layout.length, 9) == wanted > 0
