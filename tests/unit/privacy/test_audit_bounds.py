"""What hits and false alarms prove: exact rates as scipy gives them, and what follows."""

import math

import pytest
from scipy.stats import beta, norm

from privacy.audit.bounds import Guesses, lower_rate, upper_rate

RATES = [(0, 50), (1, 50), (25, 50), (50, 50), (9_731, 20_000)]


def exact_low(hits: int, trials: int) -> float:
    """Clopper and Pearson by quantiles of the beta distribution."""
    return float(beta.ppf(0.025, hits, trials - hits + 1)) if hits else 0.0


def exact_high(hits: int, trials: int) -> float:
    return float(beta.ppf(0.975, hits + 1, trials - hits)) if hits < trials else 1.0


@pytest.mark.parametrize(("hits", "trials"), RATES)
def test_rates_are_bounded_as_by_clopper_and_pearson(hits: int, trials: int) -> None:
    assert lower_rate(hits, trials) == pytest.approx(exact_low(hits, trials), abs=1e-12)
    assert upper_rate(hits, trials) == pytest.approx(exact_high(hits, trials), abs=1e-12)


def test_one_hit_in_one_trial_has_a_known_bound() -> None:
    """P(1 of 1) = rate, which is 2.5% at 0.025."""
    assert lower_rate(1, 1) == pytest.approx(0.025, abs=1e-12)
    assert upper_rate(0, 1) == pytest.approx(0.975, abs=1e-12)
    assert (lower_rate(0, 1), upper_rate(1, 1)) == (0.0, 1.0)


def test_blind_guesses_prove_nothing() -> None:
    blind = Guesses(500, 1_000, 500, 1_000)
    assert (blind.mu_proven, blind.epsilon_proven) == (0.0, 0.0)


def test_good_guesses_prove_what_their_bounds_do() -> None:
    good = Guesses(hits=700, planted=1_000, false_alarms=150, others=900)
    hit, alarm = exact_low(700, 1_000), exact_high(150, 900)
    assert good.mu_proven == pytest.approx(norm.ppf(hit) - norm.ppf(alarm), abs=1e-8)
    assert good.epsilon_proven == pytest.approx(math.log(hit / alarm), abs=1e-8)


def test_a_guesser_that_is_always_right_proves_much() -> None:
    sure = Guesses(1_000, 1_000, 0, 1_000)
    assert sure.mu_proven > 5
    assert sure.epsilon_proven > 5


@pytest.mark.parametrize("guesses", [Guesses(0, 10, 0, 10), Guesses(0, 10, 10, 10)])
def test_without_a_hit_nothing_is_proven(guesses: Guesses) -> None:
    assert (guesses.mu_proven, guesses.epsilon_proven) == (0.0, 0.0)


def test_who_always_says_there_proves_nothing() -> None:
    always = Guesses(10, 10, 10, 10)
    assert (always.mu_proven, always.epsilon_proven) == (0.0, 0.0)
