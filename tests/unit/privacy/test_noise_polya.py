"""Polya shares: exact tables, and h of them are exactly discrete Laplace."""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from cast import tape
from scipy.stats import chisquare

from privacy.noise.cumulative import CumulativeTable, negative_binomial_table
from privacy.noise.polya import Polya, epsilon_if_fewer, pure_cost, ratio_of


def masses(table: CumulativeTable) -> np.ndarray:
    cumulative = [0, *(table.cumulative(k) for k in range(table.atoms))]
    return np.array([(b - a) / 2**128 for a, b in pairwise(cumulative)])


@pytest.mark.parametrize(("ratio", "size"), [("1/2", "1/3"), ("9/10", "1/150"), ("99/100", "1")])
def test_a_table_holds_the_exact_distribution(ratio: str, size: str) -> None:
    a, r = Fraction(ratio), Fraction(size)
    table = negative_binomial_table(a, r)
    with mpmath.workprec(400):
        whole, x, term, total = mpmath.mpf(2) ** 128, mpmath.mpf(a.numerator) / a.denominator, 1, 0
        shape = mpmath.mpf(r.numerator) / r.denominator
        term = (1 - x) ** shape
        for k in range(min(table.atoms - 1, 400)):
            total += term
            assert abs(table.cumulative(k) - int(mpmath.floor(whole * total))) <= 1
            term *= x * (shape + k) / (k + 1)


@pytest.mark.parametrize("honest", [1, 3, 8])
def test_h_shares_are_exactly_discrete_laplace(honest: int) -> None:
    noise = Polya(Fraction(1), Fraction(2), honest)
    half = masses(noise.half(Fraction(1, noise.honest)))
    both = np.array([1.0])
    for _ in range(honest):
        both = np.convolve(both, np.convolve(half, half[::-1]))
    centre, a = len(both) // 2, float(noise.ratio)
    k = np.arange(-60, 61)
    wanted = (1 - a) / (1 + a) * a ** np.abs(k)
    assert np.abs(both[centre + k] - wanted).max() < 5e-13


def test_the_ratio_is_rounded_towards_more_noise() -> None:
    for epsilon in (Fraction(1, 50), Fraction(3, 10), Fraction(2)):
        a = ratio_of(epsilon, Fraction(3))
        with mpmath.workprec(400):
            exact = mpmath.exp(-mpmath.mpf(epsilon.numerator) / (epsilon.denominator * 3))
            above = mpmath.mpf(a.numerator) / a.denominator - exact
        assert 0 < above <= 2**-191


def test_draws_follow_the_table() -> None:
    noise = Polya(Fraction(3, 10), Fraction(1), 5)
    drawn = noise.share(200_000, tape("polya"))
    half = masses(noise.half(Fraction(1, noise.honest)))
    both = np.convolve(half, half[::-1])
    centre = len(both) // 2
    seen = np.array([(drawn == k).sum() for k in range(-8, 9)])
    expected = both[centre - 8 : centre + 9] * len(drawn)
    rest = len(drawn) - seen.sum(), len(drawn) - expected.sum()
    assert chisquare([*seen, rest[0]], [*expected, rest[1]]).pvalue > 0.001


def test_variance_grows_with_the_centres_that_are_more_than_promised() -> None:
    noise = Polya(Fraction(1, 2), Fraction(1), 6)
    a = float(noise.ratio)
    assert float(noise.variance_of_sum(6)) == pytest.approx(2 * a / (1 - a) ** 2)
    assert noise.variance_of_sum(9) == noise.variance_of_sum(6) * Fraction(9, 6)
    shares = sum(noise.share(60_000, tape(f"share {k}")) for k in range(9))
    assert np.var(shares) == pytest.approx(float(noise.variance_of_sum(9)), rel=0.05)


def test_the_cost_is_that_of_pure_privacy() -> None:
    assert pure_cost(Fraction(1, 2)) == 125_000
    assert pure_cost(Fraction(1, 3)) == math.ceil(1e6 / 18)


def test_fewer_honest_shares_than_promised_weaken_the_promise_gently() -> None:
    """Known values at epsilon 0.1: 0.9 -> 0.15, 0.75 -> 0.25, 0.5 -> 0.61, 0.25 -> 1.35."""
    noise = Polya(Fraction(1, 10), Fraction(1), 100)
    found = [epsilon_if_fewer(noise, Fraction(b, 100), {1: 1}) for b in (100, 90, 75, 50, 25)]
    assert found == pytest.approx([0.1, 0.15, 0.25, 0.61, 1.35], abs=0.02)


@pytest.mark.parametrize("wrong", [(0, 1, 5), (1, 0, 5), (1, 1, 0)])
def test_nonsense_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"^epsilon .* positive|^honest .* at least 1"):
        _ = Polya(Fraction(wrong[0]), Fraction(wrong[1]), wrong[2]).ratio


def test_an_epsilon_that_leaves_the_ratio_no_room_below_1_is_refused() -> None:
    for bits in (191, 192, 300):
        with pytest.raises(ValueError, match=r"^epsilon is too small to be told from 0"):
            ratio_of(Fraction(1, 1 << bits), Fraction(1))
    assert 1 - ratio_of(Fraction(1, 1 << 190), Fraction(1)) == Fraction(2, 1 << 192)


def test_fewer_honest_shares_weaken_every_entry_that_one_person_changes() -> None:
    noise = Polya(Fraction(1, 5), Fraction(4), 20)
    half = Fraction(1, 2)
    one = epsilon_if_fewer(noise, half, {1: 1})
    assert epsilon_if_fewer(noise, half, {1: 4}) == pytest.approx(4 * one)
    assert one < epsilon_if_fewer(noise, half, {2: 1}) < 2 * one
    assert epsilon_if_fewer(noise, Fraction(1), {2: 1, 1: 2}) == pytest.approx(0.2, rel=1e-6)
