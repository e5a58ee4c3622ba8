"""Means of flags and marks and gaps between groups; what anybody moves of any mean."""

import math
from collections import defaultdict
from itertools import product
from typing import Any

import numpy as np
import pytest
from asked_means import BY_GROUP, SIZES, asked, frame_of
from encode_people import answers_of, trajectory
from hypothesis import given
from hypothesis import strategies as st
from measure_people import Floats, Pool, Tally, people

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.estimate.tables import read_ask
from privacy.people.dimensions import categories, place
from schemas.catalogue import (
    context_fit,
    employer_cost,
    fairness,
    improved,
    return_on_guidance,
)
from schemas.measures import Mean
from schemas.record import Trajectory
from schemas.statistic import Statistic

MEANS = (improved, context_fit, return_on_guidance, fairness, employer_cost)


@pytest.fixture(scope="module")
def crowd() -> list[Trajectory]:
    return people(2_000, 1)


# sensitivity

_mark = st.integers(1, 5)
_cents = st.one_of(st.none(), st.integers(0, 1_000_000))
ANYONE = st.builds(
    trajectory,
    price_public=_cents,
    price_client=_cents,
    price_employer=_cents,
    gender=st.sampled_from(["f", "m", "x", None]),
    labour_status_6m=st.sampled_from(["employed", "unemployed", None]),
    labour_status_12m=st.sampled_from(["employed", "unemployed", None]),
    context_fit=st.fixed_dictionaries(
        {"12m": st.fixed_dictionaries(dict.fromkeys(("culture", "team", "leadership"), _mark))}
    ),
    wellbeing=st.fixed_dictionaries(
        {when: st.builds(answers_of, st.integers(1, 7)) for when in ("intake", "end", "12m")}
    ),
)
ALL = Pool((), [(asked(module, module.STATISTIC.views), 8_000) for module in MEANS])


@pytest.mark.heavy
@given(person=ANYONE)
def test_nobody_moves_a_mean_further_than_was_paid_for(person: Trajectory) -> None:
    moved = [int(x) for x in encode([person], ALL.layout, ALL.programme)]
    for block in ALL.layout.blocks:
        there = moved[block.slice]
        assert sum(x * x for x in there) <= block.moved.d2_squared
        assert sum(map(abs, there)) <= block.moved.d1
    assert ALL.layout.cost <= ALL.layout.declared


EXTREME = {
    "improved": trajectory(wellbeing={"intake": answers_of(1), "12m": answers_of(5)}),
    "context_fit": trajectory(context_fit={"12m": {"culture": 1, "team": 1, "leadership": 1}}),
    "return_on_guidance": trajectory(price_public=0),
    "fairness": trajectory(
        labour_status_12m="employed", wellbeing={"intake": answers_of(1), "12m": answers_of(5)}
    ),
    "employer_cost": trajectory(price_employer=300_000, price_public=0, price_client=300_000),
}  # fmt: skip


@pytest.mark.parametrize("name", EXTREME)
def test_somebody_moves_the_sums_as_far_as_was_paid_for(name: str) -> None:
    layout = make_layout(ALL.programme, [f"{name}@12m"])
    moved = encode([EXTREME[name]], layout, ALL.programme)
    for block in (b for b in layout.blocks if b.part.role == "sum"):
        length = math.sqrt(sum(int(x) ** 2 for x in moved[block.slice]))
        reach = math.sqrt(block.part.unit_d2_squared) * block.multiplier
        assert reach - 3 < length <= math.sqrt(block.moved.d2_squared)


# without noise


@pytest.mark.heavy
def test_flags_and_gaps_without_noise_are_what_pandas_says(crowd: list[Trajectory]) -> None:
    """Flags are halves: every multiplier that is even keeps them exactly."""
    pool = Pool(crowd, [(asked(improved), 90_000), (asked(fairness), 90_000)])
    figures = pool.figures(encode(crowd, pool.layout, pool.programme))
    rows = pool.rows(pool.asked[1][0])
    there = rows["known"][:, 0] == 1
    frame = frame_of(crowd)[there]
    frame["gain"] = rows["sum"][there, 0] + 0.25
    for group in ("f", "m"):
        inside = frame["gender"] == group
        gap = frame.loc[inside, "gain"].mean() - frame.loc[~inside, "gain"].mean()
        found = figures["fairness@12m", "gap", "gain", (("gender", group),)]
        assert found.unadjusted == pytest.approx(gap, abs=1e-3)
    flags = pool.rows(pool.asked[0][0])
    means = flags["sum"].sum(axis=0) / (flags["known"] > 0).sum(axis=0) + 0.5
    even = all(b.multiplier % 2 == 0 for b in pool.layout.blocks if b.ask.statistic == "improved")
    for variable, mean in zip(improved.STATISTIC.measure.variables, means, strict=True):
        found = figures["improved@12m", "mean", variable, ()]
        assert found.unadjusted == pytest.approx(mean, abs=1e-9 if even else 1e-3)


@pytest.mark.heavy
def test_a_gap_has_the_noise_that_redrawing_gives() -> None:
    """The covariance of a group with the total is in it: without, the SE would be wrong."""
    pool = Pool((), [(asked(fairness), 30_000)])
    rng = np.random.default_rng(8)
    base = np.zeros(pool.layout.length)
    for block in pool.layout.blocks:
        lanes = block.part.lanes
        table = base[block.slice].reshape(block.cells, lanes)
        shares = {0: [1.0], 1: [0.7, 0.3, 0.0, 0.0], 2: [0.2, 0.5, 0.3, 0.0]}
        index = BY_GROUP.index(block.part.view)
        for cell, share in enumerate(shares[index]):
            value = {
                "sum": [300.0] * 3, "people": [5000.0], "known": [1000.0] * 3,
                "square": [600.0] * 3,
            }  # fmt: skip
            table[cell] = np.array(value[block.part.role]) * share * block.multiplier
    lam = pool.layout.noise_variance * 10 / 8 / 2
    cell = (("education", "medium"),)
    found = [
        pool.figures(
            base.astype(np.int64)
            + rng.poisson(lam, pool.layout.length) - rng.poisson(lam, pool.layout.length)
        )["fairness@12m", "gap", "gain", cell]
        for _ in range(600)
    ]  # fmt: skip
    assert np.std([f.unadjusted for f in found]) == pytest.approx(  # type: ignore[arg-type]
        np.mean([f.noise_se for f in found]),
        rel=0.1,  # type: ignore[arg-type]
    )


def test_a_view_adjusted_by_itself_has_independent_cells() -> None:
    pool = Pool((), [(asked(fairness, ((),)), 30_000)])
    total = np.zeros(pool.layout.length, dtype=np.int64)
    tables = read_ask(total, pool.layout, pool.layout.asks[0], contributors=10, honest=8)
    sums = tables.roles["sum"]
    assert sums.covariance((0, 0), (0, 0)) == sums.variance[0]


# with noise


def _cells(crowd: list[Trajectory]) -> dict[Any, Floats]:
    """Who is in each cell, 0 or 1."""
    found: dict[Any, Floats] = {(): np.ones(len(crowd))}
    for dimension in ("gender", "education"):
        places = np.array([place(person, dimension) for person in crowd])
        for k, code in enumerate(categories(dimension)):
            found[((dimension, code),)] = (places == k).astype(float)
    return found


@pytest.mark.slow
def test_intervals_of_means_and_gaps_hold_as_often_as_they_say(crowd: list[Trajectory]) -> None:
    """2,000 crowds of 200 to 15,000 people for each statistic."""
    cells = _cells(crowd)
    for module, price in ((improved, 8_000), (context_fit, 6_000), (fairness, 16_000)):
        views = BY_GROUP if module is fairness else BY_GROUP[:2]
        statistic = asked(module, views)
        pool = Pool(crowd, [(statistic, price)])
        here = {cell: who for cell, who in cells.items() if tuple(d for d, _ in cell) in views}
        tally = _tally_of_means(pool, statistic, here)
        for kind, found in tally.items():
            print(statistic.id, kind, found)
            assert found.given > 6_000, (statistic.id, kind, str(found))
            assert found.holds(), (statistic.id, kind, str(found))


def _tally_of_means(
    pool: Pool,
    statistic: Statistic,
    cells: dict[Any, Floats],
    *,
    sizes: tuple[int, ...] = SIZES,
    draws: int = 2_000,
) -> dict[str, Tally]:
    measure, rows = statistic.measured_by(Mean), pool.rows(statistic)
    points, there = rows["sum"], (rows["known"] > 0).astype(np.float64)
    masks = np.array(list(cells.values()))

    def means(weights: Floats) -> Floats:
        counts = masks * weights
        with np.errstate(invalid="ignore"):
            return np.asarray((counts @ points) / (counts @ there))

    def rests(weights: Floats) -> Floats:
        counts = (1 - masks) * weights
        with np.errstate(invalid="ignore"):
            return np.asarray((counts @ points) / (counts @ there))

    whole, whole_rest = means(pool.even), rests(pool.even)
    tally: dict[str, Tally] = defaultdict(Tally)
    key = f"{statistic.id}@12m"
    for weights, figures in pool.crowds(draws, sizes, 4):
        pooled, rest = means(weights), rests(weights)
        for (k, cell), (lane, variable) in product(enumerate(cells), enumerate(measure.variables)):
            centre = measure.centres[lane] / 1000
            tally["mean"].add(
                figures[key, "mean", variable, cell], pooled[k, lane] + centre,
                whole[k, lane] + centre,
            )  # fmt: skip
            if measure.gaps and cell:
                tally["gap"].add(
                    figures[key, "gap", variable, cell], pooled[k, lane] - rest[k, lane],
                    whole[k, lane] - whole_rest[k, lane],
                )  # fmt: skip
    return tally


@pytest.mark.slow
def test_small_denominators_stay_honest(crowd: list[Trajectory]) -> None:
    """Groups that are barely above their noise: where a figure is given, it holds."""
    statistic = asked(fairness)
    pool = Pool(crowd, [(statistic, 30_000)])
    tally = _tally_of_means(pool, statistic, _cells(crowd), sizes=(200, 350, 500, 800), draws=300)
    for kind, found in tally.items():
        assert found.silent > found.given / 10, (kind, str(found))
        assert found.noise >= 0.93 * found.given, (kind, str(found))
        assert found.both >= 0.93 * found.given, (kind, str(found))
