"""Tables measured apart become one consistent table; its variances are known beforehand."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.encode.dimensions import ancestor, categories
from privacy.estimate.margins import Margins, margins
from privacy.estimate.tables import cells
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
}
FINEST: dict[str, tuple[TableDimension, ...]] = {
    "two ways": ("education", "gender"),
    "other order": ("education", "gender"),
    "geography": ("gender", "nuts2"),
    "no inner table": ("nuts2", "sector_before"),
    "levels only": ("nuts3",),
    "three ways": ("age_band", "education", "gender"),
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


@pytest.mark.parametrize("name", SMALL)
def test_adjusting_is_least_squares(name: str) -> None:
    design = independent(SMALL[name], FINEST[name])
    noisy = np.random.default_rng(4).normal(size=(len(design), 3))
    solved = design @ np.linalg.lstsq(design, noisy, rcond=None)[0]
    assert margins(SMALL[name]).adjust(noisy) == pytest.approx(solved, abs=1e-9)


@pytest.mark.parametrize("name", SMALL)
def test_a_consistent_table_stays_as_it_is(name: str) -> None:
    design = independent(SMALL[name], FINEST[name])
    people = np.random.default_rng(5).integers(0, 900, (design.shape[1], 2)).astype(float)
    assert margins(SMALL[name]).adjust(design @ people) == pytest.approx(design @ people, abs=1e-8)


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
    assert np.allclose(adjusted.projector, adjusted.projector.T, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SMALL)
def test_views_weigh_by_their_precision(name: str) -> None:
    """Against an independent solve of the weighted normal equations."""
    views = SMALL[name]
    design = independent(views, FINEST[name])
    each = np.linspace(0.25, 2.0, len(views))
    weights = np.repeat(each, [len(list(cells(view))) for view in views])
    noisy = np.random.default_rng(9).normal(size=len(design))
    normal = np.linalg.pinv(design.T @ (weights[:, None] * design), rcond=1e-10)
    made = margins(views, tuple(each))
    assert made.adjust(noisy) == pytest.approx(design @ normal @ design.T @ (weights * noisy))
    assert made.variance == pytest.approx(np.diag(design @ normal @ design.T))


def test_every_table_adds_up_to_every_coarser_one(
    views: tuple[View, ...], adjusted: Margins
) -> None:
    noisy = np.random.default_rng(7).normal(0, 50, len(adjusted.variance))
    table, start = adjusted.adjust(noisy), 0
    total = table[sum(len(list(cells(v))) for v in views[: views.index(())])]
    for view in views:
        size = len(list(cells(view)))
        assert table[start : start + size].sum() == pytest.approx(total, abs=1e-7)
        start += size


@pytest.mark.parametrize("name", SMALL)
def test_the_variance_is_the_one_that_is_simulated(name: str) -> None:
    """Those of the default programme: `test_estimate_margins_simulated`."""
    made, draws = margins(SMALL[name]), 40_000
    noise = np.random.default_rng(8).normal(size=(len(made.variance), draws))
    off = made.adjust(noise).var(axis=1) / made.variance - 1
    known_to = np.sqrt(2 / draws)  # 0.7%
    assert np.abs(off).mean() < 1.2 * known_to
    assert np.abs(off).max() < 5 * known_to


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
