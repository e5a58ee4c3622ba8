"""Figures from sums: without noise the truth itself, with noise the errors that were foretold."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from encode_people import declared, programme_of, trajectory
from foretold_widths import half_width_of_mean, half_width_of_share
from numpy.typing import NDArray

from deploy.demo.clients import generate
from deploy.demo.records import records
from deploy.demo.truth import Key, counted, pooled_truth
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.estimate.forecast import Expected, predict
from privacy.estimate.tables import read_ask
from privacy.inference.intervals import band_of_width
from privacy.noise.skellam import Skellam
from schemas.catalogue.default import programme_of_year
from schemas.measures import Mean
from schemas.record import DIMENSIONS
from schemas.release import Figure
from schemas.units import UnixSeconds

pytestmark = pytest.mark.slow
PROGRAMME = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
ASKS = ("trajectories@start", "wellbeing@end", "wellbeing_change@12m", "durable_match@6m",
        "durable_match@12m", "sector_flows@12m")  # fmt: skip
Vector = NDArray[np.int64]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return generate(12, 4_500)


@pytest.fixture(scope="module")
def layout() -> Layout:
    return make_layout(PROGRAMME, ASKS)


@pytest.fixture(scope="module")
def exact(frame: pd.DataFrame, layout: Layout) -> Vector:
    return encode(records(counted(frame)), layout, PROGRAMME)


@pytest.fixture(scope="module")
def figures(exact: Vector, layout: Layout) -> Mapping[Key, Figure]:
    found = estimate(exact, layout, contributors=10, honest=6)
    return {(f.statistic, f.measure, f.variable, f.cell): f for f in found}


@pytest.fixture(scope="module")
def truth(frame: pd.DataFrame) -> Mapping[Key, float]:
    return {key: value for key, value in pooled_truth(frame).items() if key[0] in ASKS}


def test_counts_and_shares_of_a_noiseless_sum_are_the_truth(
    figures: Mapping[Key, Figure], truth: Mapping[Key, float]
) -> None:
    there = [k for k in truth if k[1] in ("count", "answered", "share") and k in figures]
    given = [k for k in there if figures[k].unadjusted is not None]
    assert len(given) > 1_700
    found = np.array([figures[k].unadjusted for k in given])
    assert np.allclose(found, [truth[k] for k in given], rtol=0, atol=1e-9)


def test_means_of_a_noiseless_sum_are_the_truth_but_for_rounding_to_integers(
    figures: Mapping[Key, Figure], truth: Mapping[Key, float], layout: Layout
) -> None:
    """Each value is cut to a multiple of 1/multiplier, so a mean is off by less than one."""
    multiplier = min(b.multiplier for b in layout.blocks if b.part.role == "sum")
    means = [k for k in truth if k[1] == "mean" and figures[k].unadjusted is not None]
    assert len(means) > 100
    assert all(abs(figures[k].unadjusted - truth[k]) < 1 / multiplier for k in means)  # type: ignore[operator]


def test_deviations_of_a_noiseless_sum_are_the_truth(
    figures: Mapping[Key, Figure], truth: Mapping[Key, float]
) -> None:
    given = [k for k in truth if k[1] == "sd" and figures[k].unadjusted is not None]
    assert len(given) == 12
    for key in given:
        assert figures[key].unadjusted == pytest.approx(truth[key], abs=2e-3)


def test_means_and_deviations_of_whole_numbers_are_the_truth() -> None:
    """Nothing is cut when every value lies a whole number of points from its centre."""
    whole = Mean(value="level", variables=DIMENSIONS[:2], centres=(3000, 3000), lower=-2000,
                 upper=2000, norm=3000)  # fmt: skip
    programme = programme_of((declared("felt", whole, horizons=("intake",)), 180_000))
    layout = make_layout(programme, ["felt@intake"])
    rng = np.random.default_rng(9)
    answers, gender = rng.integers(1, 6, 3_000), rng.choice(["f", "m"], 3_000)
    people = [
        trajectory(gender=str(g), questionnaire="werkgeluk-1",
                   wellbeing={"intake": dict.fromkeys(DIMENSIONS, (int(a), int(a), 6 - int(a)))})
        for a, g in zip(answers, gender, strict=True)
    ]  # fmt: skip
    found = {
        (f.measure, f.cell): f
        for f in estimate(encode(people, layout, programme), layout, contributors=6, honest=6)
        if f.variable == "meaning"
    }
    assert found["mean", ()].unadjusted == pytest.approx(answers.mean(), abs=1e-9)
    assert found["sd", ()].unadjusted == pytest.approx(answers.std(), abs=1e-9)
    women = found["mean", (("gender", "f"),)]
    assert women.unadjusted == pytest.approx(answers[gender == "f"].mean(), abs=1e-9)
    assert women.response is None  # an intake is no follow-up


def test_every_figure_has_a_truth_or_speaks_of_nobody(
    figures: Mapping[Key, Figure], truth: Mapping[Key, float]
) -> None:
    assert truth.keys() <= figures.keys()
    assert all(figures[k].band == "F" for k in figures.keys() - truth.keys())


def test_figures_come_in_the_order_of_asks_views_and_cells(exact: Vector, layout: Layout) -> None:
    found = estimate(exact, layout, contributors=10, honest=6)
    assert list(dict.fromkeys(f.statistic for f in found)) == list(ASKS)
    assert [f.measure for f in found if f.statistic == "wellbeing@end"][-6:] == ["sd"] * 6
    assert [f.cell for f in found][:2] == [(), (("sector_before", "A"),)]


def test_a_follow_up_carries_its_response_rate(
    figures: Mapping[Key, Figure], frame: pd.DataFrame
) -> None:
    people = counted(frame)
    completed = people[people["status"] == "completed"]
    known = completed["labour_status_12m"].notna() & completed["ended_on"].notna()
    found = figures["durable_match@12m", "share", "", ()]
    assert found.response == pytest.approx(known.mean())
    assert found.n == pytest.approx(known.sum())


def test_intervals_lie_in_each_other_and_bands_judge_the_outer_one(
    figures: Mapping[Key, Figure],
) -> None:
    for figure in figures.values():
        if figure.lo is None or figure.hi is None:
            continue
        ends = [figure.lo, figure.noise_lo, figure.estimate, figure.noise_hi, figure.hi]
        assert ends == sorted(ends)  # type: ignore[type-var]
        resolution = 0.1 if figure.measure == "share" else 0.25
        assert figure.band == band_of_width((figure.hi - figure.lo) / 2, resolution)


def test_sampling_errors_are_those_of_the_people_who_answered(
    figures: Mapping[Key, Figure], truth: Mapping[Key, float]
) -> None:
    cell = (("sector_before", "R"),)
    share = figures["durable_match@6m", "share", "", cell]
    p, n = truth["durable_match@6m", "share", "", cell], share.n
    assert n is not None
    assert share.sampling_se == pytest.approx(math.sqrt(p * (1 - p) / n))
    mean = figures["wellbeing@end", "mean", "balance", cell]
    assert mean.n is not None
    sd = truth["wellbeing@end", "sd", "balance", ()]
    assert mean.sampling_se == pytest.approx(sd / math.sqrt(mean.n), rel=2e-3)


def test_a_sum_of_another_length_is_refused(exact: Vector, layout: Layout) -> None:
    with pytest.raises(ValueError, match="as long as the layout"):
        estimate(exact[:-1], layout, contributors=10, honest=6)


@pytest.mark.parametrize(("contributors", "honest"), [(5, 6), (6, 0)])
def test_fewer_centres_than_honest_shares_are_refused(
    exact: Vector, layout: Layout, contributors: int, honest: int
) -> None:
    with pytest.raises(ValueError, match="at least as many centres"):
        estimate(exact, layout, contributors=contributors, honest=honest)


def test_too_few_people_give_no_mean_no_deviation_and_no_interval(layout: Layout) -> None:
    found = estimate(np.zeros(layout.length, dtype=np.int64), layout, contributors=10, honest=6)
    for figure in found:
        assert figure.band == "F"
        if figure.measure in ("mean", "share", "sd"):
            assert {figure.estimate, figure.noise_lo, figure.lo, figure.noise_se} == {None}


def test_a_deviation_that_drowns_in_noise_is_not_given_but_still_widens_means() -> None:
    """Everybody answers the same: the variance is 0, and one SE of it is taken for sampling."""
    same = Mean(value="level", variables=DIMENSIONS[:1], centres=(3000,), lower=-2000,
                upper=2000, norm=2000)  # fmt: skip
    programme = programme_of((declared("felt", same, views=((),)), 50_000))
    layout = make_layout(programme, ["felt@12m"])
    role = {block.part.role: block for block in layout.blocks}
    total = np.zeros(layout.length, dtype=np.int64)
    for part in ("people", "known"):  # 400 people, who all have the one variable
        total[role[part].start] = 400 * role[part].multiplier
    found = {f.measure: f for f in estimate(total, layout, contributors=6, honest=6)}
    assert (found["sd"].estimate, found["sd"].band) == (None, "F")
    assert found["mean"].estimate == pytest.approx(3)
    assert found["mean"].sampling_se is not None
    assert 0 < found["mean"].sampling_se < 2 / math.sqrt(400)


Errors = Mapping[tuple[str, str, int], float]


def realised(layout: Layout, draws: int) -> Errors:
    """Root mean square of the noise left in each table after adjustment."""
    noise, squares = (
        Skellam(layout.noise_variance, 6),
        defaultdict[tuple[str, str, int], float](float),
    )
    random = np.random.default_rng(21).bytes
    for _ in range(draws):
        total = sum(noise.share(layout.length, random) for _ in range(8))
        for ask in layout.asks:
            tables = read_ask(np.asarray(total), layout, ask, contributors=8, honest=6)
            measured = {b.part.role for b in layout.blocks_of(ask)}
            for role in measured:
                adjusted = tables.roles[role]
                for index in range(len(adjusted.starts) - 1):
                    squares[ask.key, role, index] += float((adjusted.view(index)[0] ** 2).mean())
    return {key: math.sqrt(total / draws) for key, total in squares.items()}


def test_errors_are_foretold_within_5_percent() -> None:
    asks = ("wellbeing_change@end", "durable_match@12m", "sector_flows@12m")
    layout = make_layout(PROGRAMME, asks)
    foretold = defaultdict[tuple[str, str], list[Expected]](list)
    for expected in predict(layout, contributors=8, honest=6):
        foretold[expected.ask.key, expected.role].append(expected)
    found = realised(layout, 300)
    assert sum(map(len, foretold.values())) == len(found)
    for (ask, role, index), error in found.items():
        table = foretold[ask, role][index]
        cells = table.noise_se.size * next(
            b.part.lanes for b in layout.blocks if (b.ask.key, b.part.role) == (ask, role)
        )
        # The national count is one number: 300 draws know its error to 4%, tables of 20 to 1%.
        assert error == pytest.approx(
            float(np.sqrt((table.noise_se**2).mean())), rel=0.05 if cells > 5 else 0.12
        )


def test_half_widths_are_foretold(figures: Mapping[Key, Figure], layout: Layout) -> None:
    """For the people and spread there are, the foretold half-width is the published one."""
    expected = {(e.ask.key, e.role, e.view): e for e in predict(layout, contributors=10, honest=6)}
    share = figures["durable_match@12m", "share", "", ()]
    assert share.n is not None
    assert share.estimate is not None
    width = half_width_of_share(
        expected["durable_match@12m", "outcome", ()], people=share.n, share=share.estimate
    )
    assert width == pytest.approx((share.hi - share.lo) / 2, rel=0.01)  # type: ignore[operator]
    mean = figures["wellbeing_change@12m", "mean", "meaning", ()]
    sd = figures["wellbeing_change@12m", "sd", "meaning", ()].estimate
    assert mean.n is not None
    assert mean.estimate is not None
    assert sd is not None
    people, known = (expected["wellbeing_change@12m", role, ()] for role in ("people", "known"))
    width = half_width_of_mean(
        expected["wellbeing_change@12m", "sum", ()],
        # half of people and half of who is known: the two noises are independent
        replace(people, noise_se=np.hypot(people.noise_se, known.noise_se) / 2),
        people=mean.n, beyond=mean.estimate, sd=sd,
    )  # fmt: skip
    assert width == pytest.approx((mean.hi - mean.lo) / 2, rel=0.01)  # type: ignore[operator]


def test_more_centres_beyond_the_honest_ones_mean_more_noise(layout: Layout) -> None:
    few, many = (predict(layout, contributors=n, honest=6) for n in (6, 10))
    for a, b in zip(few, many, strict=True):
        assert b.worst / a.worst == pytest.approx(math.sqrt(10 / 6))
