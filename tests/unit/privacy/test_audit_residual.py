"""Scores of noise: of four numbers by hand, and of noise that is sound or is not."""

import math

import numpy as np
import pytest

from privacy.audit.residual import Residual, correlation, examine


def test_scores_of_four_numbers() -> None:
    """Squares 9, 9, 1, 1: mean 5 against mu 2, whose mean square has variance (8 + 2) / 4."""
    found = examine(np.array([3, -3, 1, 1]), 2)
    assert found.variance == pytest.approx((5 - 2) / math.sqrt(2.5))
    assert found.mean == pytest.approx(0.5 * math.sqrt(4 / 2))
    # 3 x -3, -3 x 1 and 1 x 1 over the lengths of (3, -3, 1) and (-3, 1, 1)
    assert found.neighbours == pytest.approx(-11 / math.sqrt(19 * 11) * math.sqrt(3))


def test_a_correlation_of_one_is_the_root_of_the_length() -> None:
    noise = np.array([3, -1, 2, 0])
    assert correlation(noise, 2 * noise) == pytest.approx(2)
    assert correlation(noise, -noise) == pytest.approx(-2)


def test_silence_is_correlated_with_nothing() -> None:
    silence, noise = np.zeros(4, dtype=np.int64), np.array([3, -1, 2, 0])
    assert correlation(silence, noise) == correlation(noise, silence) == 0


@pytest.mark.parametrize(
    ("scores", "sound"),
    [
        ((0.0, 0.0, 0.0), True),
        ((3.9, 3.9, -3.9), True),
        ((100.0, 0.0, 0.0), True),
        ((-4.1, 0.0, 0.0), False),
        ((0.0, 4.1, 0.0), False),
        ((0.0, -4.1, 0.0), False),
        ((0.0, 0.0, 4.1), False),
        ((0.0, 0.0, -4.1), False),
    ],
)
def test_noise_is_sound_unless_a_score_is_a_finding(
    scores: tuple[float, float, float], sound: bool
) -> None:
    """More variance than was promised is none."""
    assert Residual(*scores).sound == sound


def test_scores_of_sound_noise_are_standard_normal_and_of_doubled_noise_are_not() -> None:
    noise = np.random.default_rng(5).normal(0, 100, 50_000).round().astype(np.int64)
    assert examine(noise, 100**2).sound
    assert not examine(noise // 2, 100**2).sound
    assert not examine(np.repeat(noise[::2], 2), 100**2).sound
    assert correlation(noise, noise) > 100
