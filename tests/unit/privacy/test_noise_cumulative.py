"""Cumulative tables of Poisson distributions, exact to 128 bits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from privacy.noise.cumulative import CumulativeTable, poisson_table
from privacy.noise.sampler import distance_bound

RATES = [Fraction(1, 1000), Fraction(1, 3), Fraction(1), Fraction(15, 2), Fraction(1024, 12)]


def exact_cumulative(rate: Fraction, last: int) -> list[int]:
    """floor(2^128 F(k)) for k = 0..last, from exp(-rate) rate^k / k! at 512 bits."""
    with mpmath.workprec(512):
        exact = mpmath.mpf(rate.numerator) / rate.denominator
        weight, total, found = mpmath.exp(-exact), mpmath.mpf(0), []
        for k in range(last + 1):
            total += weight
            found.append(int(mpmath.floor(mpmath.ldexp(total, 128))))
            weight *= exact / (k + 1)
    return found


def values(table: CumulativeTable) -> range:
    return range(table.first, table.first + table.atoms)


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_table_is_the_distribution_function_to_the_last_bit_but_one(rate: Fraction) -> None:
    table = poisson_table(rate)
    exact = exact_cumulative(rate, values(table)[-1])
    assert all(abs(table.cumulative(k) - exact[k]) <= 1 for k in values(table)[:-1])


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_what_a_table_leaves_out_is_below_its_last_bit(rate: Fraction) -> None:
    table = poisson_table(rate)
    exact = exact_cumulative(rate, values(table)[-1])
    assert table.first == 0 or exact[table.first - 1] == 0
    assert 2**128 - exact[-1] <= 1
    assert table.cumulative(values(table)[-1]) == 2**128 - 1


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_the_distance_to_the_ideal_is_within_its_bound(rate: Fraction) -> None:
    table = poisson_table(rate)
    exact = [0, *exact_cumulative(rate, values(table)[-1])]
    ours = [0, *(table.cumulative(k) for k in values(table)[:-1]), 2**128]
    ideal = [0, *(exact[k + 1] for k in values(table))]
    distance = sum(abs(a - b) for a, b in zip(np.diff(ours), np.diff(ideal), strict=True)) / 2
    assert distance * 2.0**-128 <= distance_bound(table)


def test_the_table_of_a_real_round_is_exact_as_well() -> None:
    """Rate 2^32 / (2 x 6 honest shares). scipy is off by 2e-6 here, so 256 bits are the judge."""
    rate = Fraction(2**32, 12)
    table = poisson_table(rate)
    assert distance_bound(table) < 2.0**-108
    with mpmath.workprec(256):
        exact = mpmath.mpf(rate.numerator) / rate.denominator
        for k in (int(rate) + step for step in (-90_000, -20_000, -1, 0, 1, 30_000, 120_000)):
            chance = mpmath.exp(k * mpmath.log(exact) - exact - mpmath.loggamma(k + 1))
            ours = table.cumulative(k) - table.cumulative(k - 1)
            assert abs(ours - mpmath.ldexp(chance, 128)) <= 1


@pytest.mark.parametrize("rate", [*RATES, Fraction(10**6)], ids=str)
def test_a_table_never_goes_down(rate: Fraction) -> None:
    table = poisson_table(rate)
    assert np.all(np.diff(table.high.astype(object)) >= 0)
    numbers = [table.cumulative(k) for k in values(table)]
    assert numbers == sorted(numbers)


def test_a_table_is_made_once() -> None:
    assert poisson_table(Fraction(7, 2)) is poisson_table(Fraction(14, 4))


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-1, 2)])
def test_a_rate_that_is_not_positive_is_refused(rate: Fraction) -> None:
    with pytest.raises(ValueError, match="rate is positive"):
        poisson_table(rate)
