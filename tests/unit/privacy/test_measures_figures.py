"""Follow-up figures of noiseless sums are what pandas, numpy and lifelines make of the records."""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
from encode_people import programme_of
from follow_up_people import (
    DECLARED,
    WORKING,
    frame_of,
    jobs_held,
    numbers_of,
    people,
    reoriented,
    trained,
)
from lifelines import KaplanMeierFitter

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.inference.intervals import band_of_width
from schemas.catalogue import BASIC, STATISTICS
from schemas.catalogue.default import programme_of_year
from schemas.measures import Choice, Count, Histogram, Share, Survival
from schemas.release import Cell, Figure
from schemas.statistic import Statistic
from schemas.units import UnixSeconds

Truth = Iterator[tuple[str, str, float]]
RECORDS = people(2_500, seed=4)
FRAME = frame_of(RECORDS)


def population(statistic: Statistic) -> pd.DataFrame:
    completed = FRAME["status"] == "completed"
    before, after = (FRAME[f"labour_status_{when}"].isin(WORKING) for when in ("before", "12m"))
    chosen = {
        "all": FRAME["status"].notna(),
        "ended": FRAME["status"].isin(["completed", "stopped"]),
        "completed": completed,
        "in_work_after": completed & after,
        "in_work_both": completed & after & before,
    }
    return FRAME[chosen[statistic.population]]


def shared(outcome: str, inside: pd.DataFrame) -> Truth:
    status, before = inside["labour_status_12m"], inside["sector_before"]
    wanted, after = inside["sector_desired"], inside["sector_12m"]
    working, idle = status.isin(WORKING), status.notna() & ~status.isin(WORKING)
    sectors = (before != "unknown") & (after != "unknown")
    wished = (wanted != "unknown") & (idle | (working & (after != "unknown")))
    yes, no = {
        "completed": (inside["status"] == "completed", inside["status"] == "stopped"),
        "employer_involved": tuple(inside["employer_involved"] == word for word in ("yes", "no")),
        "at_work": (working, idle),
        "changed_sector": (sectors & (before != after), sectors & (before == after)),
        "reached_sector": (
            wished & working & (after == wanted), wished & (idle | (after != wanted)),
        ),
    }[outcome]  # fmt: skip
    yield "answered", "", float((yes | no).sum())
    yield "share", "", float(yes.sum() / max((yes | no).sum(), 1))


def chosen(measure: Choice, inside: pd.DataFrame) -> Truth:
    found = reoriented(inside) if measure.of == "reorientation" else trained(inside)
    found = found[found != ""]
    shares = found.value_counts(normalize=True)
    yield "answered", "", float(len(found))
    for option in measure.options:
        yield "share", option, float(shares.get(option, 0.0))


def quantiles(measure: Histogram, inside: pd.DataFrame) -> Truth:
    edges = np.array(measure.edges, dtype=float)
    clipped = numbers_of(measure, inside).clip(edges[0], edges[-1] - 1)
    below = np.concatenate([[0], np.histogram(clipped, edges)[0].cumsum()])
    yield "answered", "", float(len(clipped))
    for percentile in measure.percentiles:
        wanted = percentile / 100 * len(clipped)
        bins = np.flatnonzero((below[:-1] <= wanted) & (wanted <= below[1:]))
        ends = [  # whole numbers, from the lower edge to one below the upper
            np.interp(wanted, below[k : k + 2], [edges[k], edges[k + 1] - 1]) for k in bins
        ]
        yield "quantile", f"p{percentile}", float((ends[0] + ends[-1]) / 2)


def kept(measure: Survival, inside: pd.DataFrame) -> Truth:
    months, ends = jobs_held(inside)
    yield "answered", "", float(len(months))
    if len(months):
        curve = KaplanMeierFitter().fit(months, ends)
        for month in measure.at:
            # Who lost a job after `month` whole months held it that long.
            yield "survival", f"{month}m", float(curve.predict(month - 0.5))


def diagonal(statistic: Statistic, inside: pd.DataFrame, cell: Cell) -> Truth:
    assert statistic.square is not None
    row, column = statistic.square
    if len(cell) > 1 or (cell and cell[0][0] != row):
        return
    both = inside[(inside[row] != "unknown") & (inside[column] != "unknown")]
    if len(both):
        yield "share", "", float((both[row] == both[column]).mean())


def truth(statistic: Statistic, cell: Cell) -> Truth:
    inside = population(statistic)
    for dimension, code in cell:
        inside = inside[inside[dimension] == code]
    match statistic.measure:
        case Count() as measure:
            yield "count", "", float(len(inside))
            if measure.diagonal:
                yield from diagonal(statistic, inside, cell)
        case Share() as measure:
            yield from shared(measure.outcome, inside)
        case Choice() as measure:
            yield from chosen(measure, inside)
        case Histogram() as measure:
            yield from quantiles(measure, inside)
        case Survival() as measure:
            yield from kept(measure, inside)


def made(statistic: Statistic, records: list = RECORDS) -> tuple[Figure, ...]:
    programme = programme_of((statistic, 10_000_000))
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    return estimate(encode(records, layout, programme), layout, contributors=6, honest=6)


@pytest.fixture(scope="module")
def figures() -> Mapping[str, tuple[Figure, ...]]:
    return {statistic.id: made(statistic) for statistic in DECLARED}


@pytest.mark.heavy
@pytest.mark.parametrize("statistic", DECLARED, ids=lambda s: s.id)
def test_figures_of_a_noiseless_sum_are_the_truth(
    statistic: Statistic, figures: Mapping[str, tuple[Figure, ...]]
) -> None:
    exact = {
        (measure, variable, cell): value
        for cell in dict.fromkeys(f.cell for f in figures[statistic.id])
        for measure, variable, value in truth(statistic, cell)
    }
    given = [f for f in figures[statistic.id] if f.unadjusted is not None]
    assert {f.measure for f in given} == {measure for measure, _, _ in exact}
    assert all(any(f.variable == v and not f.cell for f in given) for _, v, _ in exact)
    for f in given:
        wanted = exact[f.measure, f.variable, f.cell]
        assert f.unadjusted == pytest.approx(wanted, abs=1e-9 * max(1, abs(wanted))), f
    # However many began a job, nobody may have been watched in a later month.
    hidden = [
        f
        for f in figures[statistic.id]
        if f.unadjusted is None and (f.measure != "survival" or f.variable == "6m")
    ]
    assert all(f.band == "F" and f.n is not None and f.n < 5 for f in hidden)


@pytest.mark.parametrize("statistic", DECLARED, ids=lambda s: s.id)
def test_every_figure_stands_once(
    statistic: Statistic, figures: Mapping[str, tuple[Figure, ...]]
) -> None:
    keys = [(f.measure, f.variable, f.cell) for f in figures[statistic.id]]
    assert len(keys) == len(set(keys))


def test_a_diagonal_has_a_share_for_the_nation_and_each_known_row(
    figures: Mapping[str, tuple[Figure, ...]],
) -> None:
    shares = [f for f in figures["commuting"] if f.measure == "share"]
    assert [f.cell for f in shares][:2] == [(), (("nuts2", "BE10"),)]
    assert len(shares) == 12
    assert all(code != "unknown" for f in shares for _, code in f.cell)
    national = shares[0]
    both = population(DECLARED[2])
    known = (both["nuts2"] != "unknown") & (both["work_nuts2"] != "unknown")
    assert national.response == pytest.approx(known.mean())


def test_intervals_lie_in_each_other_and_bands_judge_the_outer_one(
    figures: Mapping[str, tuple[Figure, ...]],
) -> None:
    for statistic in DECLARED:
        for f in figures[statistic.id]:
            if f.lo is None or f.hi is None:
                continue
            ends = [f.lo, f.noise_lo, f.unadjusted, f.noise_hi, f.hi]
            assert ends == sorted(ends)
            assert f.sampling_se is not None
            assert f.sampling_se >= 0
            judged = band_of_width((f.hi - f.lo) / 2, statistic.smallest_difference)
            assert f.band in (judged, "F")


def test_intervals_of_quantiles_hold_those_of_the_raw_values() -> None:
    """Numpy's quantiles of whole months and of euro, not of bins."""
    for name in ("time_to_job", "wage_change"):
        statistic = next(s for s in DECLARED if s.id == name)
        numbers = numbers_of(statistic.measured_by(Histogram), population(statistic))
        for f in made(statistic):
            if f.measure == "quantile" and not f.cell and f.band != "F":
                exact = np.quantile(numbers, int(f.variable[1:]) / 100)
                assert f.noise_lo is not None
                assert f.noise_hi is not None
                assert f.noise_lo <= exact <= f.noise_hi


def test_survival_is_shown_between_0_and_1_and_never_rises() -> None:
    for seed in range(4):
        for _, group in itertools.groupby(
            (f for f in noisy("job_retention", seed) if f.measure == "survival"),
            key=lambda f: f.cell,
        ):
            shown = [f.estimate for f in group if f.estimate is not None]
            assert all(0 <= value <= 1 for value in shown)
            assert shown == sorted(shown, reverse=True)


def noisy(name: str, seed: int) -> tuple[Figure, ...]:
    statistic = next(s for s in DECLARED if s.id == name)
    programme = programme_of((statistic, 20_000), noise_variance=2**24)
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    noise = np.random.default_rng(seed).normal(0, 2**12, layout.length).round().astype(np.int64)
    return estimate(encode(RECORDS, layout, programme) + noise, layout, contributors=6, honest=6)


def test_quantiles_that_outer_bins_may_hold_have_band_f() -> None:
    """Most wages rise by far more than the last edge: where the median lies cannot be told."""
    wages = next(s for s in DECLARED if s.id == "wage_change")
    narrow = Histogram(of="wage_change", edges=(-10_000, 0, 200, 400))
    found = {f.variable: f for f in made(wages.model_copy(update={"measure": narrow}))}
    assert found["p75"].band == "F"
    assert found["p25"].band == "F"  # below 0 nothing is known either


def test_nobody_gives_no_figure() -> None:
    for statistic in DECLARED:
        for f in made(statistic, []):
            assert f.band == "F"
            if f.measure in ("share", "quantile", "survival"):
                assert {f.estimate, f.noise_lo, f.lo, f.noise_se} == {None}


def test_the_default_programme_asks_the_basic_statistics_alone() -> None:
    programme = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
    assert programme.statistics == BASIC
    assert [ask.key for ask in programme.asks] == [
        "trajectories@start", "wellbeing@intake", "wellbeing@end", "wellbeing@6m",
        "wellbeing@12m", "wellbeing_change@end", "wellbeing_change@12m", "durable_match@6m",
        "durable_match@12m", "sector_flows@12m", "employment@6m", "employment@12m",
    ]  # fmt: skip


def test_each_statistic_of_the_catalogue_has_its_own_name() -> None:
    assert len({s.id for s in STATISTICS}) == len(STATISTICS)
    assert {s.id for s in DECLARED} <= {s.id for s in STATISTICS}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Choice(of="training", options=("not_started", "completed")),
        lambda: Choice(of="reorientation", options=("not_started", "started", "completed")),
        lambda: Histogram(of="wage_change", edges=(0, 2, 1)),
        lambda: Histogram(of="wage_change", edges=(0, 1, 2), percentiles=(50, 25)),
        lambda: Histogram(of="wage_change", edges=(0, 1, 2), percentiles=(0, 50)),
        lambda: Survival(at=(12, 6)),
        lambda: Survival(at=(0, 6)),
        lambda: Survival(at=(6, 25)),
        lambda: Statistic.model_validate(
            {**DECLARED[-1].model_dump(), "measure": {"kind": "count", "diagonal": True}}
        ),
    ],
)
def test_declarations_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"options|ascend|between|published|diagonal"):
        wrong()  # type: ignore[operator]


def test_names_of_figures_follow_from_the_declaration() -> None:
    names = {s.id: getattr(s.measure, "variables", ()) for s in DECLARED}
    assert names["wage_change"] == ("p25", "p50", "p75")
    assert names["job_retention"] == ("6m", "12m", "24m")
    assert names["training"] == ("not_started", "started", "completed")
