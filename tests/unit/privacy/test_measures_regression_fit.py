"""Least squares from products: what the people themselves give, and what noise does to it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ask_tables import adjusted, by_name, tables_of
from numpy.typing import NDArray

from privacy.inference.moments import mean_square
from privacy.inference.reach import Z95
from privacy.measures.kinds import MEASURES
from privacy.measures.regression import pairs
from schemas.measures import Regression
from schemas.release import Figure

Floats = NDArray[np.float64]
TERMS = ("constant", "men", "hours")
UNITS = np.array([1.5, 1.5, 1.5 / 4])
"""Points of change per unit: a gain of 1.5 points counts as 1, and 4 hours count as 1."""

PEOPLE = 400


def drawn() -> tuple[Floats, Floats]:
    """Columns, and an outcome that leans on them."""
    rng = np.random.default_rng(6)
    men, hours = rng.random(PEOPLE) < 0.4, rng.uniform(-1, 1, PEOPLE)
    x = np.column_stack([np.ones(PEOPLE), men, hours])
    return x, x @ np.array([0.6, -0.3, 0.5]) + rng.normal(0, 0.3, PEOPLE)


X, Y = drawn()
FIRST, SECOND = np.array(pairs(TERMS)).T


def lanes(x: Floats = X, y: Floats = Y) -> Floats:
    rows = np.column_stack([x, y])
    return np.asarray((rows[:, FIRST] * rows[:, SECOND]).sum(axis=0))


def figures(
    variance: float, numbers: Floats | None = None, n: float = PEOPLE, **fields: Any
) -> dict[str, Figure]:
    table = adjusted([[list(lanes() if numbers is None else numbers)]], variance)
    roles = {"moment": table, "answered": adjusted([[[n, 100.0]]], 1.0)}
    measure = Regression(outcome="gain", terms=TERMS, norm=9_000)
    found = by_name(MEASURES["regression"].figures(tables_of(measure, roles, **fields)))
    assert [name for name, _, _ in found] == ["coefficient"] * 3 + ["r2", "answered"]
    return {variable or measure: figure for (measure, variable, _), figure in found.items()}


def fitted(packed: Floats) -> Floats:
    """Coefficients and R2 about the mean, from packed products alone; a batch at once."""
    whole = np.zeros((*packed.shape[:-1], 4, 4))
    whole[..., FIRST, SECOND] = whole[..., SECOND, FIRST] = packed
    beta = np.linalg.solve(whole[..., :3, :3], whole[..., :3, 3:])[..., 0]
    explained = (beta * whole[..., :3, 3]).sum(axis=-1)
    mean = whole[..., 0, 3] ** 2 / whole[..., 0, 0]
    r2 = (explained - mean) / (whole[..., 3, 3] - mean)
    return np.concatenate([beta * UNITS, r2[..., None]], axis=-1)


def slopes(function: Callable[[Floats], Floats], at: Floats, step: float = 1e-4) -> Floats:
    moves = step * np.eye(len(at))
    return np.asarray((function(at + moves) - function(at - moves)) / (2 * step))


def test_without_noise_it_is_least_squares_over_the_people() -> None:
    found = figures(1e-12)
    beta, *_ = np.linalg.lstsq(X, Y, rcond=None)
    left = Y - X @ beta
    for name, wanted in zip(TERMS, beta * UNITS, strict=True):
        assert found[name].estimate == pytest.approx(wanted)
        assert (found[name].n, found[name].response) == (PEOPLE, 0.8)
    r2 = 1 - (left @ left) / ((Y - Y.mean()) @ (Y - Y.mean()))
    assert found["r2"].estimate == pytest.approx(r2)
    assert (found["answered"].estimate, found["answered"].noise_se) == (PEOPLE, 1)


def test_sampling_errors_are_the_classical_ones() -> None:
    """s2 (X'X)^-1 with s2 = RSS / (n - 3); of R2, 2 R (1 - R2) / sqrt n."""
    found = figures(1e-12)
    beta, *_ = np.linalg.lstsq(X, Y, rcond=None)
    s2 = ((Y - X @ beta) ** 2).sum() / (PEOPLE - 3)
    errors = np.sqrt(s2 * np.diag(np.linalg.inv(X.T @ X))) * UNITS
    for name, wanted in zip(TERMS, errors, strict=True):
        assert found[name].sampling_se == pytest.approx(wanted)
    r2 = found["r2"].estimate or 0
    assert found["r2"].sampling_se == pytest.approx(2 * math.sqrt(r2) * (1 - r2) / 20)


def test_noise_errors_are_those_of_the_delta_method() -> None:
    found = figures(0.01)
    errors = 0.1 * np.sqrt((slopes(fitted, lanes()) ** 2).sum(axis=0))
    for name, wanted in zip((*TERMS, "r2"), errors, strict=True):
        figure = found[name]
        assert figure.noise_se == pytest.approx(wanted, rel=1e-4)
        assert figure.noise_hi == pytest.approx((figure.estimate or 0) + Z95 * wanted, rel=1e-4)


def test_what_noise_adds_to_r2_on_average_is_taken_off() -> None:
    """By simulation of E[(b + e)'(A + E)^-1 (b + e)] - b'A^-1 b, noise and its opposite."""
    variance, packed = 9.0, lanes()
    noise = np.random.default_rng(3).normal(0, 3, (40_000, len(packed)))
    noise = np.concatenate([noise, -noise])

    def explained(numbers: Floats) -> Floats:
        whole = np.zeros((*numbers.shape[:-1], 4, 4))
        whole[..., FIRST, SECOND] = whole[..., SECOND, FIRST] = numbers
        beta = np.linalg.solve(whole[..., :3, :3], whole[..., :3, 3:])[..., 0]
        return np.asarray((beta * whole[..., :3, 3]).sum(axis=-1))

    added = explained(packed + noise).mean() - explained(packed)
    about = ((Y - Y.mean()) ** 2).sum()
    r2 = figures(variance)["r2"].estimate or 0
    assert fitted(packed)[-1] - r2 == pytest.approx(added / about, rel=0.03)


def test_a_figure_is_judged_by_a_quarter_point() -> None:
    """Half-widths of constant, men and hours, of which the first is 0.058."""
    found = figures(1e-12)
    half = ((found["constant"].hi or 0) - (found["constant"].lo or 0)) / 2
    assert 0.2 < half / 0.25 < 0.4
    assert found["constant"].band == "B"
    assert figures(1e-12, resolution=20)["constant"].band == "F"


def test_figures_are_given_up_to_the_noise_in_which_the_inverse_is_hardly_linear() -> None:
    """1/9 of the matrix in its own metric, every way; the outcome's products are among them."""
    whole = np.zeros((4, 4))
    whole[FIRST, SECOND] = whole[SECOND, FIRST] = lanes()
    back = np.linalg.inv(np.linalg.cholesky(whole))
    square = mean_square(np.linalg.inv(whole), np.ones((4, 4)))
    limit = 1 / 9 / np.linalg.eigvalsh(back @ square @ back.T)[-1]
    assert limit > 4.1  # so that a variance is told from an error
    assert figures(0.99 * limit)["men"].estimate is not None
    assert figures(1.01 * limit)["men"].estimate is None


def test_products_below_their_noise_give_nothing_but_who_answered() -> None:
    found = figures(1e6)
    for name in (*TERMS, "r2"):
        assert (found[name].estimate, found[name].band, found[name].n) == (None, "F", PEOPLE)
    assert found["answered"].estimate == PEOPLE


def test_products_of_too_few_people_give_nothing() -> None:
    assert figures(1e-12, n=3.9)["men"].estimate is None
    assert figures(1e-12, n=4.1)["men"].estimate is not None


def test_columns_that_depend_on_each_other_give_nothing() -> None:
    """Everybody is a man, so that men and the constant cannot be told apart."""
    same = X.copy()
    same[:, 1] = 1
    assert figures(1e-6, lanes(same))["hours"].estimate is None


def test_an_outcome_below_its_noise_gives_nothing() -> None:
    """All columns are clear; the outcome hardly moves about its fit."""
    x = 30 * X
    assert figures(1.0, lanes(x, X @ np.array([0.2, -0.3, 0.5])))["men"].estimate is None


def test_r2_may_go_below_0_but_its_sampling_error_is_that_of_0() -> None:
    """What no column explains at all: what noise adds is taken off 0."""
    left = Y - X @ np.linalg.lstsq(X, Y, rcond=None)[0]
    found = figures(4.0, lanes(X, left))["r2"]
    assert (found.estimate or 0) < 0
    assert found.sampling_se == 0
