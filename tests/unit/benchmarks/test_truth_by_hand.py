"""The benchmark's truths, by hand; and a very small region asked through the product's import."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.truth.curator import answers
from benchmarks.truth.exact import exact
from benchmarks.truth.importing import import_all
from benchmarks.truth.questions import (
    Alphas,
    Choices,
    Coefficients,
    CostShare,
    Counts,
    Diagonal,
    Flags,
    Key,
    Kind,
    Means,
    Quantiles,
    Query,
    Shares,
    Survival,
    declared,
)
from benchmarks.truth.rounds import honest_at, measure
from benchmarks.truth.score import compare, summary
from benchmarks.truth.sources import CENTRES, Source, clients, ended, months_on, yes_no
from schemas.statistic import Horizon

PEOPLE = pd.DataFrame(
    {
        "sector_before": ["A", "A", "A", "C", None],
        "sector_desired": ["A", "A", "C", "C", None],
        "sector_12m": ["A", "C", "C", "C", "A"],
        "works": [True, True, False, True, None],
        "step": ["stayed", "stayed", "new_role", "new_sector", None],
        "score": [1.0, 2.0, 3.0, 5.0, None],
        "paid": [10.0, 20.0, 30.0, 40.0, 0.0],
        "all": [100.0, 100.0, 100.0, 100.0, 100.0],
        "raise": [0, 100, 200, 300, 1_000],
        "months": [3, 6, 9, 12, 30],
        "over": [True, False, True, False, False],
        "one": [1, 2, 3, 4, 5],
        "two": [1, 2, 3, 4, 5],
        "three": [5, 5, 5, 5, 1],
    }
)
A = (("sector_before", "A"),)
STEPS = ("stayed", "new_role", "new_employer", "new_sector")


def true(kind: Kind, name: str, horizon: Horizon = "12m") -> dict[Key, float]:
    return {k: e.value for k, e in exact(Query(declared(name), horizon, kind), PEOPLE).items()}


FIT = Query(
    declared("gain_explained", (), ("constant", "hours", "baseline")),
    "12m",
    Coefficients("gain", {"hours": "hours", "baseline": "start"}),
)


def on_a_plane() -> pd.DataFrame:
    """Gain is .3 at 5.5 hours and 3.2, .1 more an hour, .2 less a point; one person is silent."""
    hours = np.array([4.5, 5.5, 6.5, 5.5, 2.0, 9.0])
    start = np.array([3.2, 3.7, 3.2, 2.7, 3.0, 4.0])
    gain = 0.3 + 0.1 * (hours - 5.5) - 0.2 * (start - 3.2)
    return pd.DataFrame({"hours": hours, "start": start, "gain": gain}).reindex(range(7))


def test_coefficients_are_those_of_the_plane_that_everybody_lies_on() -> None:
    found = {k: e.value for k, e in exact(FIT, on_a_plane()).items()}
    assert found == pytest.approx(
        {
            ("answered", "", ()): 6,
            ("coefficient", "constant", ()): 0.3,
            ("coefficient", "hours", ()): 0.1,
            ("coefficient", "baseline", ()): -0.2,
            ("r2", "", ()): 1.0,
        }
    )


def test_a_curator_of_many_finds_the_same_plane() -> None:
    many = pd.concat([on_a_plane()] * 20_000, ignore_index=True)
    told = answers(FIT, many, 1.0, 20, np.random.default_rng(1))
    means = {key: float(draws.mean()) for key, draws in told.items()}
    assert means == pytest.approx(
        {
            ("coefficient", "constant", ()): 0.3,
            ("coefficient", "hours", ()): 0.1,
            ("coefficient", "baseline", ()): -0.2,
        },
        abs=0.002,
    )


def test_counts_and_shares_are_those_one_can_count_on_a_hand() -> None:
    counts = true(Counts(), "trajectories", "start")
    assert counts["count", "", ()] == 5
    assert counts["count", "", A] == 3
    assert counts["count", "", (("sector_before", "unknown"),)] == 1
    shares = true(Shares("works"), "durable_match")
    assert shares["share", "", ()] == 3 / 4
    assert shares["answered", "", ()] == 4
    assert shares["share", "", A] == pytest.approx(2 / 3)
    steps = true(Choices("step", STEPS), "reorientation")
    assert steps["share", "stayed", ()] == 1 / 2
    assert steps["share", "new_employer", ()] == 0


def test_the_diagonal_leaves_out_whose_code_is_not_known() -> None:
    found = true(Diagonal("sector_desired", "sector_12m"), "desired_sector")
    assert found["share", "", ()] == 3 / 4
    assert found["share", "", (("sector_desired", "A"),)] == 1 / 2
    assert found["count", "", (("sector_desired", "A"), ("sector_12m", "C"))] == 1


def test_means_deviations_gaps_and_parts_of_a_cost() -> None:
    means = true(Means({"meaning": "score"}), "wellbeing", "intake")
    assert means["mean", "meaning", ()] == 11 / 4
    assert means["sd", "meaning", ()] == pytest.approx(math.sqrt(35 / 16))
    gaps = true(Flags({"durable": "works"}, gaps=True), "fairness")
    assert not any(key[0] == "gap" and key[2] == () for key in gaps)
    costs = true(CostShare("paid", "all"), "employer_cost", "end")
    assert costs["ratio", "employer", ()] == 0.2
    assert costs["ratio", "employer", A] == 0.2


def test_quantiles_and_kaplan_meier() -> None:
    assert true(Quantiles("raise"), "wage_change")["quantile", "p50", ()] == 200
    held = true(Survival("months", "over"), "job_retention")
    assert held["survival", "6m", ()] == pytest.approx(4 / 5)  # one of five ended after 3 months
    assert held["survival", "12m", ()] == pytest.approx(4 / 5 * 2 / 3)  # one of three after 9
    assert held["survival", "24m", ()] == pytest.approx(4 / 5 * 2 / 3)


def test_alpha_of_two_equal_items_is_one_and_of_three_follows_from_variances() -> None:
    two = Alphas({"meaning": ("one", "two")}, 1, 5)
    assert true(two, "reliability", "intake")["alpha", "meaning", ()] == pytest.approx(1)
    three = Alphas({"meaning": ("one", "two", "three")}, 1, 5)
    # Variances 2, 2, 2.56; totals 7, 9, 11, 13, 11 have variance 4.16.
    expected = 3 / 2 * (1 - 6.56 / 4.16)
    assert true(three, "reliability", "intake")["alpha", "meaning", ()] == pytest.approx(expected)


def test_a_curator_is_off_by_what_its_budget_says() -> None:
    counted = Query(declared("coverage", ()), "start", Counts())
    rng = np.random.default_rng(1)
    told = answers(counted, PEOPLE, rho=0.02, draws=4_000, rng=rng)["count", "", ()]
    assert told.mean() == pytest.approx(5, abs=0.3)
    assert told.std() == pytest.approx(5, rel=0.05)  # 1 / sqrt(2 x 0.02)


NUMBER = 120


@pytest.fixture(scope="module")
def small() -> Source:
    """A hundred and twenty people whose jobs, sectors and work are known."""
    place = np.arange(NUMBER)
    months, over = pd.Series(place % 20), pd.Series(place % 3 == 0)
    sector, works = pd.Series(list("ACG" * 40)), pd.Series(place % 4 > 0)
    start = ended(NUMBER)
    durable = works & ~(over & (months < 12))
    return Source(
        "small",
        "none",
        clients(
            NUMBER,
            {
                "sector_before": sector,
                "labour_status_12m": works.map({True: "employed", False: "unemployed"}),
                "employer_involved": yes_no(works),
                "job_started_on": start,
                "job_ended_on": months_on(start, months.tolist()).where(over.to_numpy()),
                "last_seen_on": months_on(start, months.tolist()),
            },
        ),
        pd.DataFrame(
            {
                "months": months,
                "over": over,
                "sector_before": sector,
                "works": works,
                "durable": durable,
            }
        ),
        (
            Query(declared("trajectories"), "start", Counts()),
            Query(declared("employer_participation"), "end", Shares("works")),
            Query(declared("durable_match", ()), "12m", Shares("durable")),
            Query(declared("job_retention", ()), "12m", Survival("months", "over")),
        ),
    )


def test_a_small_region_publishes_the_truth_within_its_noise(small: Source, tmp_path: Path) -> None:
    kept = import_all(small, tmp_path)
    assert sum(len(cohort) for centre in kept for cohort in centre.counted) == NUMBER
    assert len(kept) == CENTRES
    rng, honest, asked = np.random.default_rng(2), honest_at(), []
    for query in small.queries:
        truth = exact(query, small.study)
        ours = measure(small, query, kept, 10_000_000)
        published = ours.figures(honest, rng)
        found = {(f.measure, f.variable, f.cell): f for f in published}
        for key, one in truth.items():
            figure = found[key]
            if figure.unadjusted is not None and figure.noise_se is not None:
                assert abs(figure.unadjusted - one.value) <= 5 * figure.noise_se + 1e-9, key
        told = answers(query, small.study, 10.0, 200, rng)
        asked.append(compare("small", query, truth, told, [published] * 2))
    facts = summary(asked)
    assert facts["questions"] > 20
    assert facts["withheld_wrongly"] == 0
    assert facts["covered"] > 0.8
    through_masks, same = ours.by_protocol()
    assert same
    assert [f.measure for f in through_masks] == [f.measure for f in published]
