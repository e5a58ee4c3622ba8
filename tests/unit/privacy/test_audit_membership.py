"""The likelihood-ratio guess against laws that are known otherwise."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import skellam

from privacy.accounting.conversion import epsilon
from privacy.audit.bounds import Guesses
from privacy.audit.membership import Attack, delta_of_orders, log_pmf, log_ratios
from schemas.units import MicroRho

MOVES = np.array([300, -400, 1_200], dtype=np.int64)
VARIANCE = 1_000.0**2
MU = math.sqrt(300**2 + 400**2 + 1_200**2) / 1_000


def attack(noise: np.ndarray, moves: np.ndarray = MOVES) -> Attack:
    absent, present = log_ratios(noise, moves, VARIANCE)
    return Attack(absent.sum(axis=1), present.sum(axis=1))


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    rng = np.random.default_rng(11)
    half = VARIANCE / 2
    return rng.poisson(half, (40_000, 3)) - rng.poisson(half, (40_000, 3))


@pytest.mark.parametrize(("variance", "within"), [(100, 1e-5), (1_000, 1e-7), (100_000, 1e-10)])
def test_the_expansion_is_skellams_own_probability_far_into_the_tails(
    variance: int, within: float
) -> None:
    reach = int(6 * math.sqrt(variance))
    values = np.arange(-reach, reach + 1)
    exact = skellam.logpmf(values, variance / 2, variance / 2)
    assert np.abs(log_pmf(values, variance) - exact).max() < within


def test_ratios_compare_noise_with_and_without_her() -> None:
    seen, moves = np.array([[70, -30]]), np.array([20, -10])
    absent, present = log_ratios(seen, moves, 900)
    assert absent == pytest.approx(log_pmf(seen - moves, 900) - log_pmf(seen, 900))
    assert present == pytest.approx(log_pmf(seen, 900) - log_pmf(seen + moves, 900))


def test_the_attack_reaches_what_gaussian_privacy_allows_and_proves_no_more(
    noise: np.ndarray,
) -> None:
    found = attack(noise)
    assert found.separation == pytest.approx(MU, rel=0.015)
    assert 0.95 * MU < found.guesses().mu_proven < MU
    assert found.right == pytest.approx(100 * NormalDist().cdf(MU / 2), abs=0.5)


def test_a_proven_separation_is_below_the_estimate_and_nearer_with_more_trials(
    noise: np.ndarray,
) -> None:
    many, few = attack(noise), attack(noise[:500])
    assert many.separation_proven < many.separation
    assert many.separation_proven / many.separation == pytest.approx(1 / (1 + 4 / 80_000**0.5))
    assert few.separation_proven / few.separation == pytest.approx(1 / (1 + 4 / 1_000**0.5))


@pytest.mark.parametrize("epsilon", [0.0, 0.5, 1.0, 2.0])
def test_a_proven_delta_lies_under_the_exact_curve_and_near_it(
    noise: np.ndarray, epsilon: float
) -> None:
    below = NormalDist().cdf
    exact = below(MU / 2 - epsilon / MU) - math.exp(epsilon) * below(-MU / 2 - epsilon / MU)
    assert 0.7 * exact < attack(noise).delta_proven(epsilon) < exact


def test_of_a_client_who_moves_nothing_nothing_is_proven(noise: np.ndarray) -> None:
    found = attack(noise, np.array([1, 0, 0]))
    assert found.delta_proven(0.1) == 0.0
    assert found.guesses().mu_proven < 0.01


@pytest.mark.parametrize("rho", [1_000, 24_355, 185_055])
@pytest.mark.parametrize("delta", [1e-6, 1e-3])
def test_delta_and_epsilon_are_read_from_one_curve(rho: int, delta: float) -> None:
    price = MicroRho(rho)
    there = epsilon(price, delta)
    assert delta_of_orders(price, there) == pytest.approx(delta, rel=1e-9)
    assert delta_of_orders(price, 0.0) <= 1


def test_a_score_at_the_threshold_is_a_guess_that_she_was_there() -> None:
    found = Attack(np.array([-1.0, 0.0, 0.5]), np.array([-2.0, 0.0, 0.0, 3.0]))
    assert found.guesses() == Guesses(hits=3, planted=4, false_alarms=2, others=3)
    assert found.guesses(0.5) == Guesses(hits=1, planted=4, false_alarms=1, others=3)
