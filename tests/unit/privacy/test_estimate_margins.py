"""Tables measured apart become one consistent table; its variances are known beforehand."""

import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.estimate.margins import Margins, margins
from privacy.measures.adjusted import cells
from privacy.people.dimensions import ancestor, categories
from schemas.catalogue import BY_ID
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]
SMALL: dict[str, tuple[View, ...]] = {
    "two ways": ((), ("gender",), ("education",), ("education", "gender")),
    "other order": (("gender", "education"), ("education",), ()),
    "geography": ((), ("nuts1",), ("nuts2",), ("gender", "nuts1"), ("nuts2", "gender")),
    "no inner table": ((), ("sector_before",), ("nuts2",)),
    "levels only": ((), ("nuts1",), ("nuts3",)),
    "three ways": ((), ("gender", "age_band", "education"), ("age_band",)),
    "no total": (("gender", "nuts2"), ("nuts3",), ("education", "nuts1")),
    "nothing shared": (("gender",), ("education",)),
    "three ways of places": (("gender", "nuts3"), ("nuts2", "education", "gender"), ("age_band",)),
    "one view": (("nuts3", "gender"),),
}
FINEST: dict[str, tuple[TableDimension, ...]] = {
    "two ways": ("education", "gender"),
    "other order": ("education", "gender"),
    "geography": ("gender", "nuts2"),
    "no inner table": ("nuts2", "sector_before"),
    "levels only": ("nuts3",),
    "three ways": ("age_band", "education", "gender"),
    "no total": ("education", "gender", "nuts3"),
    "nothing shared": ("education", "gender"),
    "three ways of places": ("age_band", "education", "gender", "nuts3"),
    "one view": ("gender", "nuts3"),
}


def independent(views: tuple[View, ...], finest: tuple[TableDimension, ...]) -> Floats:
    """The design matrix from names alone: which finest cell lies in which published cell."""
    people = [dict(zip(finest, codes, strict=True)) for codes in product(*map(categories, finest))]

    def code(person: dict[TableDimension, str], dimension: TableDimension) -> str:
        if dimension in person:
            return person[dimension]
        level = next(name for name in person if name.startswith("nuts"))
        return ancestor(person[level], dimension)

    rows = [
        [all(code(person, d) == wanted for d, wanted in cell) for person in people]
        for view in views
        for cell in cells(view)
    ]
    return np.array(rows, dtype=np.float64)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_adjusting_is_least_squares(name: str) -> None:
    design = independent(SMALL[name], FINEST[name])
    noisy = np.random.default_rng(4).normal(size=(len(design), 3))
    solved = design @ np.linalg.lstsq(design, noisy, rcond=None)[0]
    assert margins(SMALL[name]).adjust(noisy) == pytest.approx(solved, abs=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_a_consistent_table_stays_as_it_is(name: str) -> None:
    design = independent(SMALL[name], FINEST[name])
    people = np.random.default_rng(5).integers(0, 900, (design.shape[1], 2)).astype(float)
    assert margins(SMALL[name]).adjust(design @ people) == pytest.approx(design @ people, abs=1e-8)


def precisions(views: tuple[View, ...]) -> tuple[float, ...]:
    return tuple(np.linspace(0.25, 2.0, len(views)).tolist())


def dense(name: str) -> tuple[Floats, Floats, list[int]]:
    """(projector, covariance, where views start) by a singular value decomposition."""
    views, design = SMALL[name], independent(SMALL[name], FINEST[name])
    sizes = [len(list(cells(view))) for view in views]
    roots = np.sqrt(np.repeat(precisions(views), sizes))[:, None]
    left, singular, _ = np.linalg.svd(design * roots, full_matrices=False)
    basis = left[:, singular > singular[0] * 1e-9]
    scaled = basis / roots
    return scaled @ (basis * roots).T, scaled @ scaled.T, [0, *np.cumsum(sizes).tolist()]


VIEWS: dict[str, Callable[[], tuple[View, ...]]] = {
    **{name: (lambda views=views: views) for name, views in SMALL.items()},
    "trajectories": lambda: BY_ID["trajectories"].views,
    "sector_flows": lambda: BY_ID["sector_flows"].views,
}


LARGE = [pytest.param(n, marks=pytest.mark.slow) for n in ("trajectories", "sector_flows")]


@pytest.fixture(params=[*SMALL, *LARGE], scope="module")
def views(request: pytest.FixtureRequest) -> tuple[View, ...]:
    return VIEWS[request.param]()


@pytest.fixture(scope="module")
def adjusted(views: tuple[View, ...]) -> Margins:
    return margins(views)


def test_adjusting_twice_changes_nothing(adjusted: Margins) -> None:
    noisy = np.random.default_rng(6).normal(size=(len(adjusted.variance), 4))
    once = adjusted.adjust(noisy)
    assert np.allclose(adjusted.adjust(once), once, rtol=0, atol=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_views_weigh_by_their_precision(name: str) -> None:
    """Also where views are missing: the same as the dense solution to 1e-9."""
    projector, covariance, _ = dense(name)
    noisy = np.random.default_rng(9).normal(size=(len(projector), 2))
    made = margins(SMALL[name], precisions(SMALL[name]))
    assert made.adjust(noisy) == pytest.approx(projector @ noisy, abs=1e-9)
    assert made.adjust(noisy[:, 0]) == pytest.approx(projector @ noisy[:, 0], abs=1e-9)
    assert made.variance == pytest.approx(np.diag(covariance), abs=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_any_two_cells_have_the_covariance_of_the_dense_solution(name: str) -> None:
    _, covariance, starts = dense(name)
    made = margins(SMALL[name], precisions(SMALL[name]))
    for view, (start, end) in enumerate(pairwise(starts)):
        assert made.within(view) == pytest.approx(covariance[start:end, start:end], abs=1e-9)
    places = [(v, c) for v, (s, e) in enumerate(pairwise(starts)) for c in range(e - s)]
    for i, j in np.random.default_rng(3).integers(len(places), size=(150, 2)).tolist():
        found = made.between(places[i], places[j])
        assert found == pytest.approx(covariance[i, j], abs=1e-9), (places[i], places[j])


def test_every_table_adds_up_to_every_coarser_one(
    views: tuple[View, ...], adjusted: Margins
) -> None:
    noisy = np.random.default_rng(7).normal(0, 50, len(adjusted.variance))
    table, start = adjusted.adjust(noisy), 0
    total = table[: len(list(cells(views[0])))].sum()
    for view in views:
        size = len(list(cells(view)))
        assert table[start : start + size].sum() == pytest.approx(total, abs=1e-7)
        start += size


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_the_variance_is_the_one_that_is_simulated(name: str) -> None:
    """Those of the default programme: `test_estimate_margins_simulated`."""
    made, draws = margins(SMALL[name]), 40_000
    noise = np.random.default_rng(8).normal(size=(len(made.variance), draws))
    off = made.adjust(noise).var(axis=1) / made.variance - 1
    known_to = np.sqrt(2 / draws)  # 0.7%
    assert np.abs(off).mean() < 1.2 * known_to
    assert np.abs(off).max() < 5 * known_to


HUGE: tuple[View, ...] = (
    (), ("sector_before",), ("sector_12m",), ("nuts2",), ("sector_before", "sector_12m"),
    ("nuts2", "sector_before", "sector_12m"), ("nuts3", "sector_12m", "sector_before"),
)  # fmt: skip


def test_thirty_thousand_cells_take_two_seconds_and_little_memory() -> None:
    """Provinces and arrondissements by sector by sector: no matrix of cells by cells is made."""
    made = margins.__wrapped__(HUGE, precisions(HUGE))
    noisy = np.random.default_rng(1).normal(size=(sum(len(list(cells(v))) for v in HUGE), 3))
    assert len(noisy) > 30_000
    started = time.process_time()
    tracemalloc.start()
    once = made.adjust(noisy)
    variance = made.variance
    made.between((0, 0), (6, 12_345))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - started < 2
    assert peak < 100 * 2**20
    assert made.adjust(once) == pytest.approx(once, abs=1e-9)
    finest = once[-45 * 529 :].reshape(45, 23, 23, 3)
    assert finest.sum(axis=(0, 1)) == pytest.approx(once[1:24], abs=1e-8)
    assert finest.sum(axis=(0, 2)) == pytest.approx(once[24:47], abs=1e-8)
    assert 0 < variance.min() < variance.max() <= 4


def test_adjusting_never_adds_noise(adjusted: Margins) -> None:
    assert adjusted.variance.max() <= 1 + 1e-12
    assert adjusted.variance.min() > 0


@pytest.mark.slow
def test_eight_views_of_trajectories_share_their_noise_nearly_evenly() -> None:
    """No view is left behind: the worst cells of each lie within a quarter of each other."""
    views = BY_ID["trajectories"].views
    variance, start, errors = margins(views).variance, 0, []
    for view in views:
        size = len(list(cells(view)))
        errors.append(float(np.sqrt(variance[start : start + size].max())))
        start += size
    assert max(errors) / min(errors) < 1.25


def test_a_projection_is_made_once() -> None:
    assert margins(SMALL["two ways"]) is margins(SMALL["two ways"])


@pytest.mark.heavy
@pytest.mark.parametrize("name", SMALL)
def test_the_tail_of_a_cell_is_that_of_a_weighted_sum_of_measurements(name: str) -> None:
    """Fourth cumulants add up: those of entries a_j e_j are a_j^4 times 3 sigma_j^4."""
    projector, _, starts = dense(name)
    views = SMALL[name]
    each = np.repeat(1 / np.array(precisions(views)), np.diff(starts))
    parts = projector**2 * each
    wanted = 3.0 * (parts**2).sum(axis=1) / parts.sum(axis=1) ** 2
    assert margins(views, precisions(views)).excess(3.0) == pytest.approx(wanted, abs=1e-9)
