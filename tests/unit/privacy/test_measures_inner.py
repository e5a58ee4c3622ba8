"""Inner cells: the nearest table without negative cells that keeps its margins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import optimize

from privacy.measures.inner import nearest_margin, project

Floats = NDArray[np.float64]


def nearest_by_solver(table: Floats, margins: list[Floats]) -> Floats:
    """The same by an active-set solver: min |x - table|^2 with the sums and x >= 0."""
    rows, wanted = [], []
    for axis, margin in enumerate(margins):
        for k, total in enumerate(margin):
            inside = np.zeros(table.shape)
            inside.swapaxes(0, axis)[k] = 1
            rows.append(inside.ravel())
            wanted.append(total)
    held = 1e4 * np.array(rows)  # margins weigh so much that they are held
    found, _ = optimize.nnls(
        np.vstack([np.eye(table.size), held]),
        np.concatenate([table.ravel(), 1e4 * np.array(wanted)]),
    )
    return np.asarray(found.reshape(table.shape))


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (4, 3), (2, 3, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_the_projection_is_the_nearest_table(shape: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = rng.poisson(rng.exponential(6, shape)).astype(float)
    axes = range(len(shape))
    margins = [people.sum(axis=tuple(k for k in axes if k != axis)) for axis in axes]
    noisy = people + rng.normal(0, 8, shape)
    found = project(noisy, margins)
    assert found == pytest.approx(nearest_by_solver(noisy, margins), abs=2e-3)
    for axis, margin in enumerate(margins):
        others = tuple(k for k in axes if k != axis)
        assert found.sum(axis=others) == pytest.approx(margin, abs=1e-5)


TABLES = arrays(np.float64, (3, 4), elements=st.floats(-60, 60))
PEOPLE = arrays(np.int64, (3, 4), elements=st.integers(0, 40))


@given(noise=TABLES, people=PEOPLE)
def test_no_cell_is_negative_and_margins_are_held(noise: Floats, people: NDArray[np.int64]) -> None:
    margins = [people.sum(axis=1).astype(float), people.sum(axis=0).astype(float)]
    found = project(people + noise, margins)
    assert found.min() >= 0
    assert found.sum(axis=1) == pytest.approx(margins[0], abs=0.01)
    assert found.sum(axis=0) == pytest.approx(margins[1], abs=0.01)


@given(people=PEOPLE)
def test_a_table_that_fits_already_stays_as_it_is(people: NDArray[np.int64]) -> None:
    margins = [people.sum(axis=1).astype(float), people.sum(axis=0).astype(float)]
    assert project(people.astype(float), margins) == pytest.approx(people, abs=1e-9)


def test_a_projected_table_is_closer_to_the_truth_than_the_noisy_one() -> None:
    rng = np.random.default_rng(3)
    people = rng.poisson(rng.exponential(9, (22, 22)) * (rng.random((22, 22)) < 0.4))
    noisy = people + rng.normal(0, 14, people.shape)
    found = project(noisy, [people.sum(axis=1).astype(float), people.sum(axis=0).astype(float)])
    assert np.sqrt(((found - people) ** 2).mean()) < 0.6 * 14


@given(margin=arrays(np.float64, 6, elements=st.floats(-80, 200)), total=st.floats(0.5, 500))
def test_the_nearest_margin_has_its_total_and_nothing_negative(
    margin: Floats, total: float
) -> None:
    found = nearest_margin(margin, total)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(total)
    # Nearest (Karush-Kuhn-Tucker): who stays gives way alike, who is cut would have gone lower.
    moved = found - margin
    kept = found > 0
    assert moved[kept] == pytest.approx(np.full(kept.sum(), moved[kept][0]), abs=1e-6)
    assert np.all(moved[~kept] >= moved[kept][0] - 1e-6)


@pytest.mark.parametrize("total", [0.0, -3.0])
def test_a_margin_of_nobody_is_all_zeros(total: float) -> None:
    assert nearest_margin(np.array([4.0, -7.0]), total).tolist() == [0.0, 0.0]


def test_a_margin_that_fits_already_stays_as_it_is() -> None:
    margin = np.array([0.0, 5.0, 7.5])
    assert nearest_margin(margin, 12.5) == pytest.approx(margin)
