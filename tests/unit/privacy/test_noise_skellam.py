"""Skellam noise in shares: any h of them are the whole noise."""

from fractions import Fraction

import numpy as np
import pytest
from cast import tape
from numpy.typing import NDArray
from scipy import special, stats

from privacy.noise.cumulative import CumulativeTable
from privacy.noise.skellam import Skellam

Floats = NDArray[np.float64]


def chances(table: CumulativeTable) -> Floats:
    """P(k) for k = 0.., from the table's own integers."""
    numbers = [table.cumulative(k) for k in range(table.first, table.first + table.atoms)]
    steps = np.array([b - a for a, b in zip([0, *numbers], numbers, strict=False)], dtype=object)
    return np.concatenate([np.zeros(table.first), (steps / 2**128).astype(float)])


def skellam(mu: int, values: NDArray[np.int64]) -> Floats:
    """P(k) = e^-mu I_|k|(mu)."""
    return np.asarray(special.ive(np.abs(values), mu), dtype=np.float64)


@pytest.mark.parametrize(("mu", "honest"), [(1, 1), (9, 3), (40, 6), (64, 12)])
def test_h_shares_add_up_to_exactly_the_whole_noise(mu: int, honest: int) -> None:
    half = chances(Skellam(mu, honest).half(Fraction(1, honest)))
    share = np.convolve(half, half[::-1])
    whole = np.ones(1)
    for _ in range(honest):
        whole = np.convolve(whole, share)
    reach = len(whole) // 2
    assert np.abs(whole - skellam(mu, np.arange(-reach, reach + 1))).max() < 1e-12


def test_one_share_less_is_less_than_the_whole_noise() -> None:
    noise = Skellam(40, 6)
    half = chances(noise.half(Fraction(1, noise.honest)))
    places = np.arange(len(half))
    variance = 2 * ((places**2 * half).sum() - (places * half).sum() ** 2)
    assert 6 * variance == pytest.approx(40, rel=1e-12)
    assert 5 * variance < 34


@pytest.mark.parametrize(("mu", "honest"), [(9, 3), (2**32, 6)])
def test_a_share_has_mean_0_and_its_part_of_the_variance(mu: int, honest: int) -> None:
    drawn = Skellam(mu, honest).share(200_000, tape(f"share {mu}"))
    sigma = (mu / honest) ** 0.5
    assert drawn.dtype == np.int64
    assert abs(drawn.mean()) < 4 * sigma / len(drawn) ** 0.5
    assert drawn.var() == pytest.approx(mu / honest, rel=0.02)


def test_a_share_is_distributed_as_skellam() -> None:
    drawn = Skellam(54, 6).share(200_000, tape("skellam of 9"))
    inside = np.arange(-12, 13)
    seen = np.array([(np.clip(drawn, -12, 12) == k).sum() for k in inside])
    expected = skellam(9, inside)
    expected[0] = expected[-1] = (1 - skellam(9, inside[1:-1]).sum()) / 2
    assert stats.chisquare(seen, expected * len(drawn)).pvalue > 0.01


def test_the_entries_of_a_share_do_not_go_together() -> None:
    drawn = Skellam(2**20, 6).share(100_000, tape("entries")).astype(float)
    for lag in (1, 2, 50_000):
        assert abs(np.corrcoef(drawn[:-lag], drawn[lag:])[0, 1]) < 0.02


def test_further_shares_add_their_own_variance() -> None:
    assert Skellam(60, 6).variance_of_sum(6) == 60
    assert Skellam(60, 7).variance_of_sum(10) == Fraction(600, 7)


@pytest.mark.parametrize(("mu", "honest"), [(0, 3), (-1, 3), (9, 0), (9, -2)])
def test_no_noise_and_no_honest_share_are_refused(mu: int, honest: int) -> None:
    with pytest.raises(ValueError, match=r"^variance and honest shares are at least 1"):
        Skellam(mu, honest)
