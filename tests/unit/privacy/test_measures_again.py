"""Means, gaps, weighted figures, reliability and regression: declared, priced, made again."""

import json

import numpy as np
import pytest
from measure_people import Pool, people
from numpy.typing import NDArray
from test_measures_calibration import CHANGE, MATCH

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.verify import ReleaseRefused, _compare
from schemas.catalogue import (
    BASIC,
    STATISTICS,
    context_fit,
    employer_cost,
    fairness,
    gain_explained,
    improved,
    reliability,
    return_on_guidance,
)
from schemas.catalogue.default import BUDGET, programme_of_year
from schemas.release import Figure
from schemas.statistic import Statistic
from schemas.units import UnixSeconds

PRICES = (
    (improved, 8_000), (context_fit, 3_000), (return_on_guidance, 3_000), (employer_cost, 2_000),
    (fairness, 8_000), (reliability, 5_000), (gain_explained, 24_000),
)  # fmt: skip
DECLARED: list[tuple[Statistic, int]] = [(module.STATISTIC, price) for module, price in PRICES]


def _at_a_year(statistic: Statistic) -> Statistic:
    horizon = "12m" if "12m" in statistic.horizons else statistic.horizons[-1]
    return statistic.model_copy(update={"horizons": (horizon,)})


@pytest.fixture(scope="module")
def pool() -> Pool:
    asked = [(_at_a_year(statistic), price) for statistic, price in DECLARED]
    return Pool(people(2_000, 21, lean=0.5), [*asked, (MATCH, 30_000), (CHANGE, 25_000)])


@pytest.fixture(scope="module")
def total(pool: Pool) -> NDArray[np.int64]:
    exact = encode(pool.records, pool.layout, pool.programme)
    return 7 * exact + pool.noise(np.random.default_rng(2))


@pytest.fixture(scope="module")
def figures(pool: Pool, total: NDArray[np.int64]) -> list[Figure]:
    return list(pool.figures(total).values())


def test_every_declared_statistic_can_be_paid_from_the_budget_of_a_year(pool: Pool) -> None:
    assert pool.layout.cost <= pool.layout.declared
    assert sum(price for _, price in DECLARED) < BUDGET
    for ask in pool.layout.asks:
        alone = make_layout(pool.programme, [ask.key])
        assert alone.cost <= ask.price
        assert alone.cost > 0.9 * ask.price
    assert {statistic.id for statistic, _ in DECLARED} <= {s.id for s in STATISTICS}


def test_the_default_programme_asks_what_it_asked() -> None:
    programme = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
    assert programme.statistics == BASIC
    assert len(programme.asks) == 12
    assert programme.price_of_all == 184_000
    roles = {b.part.role for b in make_layout(programme, [a.key for a in programme.asks]).blocks}
    assert roles == {"count", "outcome", "sum", "people", "known", "square"}


@pytest.mark.heavy
def test_the_same_sum_gives_the_same_figures(
    pool: Pool, total: NDArray[np.int64], figures: list[Figure]
) -> None:
    assert list(pool.figures(total.copy()).values()) == figures
    written = [Figure.model_validate_json(figure.model_dump_json()) for figure in figures]
    _compare(written, list(pool.figures(total).values()))
    assert json.loads(figures[0].model_dump_json())["statistic"] == "improved@12m"


@pytest.mark.parametrize(
    "measure",
    ["gap", "ratio", "weighted", "bound_lo", "bound_hi", "alpha", "item_rest", "coefficient", "r2"],
)
def test_a_changed_figure_is_found_out(
    measure: str, pool: Pool, total: NDArray[np.int64], figures: list[Figure]
) -> None:
    changed = list(figures)
    place = next(k for k, f in enumerate(figures) if f.measure == measure and f.hi is not None)
    changed[place] = figures[place].model_copy(update={"hi": figures[place].hi + 1e-3})  # type: ignore[operator]
    with pytest.raises(ReleaseRefused, match=f"{measure}.* does not follow"):
        _compare(changed, list(pool.figures(total).values()))


def test_each_figure_stands_once_and_its_interval_holds_it(figures: list[Figure]) -> None:
    keys = [(f.statistic, f.measure, f.variable, f.cell) for f in figures]
    assert len(set(keys)) == len(keys)
    for f in figures:
        if f.lo is not None and f.hi is not None and f.noise_lo is not None:
            assert f.lo <= f.noise_lo <= f.estimate <= f.noise_hi <= f.hi  # type: ignore[operator]
            assert f.sampling_se is not None
