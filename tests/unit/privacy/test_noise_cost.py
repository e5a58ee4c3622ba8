"""Prices: never below the true Renyi divergence, and what they mean in epsilon."""

import math
from fractions import Fraction

import numpy as np
import opendp.prelude as dp
import pytest
from dp_accounting.rdp.rdp_privacy_accountant import compute_epsilon
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from privacy.accounting.conversion import (
    epsilon,
    guess_odds,
    in_several_centres,
)
from privacy.accounting.event import Event
from privacy.audit.membership import delta_of_orders
from privacy.noise.family import Sensitivity
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam
from schemas.catalogue.default import BUDGET
from schemas.units import MicroRho

LARGEST = [
    (0.5, 6_641), (1.0, 24_355), (2.0, 88_079), (3.0, 185_055), (4.0, 310_840), (6.0, 634_325),
]  # fmt: skip
"""Most micro-rho within each epsilon at delta 1e-6: dp-accounting's `compute_epsilon` at integer
orders, by bisection."""


def cost(d1: int, d2_squared: int, mu: int) -> int:
    return Skellam(mu, 1).cost(Sensitivity(Fraction(d1), Fraction(d2_squared)))


def divergence(shift: int, mu: int, order: int) -> float:
    """Renyi divergence of Skellam(mu) + shift from Skellam(mu), summed term by term."""
    reach = 40 + 4 * order * shift + int(12 * mu**0.5)
    places = np.arange(-reach, reach + 1)
    with np.errstate(divide="ignore"):
        moved, still = (np.log(special.ive(np.abs(places - s), mu)) for s in (shift, 0))
    known = np.isfinite(moved) & np.isfinite(still)
    return float(special.logsumexp(order * moved[known] + (1 - order) * still[known])) / (order - 1)


@pytest.mark.parametrize("order", [2, 3, 5, 8, 16, 32])
@pytest.mark.parametrize("mu", [1, 2, 4, 9, 16, 64, 256])
@pytest.mark.parametrize("shifts", [(1,), (2,), (5,), (1, 1, 1), (3, 1)], ids=str)
def test_a_price_is_never_below_the_divergence_it_pays_for(
    shifts: tuple[int, ...], mu: int, order: int
) -> None:
    """Entries are independent, so the divergences of a vector's entries add up."""
    spent = sum(divergence(shift, mu, order) for shift in shifts)
    price = cost(sum(shifts), sum(s * s for s in shifts), mu)
    assert spent <= order * price / 1_000_000


def test_at_the_noise_of_a_real_round_a_price_is_nearly_the_gaussian_one() -> None:
    price = cost(50_000, 1_580_000_000, 2**32)
    assert price == pytest.approx(1_580_000_000 / 2 / 2**32 * 1e6, rel=1e-4)


SIZES = st.integers(0, 10**12)
NOISE = st.integers(1, 2**48)


@given(d1=SIZES, d2=SIZES, mu=NOISE, more=st.integers(0, 10**6))
def test_more_sensitivity_never_costs_less_and_more_noise_never_more(
    d1: int, d2: int, mu: int, more: int
) -> None:
    price = cost(d1, d2, mu)
    assert cost(d1 + more, d2, mu) >= price
    assert cost(d1, d2 + more, mu) >= price
    assert cost(d1, d2, mu + more) <= price


@given(d1=SIZES, d2=SIZES, mu=NOISE)
def test_a_price_is_rounded_up_by_less_than_one(d1: int, d2: int, mu: int) -> None:
    exact = 10**6 * (Fraction(d2 * (mu + 1), 2 * mu**2) + Fraction(3 * d1, 4 * mu**2))
    assert 0 <= cost(d1, d2, mu) - exact < 1


@pytest.mark.parametrize(
    ("d1", "d2", "mu", "why"),
    [(1, 1, 0, "at least 1"), (-1, 1, 4, "not negative"), (1, -1, 4, "not negative")],
)
def test_a_price_without_noise_or_of_negative_sensitivity_is_refused(
    d1: int, d2: int, mu: int, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        cost(d1, d2, mu)


@given(honest=st.integers(1, 200), times=st.integers(1, 9))
def test_polya_noise_costs_what_it_was_made_for_and_the_square_of_so_many_times_more(
    honest: int, times: int
) -> None:
    """Epsilon 1/2 at an L1 sensitivity of 3: 125,000; a person who moves k times 3 pays k^2."""
    noise = Polya(Fraction(1, 2), Fraction(3), honest)
    assert noise.cost(Sensitivity(Fraction(3 * times), Fraction(9))) == 125_000 * times**2


def test_an_event_costs_what_its_noise_says() -> None:
    """Skellam of variance 1,000 on one 10: 100 / 2000 x 1.001 + 30 / 4e6 = 0.0500575."""
    event = Event(Skellam(1_000, 5), Sensitivity(Fraction(10), Fraction(100)))
    assert event.cost == 50_058


@pytest.mark.parametrize(("within", "rho"), LARGEST)
def test_a_price_is_within_its_epsilon_and_one_micro_rho_more_is_not(
    within: float, rho: int
) -> None:
    assert epsilon(MicroRho(rho), 1e-6) <= within < epsilon(MicroRho(rho + 1), 1e-6)


@pytest.mark.parametrize("delta", [1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("rho", [356, 24_355, 138_840, 160_000, 185_055, 740_220, 10_000_000])
def test_epsilon_is_that_of_another_accountant_at_integer_orders(rho: int, delta: float) -> None:
    orders = range(2, 2_000)
    theirs, order = compute_epsilon(list(orders), [a * rho / 1e6 for a in orders], delta)
    assert epsilon(MicroRho(rho), delta) == pytest.approx(theirs, rel=1e-12)
    assert order == int(order)


def opendp_epsilon(rho: int, delta: float) -> float:
    """OpenDP's conversion of rho-zCDP, which may use any real order."""
    dp.enable_features("contrib", "honest-but-curious")
    measurement = dp.m.make_user_measurement(
        dp.atom_domain(T=int),
        dp.absolute_distance(T=int),
        output_measure=dp.zero_concentrated_divergence(),
        function=lambda _: 0,
        privacy_map=lambda d: rho / 1_000_000 * d * d,
    )
    return float(dp.c.make_zCDP_to_approxDP(measurement).map(1).epsilon(delta))


def test_no_order_is_used_at_which_the_price_of_skellam_noise_is_not_proven() -> None:
    """160,000 micro-rho are epsilon 2.7739, at order 10.

    Between orders 9 and 10 zCDP would allow 2.7693; that is proven for Gaussian noise alone.
    """
    assert epsilon(MicroRho(160_000), 1e-6) == pytest.approx(2.7738534, abs=1e-7)
    assert opendp_epsilon(160_000, 1e-6) == pytest.approx(2.7692706, abs=1e-7)


@pytest.mark.parametrize(("within", "rho"), LARGEST)
def test_opendp_agrees_within_half_a_percent_and_never_says_more(within: float, rho: int) -> None:
    assert 0.995 * within < opendp_epsilon(rho, 1e-6) <= epsilon(MicroRho(rho), 1e-6)


@pytest.mark.parametrize("delta", [1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("rho", [24_355, 185_055, 10_000_000])
def test_delta_at_the_epsilon_of_a_delta_is_that_delta(rho: int, delta: float) -> None:
    there = epsilon(MicroRho(rho), delta)
    assert delta_of_orders(MicroRho(rho), there) == pytest.approx(delta, rel=1e-9)


def test_delta_is_a_chance() -> None:
    """Order 2 at rho 10: exp(20 - epsilon) / 4; at epsilon 0 that is far above 1."""
    wanted = math.exp(-5) / 4
    assert delta_of_orders(MicroRho(10_000_000), 25.0) == pytest.approx(wanted, rel=1e-9)
    assert delta_of_orders(MicroRho(10_000_000), 0.0) == 1.0


@pytest.mark.parametrize("rho", [24_355, 185_055])
def test_epsilon_is_above_that_of_the_gaussian_which_costs_the_same(rho: int) -> None:
    """Exact for Gaussian noise (Balle and Wang 2018), so no valid conversion goes below."""
    shift, eps = (2 * rho / 1e6) ** 0.5, epsilon(MicroRho(rho), 1e-6)
    spent = stats.norm.cdf(shift / 2 - eps / shift) - np.exp(eps) * stats.norm.cdf(
        -shift / 2 - eps / shift
    )
    assert 0 < spent <= 1e-6


def test_nothing_spent_is_epsilon_0_and_the_least_that_can_be_spent_is_more() -> None:
    assert epsilon(MicroRho(0), 1e-6) == 0
    assert epsilon(MicroRho(1), 1e-6) > 0


def test_at_a_cost_of_ten_the_lowest_order_gives_the_bound() -> None:
    """Order 2: 2 rho + ln(1 / delta) + ln(1 / 2) - ln 2 = 20 + ln(250,000)."""
    wanted = 20 + math.log(250_000)
    assert epsilon(MicroRho(10_000_000), 1e-6) == pytest.approx(wanted, rel=1e-9)


def test_an_all_knowing_guesser_is_right_67_times_in_100_at_the_yearly_budget() -> None:
    assert guess_odds(BUDGET) == pytest.approx(66.74, abs=0.01)
    assert guess_odds(MicroRho(500_000)) == pytest.approx(50 + 25 * math.sqrt(math.e - 1), rel=1e-9)
    assert guess_odds(MicroRho(0)) == 50
    assert guess_odds(MicroRho(10_000_000)) == 100


@pytest.mark.parametrize("rho", [1_000, 24_355, 185_055, 400_000])
def test_the_odds_of_a_guess_bound_the_best_test_against_gaussian_noise(rho: int) -> None:
    best = 100 * stats.norm.cdf((2 * rho / 1e6) ** 0.5 / 2)
    assert 50 < best <= guess_odds(MicroRho(rho))


def test_a_client_of_two_centres_pays_four_times_which_is_epsilon_6_and_a_half() -> None:
    both = in_several_centres(BUDGET, 2)
    assert both == 4 * BUDGET
    assert epsilon(both, 1e-6) == pytest.approx(6.5, abs=0.1)
    assert in_several_centres(BUDGET, 1) == BUDGET
