"""A table of 25,000 cells: foretold and estimated within seconds, in little memory."""

import time
import tracemalloc

import numpy as np
import pytest
from encode_people import declared, programme_of

from privacy.encode.layout import Layout, make_layout
from privacy.estimate.figures import estimate
from privacy.estimate.forecast import predict
from privacy.people.dimensions import categories
from schemas.measures import Count
from schemas.statistic import View

VIEWS: tuple[View, ...] = (
    (), ("sector_before",), ("sector_12m",), ("nuts3",), ("sector_before", "sector_12m"),
    ("nuts3", "sector_12m", "sector_before"),
)  # fmt: skip
SECTORS, PLACES = len(categories("sector_12m")), len(categories("nuts3"))


@pytest.fixture(scope="module")
def layout() -> Layout:
    made = make_layout(
        programme_of((declared("flows", Count(), views=VIEWS), 20_000)), ["flows@12m"]
    )
    assert made.length > 24_000
    return made


def people() -> np.ndarray:  # type: ignore[type-arg]
    """Arrondissement x sector after x sector before; most cells are empty."""
    rng = np.random.default_rng(2)
    return rng.gamma(0.05, 60, (PLACES, SECTORS, SECTORS)).astype(np.int64)


def total_of(layout: Layout, noise: float) -> np.ndarray:  # type: ignore[type-arg]
    x = people()
    tables = (x.sum(), x.sum((0, 1)), x.sum((0, 2)), x.sum((1, 2)), x.sum(0).T, x)
    exact = [np.ravel(t) * b.multiplier for t, b in zip(tables, layout.blocks, strict=True)]
    drawn = np.random.default_rng(3).normal(0, noise, layout.length)
    return np.concatenate(exact) + np.rint(drawn).astype(np.int64)


@pytest.mark.heavy
def test_it_is_estimated_in_two_seconds_and_300_megabytes(layout: Layout) -> None:
    total = total_of(layout, np.sqrt(layout.noise_variance * 1.25))
    tracemalloc.start()
    estimate(total, layout, contributors=10, honest=8)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300 * 2**20
    started = time.process_time()
    found = estimate(total, layout, contributors=10, honest=8)
    assert time.process_time() - started < 2
    exact = [figure.unadjusted for figure in estimate(
        total_of(layout, 0.0), layout, contributors=10, honest=8
    )]  # fmt: skip
    assert exact[-PLACES * SECTORS**2 :] == pytest.approx(people().ravel(), abs=1e-6)
    off = [
        (one.unadjusted - true) / one.noise_se
        for one, true in zip(found, exact, strict=True)
        if one.unadjusted is not None and one.noise_se and true is not None
    ]
    assert np.std(off) == pytest.approx(1, abs=0.03)
    assert np.abs(off).max() < 5.5


def test_its_errors_are_foretold_at_once(layout: Layout) -> None:
    started = time.process_time()
    foretold = predict(layout, contributors=10, honest=8)
    assert time.process_time() - started < 0.5
    assert sum(one.noise_se.size for one in foretold) == layout.length
