"""Regression: ordinary least squares from noisy products."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from encode_people import answers_of, trajectory
from hypothesis import given
from hypothesis import strategies as st
from measure_people import Floats, Pool, Tally, people

from privacy.encode.vector import encode
from privacy.measures.covariates import GAIN_SCALE, TERMS, row
from privacy.measures.regression import pairs
from schemas.catalogue import gain_explained
from schemas.catalogue.default import FULL
from schemas.measures import Regression
from schemas.questionnaire import built_in
from schemas.record import Trajectory
from schemas.statistic import Statistic

STATISTIC = gain_explained.STATISTIC.model_copy(update={"horizons": ("12m",)})
NAMES = STATISTIC.measured_by(Regression).terms
PRICE = FULL.prices["gain_explained@12m"]
EMPTY = Pool((), [(STATISTIC, 24_000)])
UNITS = np.array([GAIN_SCALE / TERMS[name].scale for name in NAMES])


def with_norm(norm: int, **fields: Any) -> Statistic:
    measure = STATISTIC.measure.model_copy(update={"norm": norm})
    return STATISTIC.model_copy(update={"measure": measure, **fields})


ANYONE = st.builds(
    trajectory,
    birth_year=st.one_of(st.none(), st.integers(1940, 2008)),
    gender=st.sampled_from(["f", "m", "x", None]),
    sector_before=st.sampled_from(["A", "C", "G", "P", "Q", "R", None]),
    guidance_quarters=st.one_of(st.none(), st.integers(0, 80)),
    wellbeing=st.fixed_dictionaries(
        {when: st.builds(answers_of, st.integers(1, 7)) for when in ("intake", "12m")}
    ),
)


@given(person=ANYONE, norm=st.sampled_from([1_000, 1_700, 2_000, 2_300, 9_000]))
def test_nobody_moves_the_products_further_than_was_paid_for(person: Trajectory, norm: int) -> None:
    pool = Pool((), [(with_norm(norm), 24_000)])
    moved = [int(x) for x in encode([person], pool.layout, pool.programme)]
    for block in pool.layout.blocks:
        there = moved[block.slice]
        assert sum(x * x for x in there) <= block.moved.d2_squared
        assert sum(map(abs, there)) <= block.moved.d1
        assert max(map(abs, there)) <= block.most
    assert pool.layout.cost <= pool.layout.declared


@given(row=st.lists(st.floats(-1, 1), min_size=6, max_size=6), c=st.floats(0.5, 3))
def test_no_row_of_that_norm_has_larger_products(row: list[float], c: float) -> None:
    v = np.array(row)
    length = np.linalg.norm(v)
    v = v * min(1.0, c / length) if length else v
    square = min(6.0, c * c)
    most = (square**2 + math.floor(square) + (square - math.floor(square)) ** 2) / 2
    assert sum((v[i] * v[j]) ** 2 for i in range(6) for j in range(i, 6)) <= most * (1 + 1e-12)


def test_somebody_moves_them_exactly_as_far() -> None:
    """A constant, an age and seven and a half hours: two ones and a half, of norm 1.5."""
    same = answers_of(3)
    whole = trajectory(birth_year=1960, sector_before="A", guidance_quarters=30,
                       wellbeing={"intake": same, "12m": same})  # fmt: skip
    centred = STATISTIC.measured_by(Regression).terms
    assert "baseline" in centred
    measure = STATISTIC.measure.model_copy(
        update={"terms": tuple(name for name in centred if name != "baseline")}
    )
    pool = Pool((), [(STATISTIC.model_copy(update={"measure": measure}), 24_000)])
    moved = encode([whole], pool.layout, pool.programme)
    block = next(b for b in pool.layout.blocks if b.part.role == "moment")
    exact = block.part.unit_d2_squared * block.multiplier**2
    assert int((moved[block.slice] ** 2).sum()) == pytest.approx(float(exact), rel=1e-4)
    assert block.part.unit_d2_squared == Fraction(57, 16)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"views": ((), ("gender",))}, "national"),
        ({"measure": Regression(outcome="gain", terms=("hours", "men"), norm=2000)}, "constant"),
        ({"measure": Regression(outcome="gain", terms=("constant", "luck"), norm=2000)}, "known"),
    ],
)
def test_a_regression_that_cannot_be_measured_is_refused(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _ = Pool((), [(STATISTIC.model_copy(update=changed), 24_000)]).layout


def test_columns_are_what_they_are_called() -> None:
    person = trajectory(birth_year=1974, gender="m", education="low", sector_before="C",
                        guidance_quarters=30, wellbeing={"intake": answers_of(3),
                                                         "12m": answers_of(3)})  # fmt: skip
    names = tuple(TERMS)
    found = row(person, names, "12m", built_in())
    assert found is not None
    ones = {name for name, x in zip(names, found, strict=False) if x == 1}
    assert ones == {"constant", "age_45_54", "sector_industry", "education_low", "men"}
    assert found[names.index("hours")] == pytest.approx(0.5)
    assert row(person.model_copy(update={"guidance_quarters": None}), names, "12m", None) is None


def design(crowd: list[Trajectory]) -> tuple[Floats, Floats]:
    """(columns, outcome) of those who have all, clipped to the norm."""
    found = [row(person, NAMES, "12m", built_in()) for person in crowd]
    table = np.array([one for one in found if one is not None])
    table *= np.minimum(1, 1.5 / np.linalg.norm(table, axis=1, keepdims=True))
    return table[:, :-1], table[:, -1]


@pytest.mark.heavy
def test_without_noise_it_is_what_statsmodels_says() -> None:
    """The products are whole multiples of 1 / multiplier, so a very dear one comes close."""
    from statsmodels.api import OLS

    crowd = people(3_000, 12)
    x, y = design(crowd)
    fit = OLS(y, x).fit()
    pool = Pool(crowd, [(STATISTIC, 9_000_000)])
    figures = pool.figures(encode(crowd, pool.layout, pool.programme))
    for k, name in enumerate(NAMES):
        found = figures["gain_explained@12m", "coefficient", name, ()]
        assert found.unadjusted == pytest.approx(fit.params[k] * UNITS[k], abs=2e-4)
        assert found.sampling_se == pytest.approx(fit.bse[k] * UNITS[k], rel=1e-3)
        assert found.n == pytest.approx(len(y))
    weights = x[:, 0] ** 2
    about = weights @ (y / x[:, 0] - weights @ (y / x[:, 0]) / weights.sum()) ** 2
    r2 = figures["gain_explained@12m", "r2", "", ()]
    assert r2.unadjusted == pytest.approx(1 - fit.ssr / about, abs=1e-3)
    assert r2.response == pytest.approx(len(y) / 3_000)


def test_whole_numbers_give_exactly_what_statsmodels_says() -> None:
    """Nothing is cut where every column and the outcome are -1, 0 or 1.

    A thousand times the sum, so that what is taken off R2 for noise is nothing.
    """
    from statsmodels.api import OLS

    rng = np.random.default_rng(5)
    measure = Regression(outcome="gain", terms=("constant", "men", "education_low"), norm=2000)
    statistic = STATISTIC.model_copy(update={"measure": measure})
    crowd = []
    for _ in range(2_000):
        man, low = rng.random() < 0.4, rng.random() < 0.5
        step = int(rng.choice([-2, 0, 2], p=[0.2, 0.5 - 0.2 * man, 0.3 + 0.2 * man]))
        crowd.append(
            trajectory(
                gender="m" if man else "f", education="low" if low else "high", guidance_quarters=9,
                wellbeing={"intake": _scored(3), "12m": _scored(3 + step)},
            )
        )  # fmt: skip
    pool = Pool(crowd, [(statistic, 4_000_000)])
    figures = pool.figures(1_000 * encode(crowd, pool.layout, pool.programme))
    found = [row(person, measure.terms, "12m", built_in()) for person in crowd]
    table = np.array(found, dtype=float)
    fit = OLS(table[:, -1], table[:, :-1]).fit()
    for name, wanted in zip(measure.terms, fit.params, strict=True):
        got = figures["gain_explained@12m", "coefficient", name, ()].unadjusted
        assert got == pytest.approx(GAIN_SCALE * wanted, abs=1e-9)
    r2 = figures["gain_explained@12m", "r2", "", ()].unadjusted
    assert r2 == pytest.approx(fit.rsquared, abs=1e-9)


def _scored(level: int) -> dict[str, tuple[int, ...]]:
    from schemas.record import DIMENSIONS

    return {
        d: tuple(6 - level if i.reversed else level for i in built_in().items_of(d))
        for d in DIMENSIONS
    }


@pytest.mark.parametrize(
    ("price", "sizes", "draws"),
    [(24_000, (200, 8_000, 12_000, 15_000), 1_600), (PRICE, (12_000, 15_000), 800)],
    ids=["dear", "of the full programme"],
)
@pytest.mark.slow
def test_intervals_hold_as_often_as_they_say(
    price: int, sizes: tuple[int, ...], draws: int
) -> None:
    crowd = people(2_000, 13)
    pool = Pool(crowd, [(STATISTIC, price)])
    moments = pool.rows(STATISTIC)["moment"]
    first, second = np.array(pairs(NAMES)).T

    def fit(w: Floats) -> Floats:
        whole = np.zeros((len(NAMES) + 1,) * 2)
        whole[first, second] = whole[second, first] = w @ moments
        beta = np.linalg.solve(whole[:-1, :-1], whole[:-1, -1])
        left = whole[-1, -1] - whole[:-1, -1] @ beta
        about = whole[-1, -1] - whole[0, -1] ** 2 / whole[0, 0]
        return np.append(beta * UNITS, 1 - left / about)

    whole, tally = fit(pool.even), {"coefficient": Tally(), "r2": Tally()}
    for weights, figures in pool.crowds(draws, sizes, 14):
        pooled = fit(weights) if weights.sum() > 1_000 else np.zeros(len(NAMES) + 1)
        for k, name in enumerate((*NAMES, "")):
            measure = "coefficient" if name else "r2"
            figure = figures["gain_explained@12m", measure, name, ()]
            tally[measure].add(figure, pooled[k], whole[k])
    for measure, found in tally.items():
        print(measure, found)
        assert found.given > 0.35 * draws, (measure, str(found))
        assert found.holds(), (measure, str(found))


def test_products_that_drown_give_nothing() -> None:
    crowd = people(150, 4)
    for some in ([], crowd):
        figures = EMPTY.figures(encode(some, EMPTY.layout, EMPTY.programme))
        found = figures["gain_explained@12m", "coefficient", "hours", ()]
        assert (found.estimate, found.band) == (None, "F")
