"""Figures weighted to all who were asked take away what answering depends on; bounds hold it."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from encode_people import answers_of, trajectory
from hypothesis import given
from hypothesis import strategies as st
from measure_people import Floats, Pool, Tally, people

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.measures.calibration import MOST, PAIRS, TERMS
from schemas.catalogue import durable_match, wellbeing_change
from schemas.measures import Mean, Share
from schemas.questionnaire import built_in
from schemas.record import Trajectory
from schemas.statistic import Statistic

SIZES = (200, 6_000, 12_000, 15_000)


def asked(module: Any) -> Statistic:
    """The national declaration at 12 months, with calibration."""
    measure = module.STATISTIC.measure.model_copy(update={"calibrate": True})
    change = {"views": ((),), "horizons": ("12m",), "measure": measure}
    return module.STATISTIC.model_copy(update=change)


MATCH, CHANGE = asked(durable_match), asked(wellbeing_change)
DIMENSIONS = CHANGE.measured_by(Mean).variables
KEYS = [("durable_match@12m", ""), *(("wellbeing_change@12m", name) for name in DIMENSIONS)]


def national(pool: Pool, records: list[Trajectory]) -> dict[Any, float]:
    """What records say without noise: mean of those who answered."""
    there = Pool(records, pool.asked)
    match, change = there.rows(MATCH), there.rows(CHANGE)
    yes, no, _ = match["outcome"].sum(axis=0)
    means = change["sum"].sum(axis=0) / (change["known"] > 0).sum(axis=0)
    return dict(zip(KEYS, (yes / (yes + no), *means), strict=True))


def greg(pool: Pool, weights: Floats) -> dict[Any, float]:
    """The regression estimator by its textbook formula, over all who were asked."""
    found = []
    for statistic in (MATCH, CHANGE):
        rows = pool.rows(statistic)
        if isinstance(statistic.measure, Share):
            yes, no, _ = rows["outcome"].T
            there, y = weights * (yes + no), (yes * 1.0)[:, None]
        else:
            there, y = weights * (rows["known"] > 0).all(axis=1), rows["sum"]
        x = rows["margin"]
        used = x[:, x.sum(axis=0) > 0]
        beta = np.linalg.lstsq((used.T * there) @ used, (used.T * there) @ y, rcond=None)[0]
        apart = weights @ used / weights.sum() - there @ used / there.sum()
        found += list(there @ y / there.sum() + apart @ beta)
    return dict(zip(KEYS, found, strict=True))


# sensitivity


def _pool(prices: tuple[int, int] = (17_000, 25_000), records: Any = ()) -> Pool:
    return Pool(records, [(MATCH, prices[0]), (CHANGE, prices[1])])


EMPTY = _pool()
ANYONE = st.builds(
    trajectory,
    birth_year=st.one_of(st.none(), st.integers(1940, 2008)),
    gender=st.sampled_from(["f", "m", "x", None]),
    education=st.sampled_from(["low", "medium", "high", None]),
    residence=st.sampled_from(["BE100", "BE211", "BE351", None]),
    labour_status_12m=st.sampled_from(["employed", "unemployed", None]),
    wellbeing=st.fixed_dictionaries(
        {when: st.builds(answers_of, st.integers(1, 7)) for when in ("intake", "12m")}
    ),
)


def _ends(turned: int, plain: int) -> dict[str, tuple[int | None, ...]]:
    """One end of every scale: items that are worded the other way round are answered so."""
    form = built_in()
    return {
        d: tuple(turned if item.reversed else plain for item in form.items_of(d))
        for d in DIMENSIONS
    }  # fmt: skip


EXTREME = trajectory(
    birth_year=2002, gender="m", education="low", residence="BE100", labour_status_12m="employed",
    wellbeing={"intake": _ends(5, 1), "12m": _ends(1, 5)},
)  # fmt: skip


@given(person=ANYONE)
def test_nobody_moves_the_moments_further_than_was_paid_for(person: Trajectory) -> None:
    moved = [int(x) for x in encode([person], EMPTY.layout, EMPTY.programme)]
    assert sum(x * x for x in moved) <= EMPTY.layout.moved.d2_squared
    assert sum(map(abs, moved)) <= EMPTY.layout.moved.d1
    for block in EMPTY.layout.blocks:
        there = moved[block.slice]
        assert sum(x * x for x in there) <= block.moved.d2_squared
    assert EMPTY.layout.cost <= EMPTY.layout.declared


def test_somebody_moves_them_exactly_as_far() -> None:
    moved = encode([EXTREME], EMPTY.layout, EMPTY.programme)
    for block in EMPTY.layout.blocks:
        size = math.sqrt(sum(int(x) ** 2 for x in moved[block.slice]))
        reach = math.sqrt(block.part.unit_d2_squared) * block.multiplier
        slack = 3 if block.part.role in ("cross", "sum", "square") else 1e-6
        if block.part.role != "square":
            assert reach - slack * math.sqrt(MOST) <= size <= math.sqrt(block.moved.d2_squared)


def test_calibration_has_its_own_part_of_the_price_and_leaves_others_as_they_were() -> None:
    shares: dict[str, Any] = defaultdict(int)
    for block in make_layout(EMPTY.programme, ["durable_match@12m"]).blocks:
        shares[block.part.role] += block.part.rho_share
    assert sum(shares.values()) == 1
    assert shares["outcome"] == pytest.approx(2 / 3)
    plain = Pool((), [(durable_match.STATISTIC, 17_000)])
    assert {block.part.role for block in plain.layout.blocks} == {"outcome"}
    assert plain.layout.statistics[0].measured_by(Share).calibrate is False


def test_flags_that_exclude_each_other_have_no_product() -> None:
    """What is left out of the products is 0 for everybody, or a flag times itself."""
    flags = Pool(people(300, 9), [(MATCH, 1)]).rows(MATCH)["margin"]
    for i in range(len(TERMS)):
        for j in range(i, len(TERMS)):
            if (i, j) not in PAIRS:
                product = flags[:, i] * flags[:, j]
                assert (product == (flags[:, i] if i == j else 0)).all()


# estimates


@pytest.fixture(scope="module")
def selected() -> list[Trajectory]:
    """Who is older and felt better at intake answers more often, and gains less."""
    return people(2_000, 2, silent=0.45, lean=0.7)


def _dear(price: int) -> Pool:
    return _pool((price, 4_000_000))


@pytest.mark.heavy
def test_without_noise_the_weighted_figure_is_the_regression_estimator(
    selected: list[Trajectory],
) -> None:
    """But for what is cut toward 0 in making integers."""
    pool = Pool(selected, _dear(4_000_000).asked)
    figures = pool.figures(encode(selected, pool.layout, pool.programme))
    wanted = greg(pool, np.ones(len(selected)))
    step = 1 / min(b.multiplier for b in pool.layout.blocks if b.part.role in ("sum", "cross"))
    for key in KEYS:
        found = figures[key[0], "weighted", key[1], ()].unadjusted
        assert found == pytest.approx(wanted[key], abs=2 * step)


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.slow
def test_weighting_removes_most_of_what_answering_plants(
    noisy: bool,
) -> None:
    """Four fifths and more, and of no dimension less than two thirds.

    Against the same people all answering; noise at the price of a year's ask, 15,000 asked.
    """
    selected, whole = people(4_000, 2, silent=0.45, lean=0.7), people(4_000, 2, silent=1e-9)
    pool, rng = _pool((30_000, 25_000), selected), np.random.default_rng(6)
    everybody, silent = national(pool, whole), national(pool, selected)
    total, found = (
        4 * encode(selected, pool.layout, pool.programme),
        defaultdict[Any, list[float]](list),
    )
    drawn = [pool.figures(total + noisy * pool.noise(rng)) for _ in range(30 if noisy else 1)]
    for figures in drawn:
        for key in KEYS:
            figure = figures[key[0], "weighted", key[1], ()]
            assert figure.estimate is not None
            found[key].append(figure.estimate)
    planted = np.array([silent[key] - everybody[key] for key in KEYS])
    left = np.array([np.mean(found[key]) - everybody[key] for key in KEYS])
    assert np.abs(planted[1:]).min() > 0.04
    assert np.abs(left[1:]).mean() < 0.2 * np.abs(planted[1:]).mean()
    assert np.abs(left[1:] / planted[1:]).max() < 0.35
    assert abs(planted[0]) > 0.02
    assert abs(left[0]) < 0.3 * abs(planted[0])


@pytest.mark.slow
def test_intervals_of_weighted_figures_and_bounds_hold_as_often_as_they_say(
    selected: list[Trajectory],
) -> None:
    pool = _pool((30_000, 25_000), selected)
    match, change = pool.rows(MATCH), pool.rows(CHANGE)

    def bounds(w: Floats) -> dict[Any, float]:
        yes, no, _ = w @ match["outcome"]
        there = w @ (change["known"][:, 0] > 0)
        sums, out = w @ change["sum"], w.sum() - there
        found = {("bound_lo", KEYS[0]): yes / w.sum(), ("bound_hi", KEYS[0]): 1 - no / w.sum()}
        for lane, key in enumerate(KEYS[1:]):
            found["bound_lo", key] = (sums[lane] - 2 * out) / w.sum()
            found["bound_hi", key] = (sums[lane] + 2 * out) / w.sum()
        return found

    def truth(w: Floats) -> dict[Any, float]:
        return {("weighted", key): value for key, value in greg(pool, w).items()} | bounds(w)

    whole, tally = truth(pool.even), defaultdict[str, Tally](Tally)
    for weights, figures in pool.crowds(4_000, SIZES, 7):
        for (measure, key), value in truth(weights).items():
            figure = figures[key[0], measure, key[1], ()]
            tally[f"{measure} {key[0]}"].add(figure, value, whole[measure, key])
    for kind, found in tally.items():
        print(kind, found)
        assert found.given >= 500, (kind, str(found))
        assert found.holds(), (kind, str(found))


def test_a_weighted_figure_that_drowns_is_not_given(selected: list[Trajectory]) -> None:
    pool = _pool((17_000, 25_000), selected)
    for count in (0, 200):
        figures = pool.figures(encode(selected[:count], pool.layout, pool.programme))
        for key in KEYS:
            figure = figures[key[0], "weighted", key[1], ()]
            assert (figure.estimate, figure.lo, figure.band) == (None, None, "F")


def test_bounds_and_weighted_figures_carry_the_response_rate(selected: list[Trajectory]) -> None:
    pool = _pool((17_000, 25_000), selected)
    figures = pool.figures(8 * encode(selected, pool.layout, pool.programme))
    known = sum(p.labour_status_12m is not None for p in selected) / len(selected)
    for measure in ("share", "weighted", "bound_lo", "bound_hi"):
        figure = figures["durable_match@12m", measure, "", ()]
        assert figure.response == pytest.approx(known, abs=1e-6)
    ends = [figures["durable_match@12m", m, "", ()].estimate for m in ("bound_lo", "bound_hi")]
    assert ends[0] < figures["durable_match@12m", "weighted", "", ()].estimate < ends[1]  # type: ignore[operator]
