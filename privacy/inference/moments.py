"""Moments with noise: whether a matrix may be inverted, and what noise does to what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLEAR = 3.0
"""Less than the 4 standard errors of `clearly_above`: in simulations intervals of coefficients hold
as often as they say; and of a weighted figure, an error of the inverse errs on the move alone."""

_STEP = 0.05
"""Part of a standard error by which a lane is moved to see what it does."""


def symmetric(packed: Floats, pairs: Sequence[tuple[int, int]], size: int) -> Floats:
    """Return matrices, shape (..., size, size), from their entries at (i, j), shape (..., pairs).

    Entries that stand at no pair are 0.
    """
    found = np.zeros((*packed.shape[:-1], size, size))
    first, second = np.array(pairs).T
    found[..., first, second] = packed
    found[..., second, first] = packed
    return found


def clearly_positive(matrix: Floats, variance: Floats, times: float = CLEAR) -> bool:
    """Whether a symmetric matrix is positive definite and well above its noise, every way.

    `variance`: of the noise of each entry. In the matrix's own metric A^-1/2 E A^-1/2 the mean
    square of the noise E is A^-1/2 E[E A^-1 E] A^-1/2, and no direction may have more than
    1 / times^2: then an inverse is not far from linear in the noise.
    """
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    back = np.linalg.inv(root)
    square = mean_square(back.T @ back, variance)
    worst = float(np.linalg.eigvalsh(back @ square @ back.T)[-1])
    return times**2 * worst <= 1


def mean_square(inverse: Floats, variance: Floats) -> Floats:
    """Return E[E A^-1 E] for symmetric noise E with independent entries of these variances."""
    square: Floats = variance * inverse
    np.fill_diagonal(square, variance @ np.diag(inverse))
    return square


@dataclass(frozen=True, slots=True, eq=False)
class Propagated:
    """The noise of each output of a function: its SE and its excess kurtosis."""

    se: Floats
    excess: Floats


def propagated(
    function: Callable[[Floats], Floats], lanes: Floats, se: Floats, excess: float
) -> Propagated:
    """Return what independent noise in the lanes, shape (lanes,), does to a smooth function.

    `function` takes shape (..., lanes) and gives (..., outputs). Delta method, with derivatives
    from steps of a small part of each lane's SE to both sides.
    """
    steps = np.diag(_STEP * se)
    effects = ((function(lanes + steps) - function(lanes - steps)) / (2 * _STEP)) ** 2
    variance = effects.sum(axis=0)
    shares = effects / np.where(variance > 0, variance, 1.0)
    return Propagated(np.sqrt(variance), excess * (shares**2).sum(axis=0))


def noise_se(function: Callable[[Floats], Floats], lanes: Floats, se: Floats) -> Floats:
    """Return the noise SE of each output of a smooth function of independent noisy lanes."""
    return propagated(function, lanes, se, 0.0).se
