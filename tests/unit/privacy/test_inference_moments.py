"""Noisy matrices: whether they may be inverted, and what noise does to what follows."""

import math

import numpy as np
import pytest

from privacy.inference.moments import clearly_positive, mean_square, noise_se, symmetric


def test_a_matrix_is_clear_when_it_stands_above_its_noise_every_way() -> None:
    matrix = np.diag([100.0, 100.0])
    assert clearly_positive(matrix, np.full((2, 2), 23.0**2))
    assert not clearly_positive(matrix, np.full((2, 2), 24.0**2))
    assert not clearly_positive(np.array([[1.0, 2.0], [2.0, 1.0]]), np.zeros((2, 2)))
    assert not clearly_positive(np.diag([100.0, 1.0]), np.full((2, 2), 9.0))


def test_noise_of_a_product_is_what_the_delta_method_says() -> None:
    found = noise_se(lambda lanes: lanes[..., :1] * lanes[..., 1:], np.array([3.0, 5.0]),
                     np.array([0.1, 0.2]))  # fmt: skip
    assert found == pytest.approx([math.hypot(5 * 0.1, 3 * 0.2)])


def test_packed_entries_fill_both_halves() -> None:
    packed = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = symmetric(packed, [(0, 0), (0, 1)], 2)
    assert found.tolist() == [[[1, 2], [2, 0]], [[3, 4], [4, 0]]]


def test_who_is_clear_depends_on_how_many_times() -> None:
    """Of one number: 100 is 4 x 25, 3 x 33.3 and 2 x 50 standard errors."""
    matrix = np.array([[100.0]])
    for times, se in ((4.0, 25.0), (3.0, 100 / 3), (2.0, 50.0)):
        assert clearly_positive(matrix, np.array([[0.999 * se**2]]), times)
        assert not clearly_positive(matrix, np.array([[1.001 * se**2]]), times)
    assert clearly_positive(matrix, np.array([[1_111.0]]))
    assert not clearly_positive(matrix, np.array([[1_112.0]]))


def test_noise_is_judged_in_every_direction_of_a_matrix_that_leans() -> None:
    """A^-1/2 E[E A^-1 E] A^-1/2 by simulation: its largest eigenvalue is 1 / times^2."""
    matrix = np.array([[4.0, 1.5], [1.5, 1.0]])
    variance = np.array([[0.02, 0.01], [0.01, 0.03]])
    rng = np.random.default_rng(4)
    drawn = rng.normal(size=(200_000, 2, 2)) * np.sqrt(variance)
    noise = np.triu(drawn) + np.transpose(np.triu(drawn, 1), (0, 2, 1))
    square = (noise @ np.linalg.inv(matrix) @ noise).mean(axis=0)
    values, vectors = np.linalg.eigh(matrix)
    root = vectors @ np.diag(values**-0.5) @ vectors.T
    times = np.linalg.eigvalsh(root @ square @ root)[-1] ** -0.5
    assert mean_square(np.linalg.inv(matrix), variance) == pytest.approx(square, rel=0.02)
    assert clearly_positive(matrix, variance, 0.97 * times)
    assert not clearly_positive(matrix, variance, 1.03 * times)


def test_noise_of_a_quotient_is_what_the_delta_method_says() -> None:
    """Slopes 1/b and -a/b^2, by steps of a twentieth of an SE to both sides."""
    found = noise_se(lambda lanes: lanes[..., :1] / lanes[..., 1:], np.array([30.0, 50.0]),
                     np.array([0.1, 0.2]))  # fmt: skip
    assert found == pytest.approx([math.hypot(0.1 / 50, 0.2 * 30 / 50**2)], rel=1e-4)


def test_each_output_has_its_own_noise() -> None:
    found = noise_se(lambda lanes: lanes @ np.array([[1.0, 0.0], [2.0, 3.0]]),
                     np.array([1.0, 1.0]), np.array([0.5, 2.0]))  # fmt: skip
    assert found == pytest.approx([math.hypot(0.5, 4.0), 6.0])
