"""A declaration of one table: the total is its sum, and costs nothing of the table's precision."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from cast import tape
from encode_people import declared, programme_of
from measure_people import people

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.estimate.forecast import predict
from schemas.measures import Count, Mean, Share
from schemas.programme import Programme
from schemas.questionnaire import built_in
from schemas.release import Figure
from schemas.round import NoiseFamily

CROWD = people(400, seed=6)
BY_GENDER: Any = (("gender",),)
FELT = Mean(
    value="level", variables=("meaning", "balance"), centres=(3_000, 3_000), lower=-2_000,
    upper=2_000, norm=2_500, gaps=True,
)  # fmt: skip
MEASURES = {"counted": Count(), "matched": Share(outcome="durable_match"), "felt": FELT}


def asked(
    name: str, views: Any = BY_GENDER, noise: NoiseFamily = "skellam", price: int = 200_000
) -> tuple[Programme, Layout]:
    statistic = declared(name, MEASURES[name], views=views)
    programme = programme_of((statistic, price), noise=noise)
    return programme, make_layout(programme, [f"{name}@12m"])


def by_name(found: Any) -> dict[Any, Figure]:
    return {(f.measure, f.variable, f.cell): f for f in found}


def test_the_whole_price_goes_to_the_one_table() -> None:
    _, layout = asked("counted")
    (block,) = layout.blocks
    assert block.part.view == ("gender",)
    assert block.part.rho_share == 1
    both = asked("counted", ((), ("gender",)))[1].blocks[1]
    assert block.multiplier == pytest.approx(both.multiplier * math.sqrt(5 / 4), rel=1e-3)


def test_the_total_is_the_sum_of_the_table_with_the_noise_of_its_cells() -> None:
    programme, layout = asked("counted")
    total = encode(CROWD, layout, programme)
    total += layout.noise(6).share(layout.length, tape("one view"))
    found = by_name(estimate(total, layout, contributors=6, honest=6))
    codes = ("f", "m", "x", "unknown")
    cells = [found["count", "", (("gender", code),)] for code in codes]
    national = found["count", "", ()]
    assert national.unadjusted == pytest.approx(sum(f.unadjusted or 0 for f in cells))
    assert national.noise_se == pytest.approx(math.sqrt(sum((f.noise_se or 0) ** 2 for f in cells)))
    unit = math.sqrt(layout.noise_variance) / layout.blocks[0].multiplier
    assert cells[0].noise_se == pytest.approx(unit)


def test_means_gaps_and_deviations_need_no_total_of_their_own() -> None:
    programme, layout = asked("felt", price=9_000_000)
    found = by_name(
        estimate(50 * encode(CROWD, layout, programme), layout, contributors=6, honest=6)
    )
    scores = np.array(
        [_score(record, dimension) for record in CROWD for dimension in FELT.variables]
    ).reshape(-1, 2)
    women = np.array([r.gender == "f" for r in CROWD])
    known = ~np.isnan(scores[:, 0])
    mean = found["mean", "meaning", ()]
    assert mean.estimate == pytest.approx(scores[known, 0].mean(), abs=0.01)
    gap = scores[known & women, 0].mean() - scores[known & ~women, 0].mean()
    found_gap = found["gap", "meaning", (("gender", "f"),)].estimate
    assert found_gap == pytest.approx(gap, abs=0.01)
    spread = found["sd", "meaning", ()].estimate
    assert spread == pytest.approx(scores[known, 0].std(), abs=0.01)


def _score(record: Any, dimension: Any) -> float:
    answers = record.wellbeing.get("12m", {}).get(dimension, ())
    score = built_in().score(dimension, answers)
    return math.nan if score is None else float(score)


@pytest.mark.heavy
@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("noise", ["skellam", "polya"])
def test_intervals_of_one_table_and_of_its_total_hold_as_often_as_they_say(
    name: str, noise: NoiseFamily
) -> None:
    programme, layout = asked(name, noise=noise)
    still = 50 * encode(CROWD, layout, programme)
    truth = by_name(estimate(still, layout, contributors=1, honest=1))
    held: dict[bool, list[bool]] = {True: [], False: []}
    source = layout.noise(6)
    random = tape(f"hold {name} {noise}")
    for _ in range(1_500):
        total = still + source.part(Fraction(1), layout.length, random)
        for key, f in by_name(estimate(total, layout, contributors=6, honest=6)).items():
            right = truth[key].unadjusted
            if f.noise_lo is not None and f.noise_hi is not None and right is not None:
                held[f.cell == ()].append(f.noise_lo <= right <= f.noise_hi)
    for where in held.values():
        assert len(where) >= 1_500
        assert 0.93 <= np.mean(where) <= 0.97


def test_a_forecast_tells_of_the_total_as_well() -> None:
    _, layout = asked("counted")
    found = predict(layout, contributors=6, honest=6)
    assert [one.view for one in found] == [(), ("gender",)]
    unit = math.sqrt(layout.noise_variance) / layout.blocks[0].multiplier
    assert found[0].noise_se == pytest.approx([2 * unit])
    assert found[1].noise_se == pytest.approx([unit] * 4)
