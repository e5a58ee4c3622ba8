"""Rounding is right on average: what is in the sum is the sum, for every measure and noise."""

from typing import Any

import numpy as np
import pytest
from cast import tape
from encode_people import declared, programme_of
from measure_people import people

from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.measures.kinds import MEASURES
from privacy.measures.parts import rounded
from privacy.people.population import Asked
from schemas.catalogue import STATISTICS
from schemas.measures import Share
from schemas.questionnaire import built_in
from schemas.round import NoiseFamily
from schemas.statistic import Statistic

CROWD = people(200, seed=11)
CENTRES = [CROWD[k::10] for k in range(10)]
REPEATS = 4
FULL = {
    statistic.id: statistic.model_copy(update={"views": ((),), "population": "all"})
    for statistic in STATISTICS
    if statistic.square is None
}
FULL["calibrated"] = declared(
    "calibrated", Share(outcome="durable_match", calibrate=True), views=((),)
)


def mean_sum(statistic: Statistic, noise: NoiseFamily, variance: int) -> tuple[Any, Any, float]:
    """(mean of the sums of 10 centres, exact sum, deviation of the noise), in steps."""
    horizon = statistic.horizons[-1]
    one = statistic.model_copy(update={"horizons": (horizon,)})
    programme = programme_of((one, 60_000), noise=noise, noise_variance=variance)
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    random = tape(f"{statistic.id} {noise}")
    sums = [
        sum(encode(part, layout, programme, random) for part in CENTRES) for _ in range(REPEATS)
    ]
    asked = Asked(CROWD, one, horizon, {"werkgeluk-1": built_in()})
    rows = MEASURES[one.measure.kind].rows(asked)
    exact = [rows[block.part.role].sum(axis=0) * block.multiplier for block in layout.blocks]
    deviation = layout.variance_of_sum(contributors=10, honest=6) ** 0.5
    return np.mean(sums, axis=0), np.concatenate(exact), deviation


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize(
    ("noise", "variance"), [("skellam", 2**32), ("skellam", 2**20), ("polya", 1_024)]
)
def test_no_sum_is_off_by_a_tenth_of_its_noise(
    name: str, noise: NoiseFamily, variance: int
) -> None:
    found, exact, deviation = mean_sum(FULL[name], noise, variance)
    assert np.abs(found - exact).max() < 0.1 * deviation


def test_a_fraction_is_rounded_up_as_often_as_it_says() -> None:
    fine = np.full((1, 40_000), 3 * 1_024 + 256)
    found = rounded(fine, 10, tape("quarter"))
    assert set(found.ravel()) == {3, 4}
    assert found.mean() == pytest.approx(3.25, abs=0.01)
    assert rounded(-fine, 10, tape("quarter")).mean() == pytest.approx(-3.25, abs=0.01)


def test_whole_steps_stay_as_they_are() -> None:
    fine = np.array([[-2, 0, 5]]) << 10
    assert rounded(fine, 10, tape("whole")).tolist() == [[-2, 0, 5]]
    assert rounded(fine >> 10, 0, tape("whole")).tolist() == [[-2, 0, 5]]


@pytest.mark.heavy
def test_a_mean_alone_under_polya_noise_is_held_as_often_as_it_says() -> None:
    """The mean and deviation of exact values, by numpy; thirty times 10 centres of 20 clients."""
    one = FULL["context_fit"].model_copy(update={"horizons": ("12m",)})
    programme = programme_of((one, 2_000_000), noise="polya")
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    marks = np.array([
        [r.context_fit["12m"][a] for a in ("culture", "team", "leadership")]
        for r in CROWD if r.context_fit
    ])  # fmt: skip
    exact = dict(zip(("culture", "team", "leadership"), marks.mean(axis=0), strict=True))
    spread = dict(zip(exact, marks.std(axis=0), strict=True))
    noise, random = layout.noise(6), tape("polya mean")
    apart: list[float] = []
    held: dict[str, list[bool]] = {"mean": [], "sd": []}
    for draw in range(400):
        if draw % 20 == 0:
            still = sum(encode(part, layout, programme, random) for part in CENTRES)
        total = 30 * still + sum(noise.share(layout.length, random) for _ in CENTRES)
        for f in estimate(total, layout, contributors=10, honest=6):
            if f.measure not in held or f.estimate is None or f.noise_se is None:
                continue
            assert f.noise_lo is not None
            assert f.noise_hi is not None
            right = (exact if f.measure == "mean" else spread)[f.variable]
            held[f.measure].append(f.noise_lo <= right <= f.noise_hi)
            if f.measure == "mean":
                apart.append((f.estimate - right) / f.noise_se)
    assert len(held["mean"]) == 1_200
    assert 0.93 <= np.mean(held["mean"]) <= 0.97
    assert 0.93 <= np.mean(held["sd"]) <= 0.97
    assert abs(np.mean(apart)) < 0.1
