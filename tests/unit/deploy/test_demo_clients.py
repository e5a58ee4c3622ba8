from datetime import date

import numpy as np
import pandas as pd
import pytest

from deploy.demo.answers import column_names
from deploy.demo.centres import CENTRES
from deploy.demo.clients import generate
from deploy.demo.effects import Effects
from deploy.demo.population import shares
from deploy.demo.records import records
from deploy.demo.truth import Key, counted, pooled_truth
from schemas import codes
from schemas.record import DIMENSIONS

TODAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return generate(2024)


@pytest.fixture(scope="module")
def truth(frame: pd.DataFrame) -> dict[Key, float]:
    return pooled_truth(frame)


def test_exactly_fifteen_thousand_clients_count_over_ten_centres(frame: pd.DataFrame) -> None:
    people = counted(frame)
    assert people["centre"].value_counts().sort_index().tolist() == [c.size for c in CENTRES]
    assert len(people) == 15_000


def test_some_rows_must_not_count(frame: pd.DataFrame) -> None:
    without = frame[frame["consent_statistics"] == "no"]
    again = frame.duplicated(["centre", "client_ref"])
    assert without[["centre", "client_ref"]].drop_duplicates().shape[0] == 450
    assert again.sum() == 309
    assert not frame.duplicated(["centre", "trajectory_ref"]).any()


def test_a_seed_fixes_every_cell_and_another_seed_changes_them() -> None:
    once, twice, other = generate(5, 400), generate(5, 400), generate(6, 400)
    pd.testing.assert_frame_equal(once, twice)
    assert not once["sector_before"].equals(other["sector_before"])


def test_the_margins_follow_the_cited_figures(frame: pd.DataFrame) -> None:
    people = counted(frame)
    provinces = people["residence"].str[:4].value_counts()
    for code, share in shares("province of residence").items():
        assert provinces[code] / 15_000 == pytest.approx(share, abs=0.01)
    sectors = people["sector_before"].value_counts()
    for code, share in shares("sector before, NACE Rev. 2.1").items():
        assert sectors[code] / 15_000 == pytest.approx(share, abs=0.004)
    assert (people["gender"] == "f").mean() == pytest.approx(0.70, abs=0.02)
    assert (people["education"] == "high").mean() == pytest.approx(0.70, abs=0.02)
    assert (people["education"] == "low").mean() == pytest.approx(0.06, abs=0.01)


def test_the_table_has_large_and_tiny_sectors_and_five_provinces(
    truth: dict[Key, float],
) -> None:
    by_sector = [
        truth["trajectories@start", "count", "", (("sector_before", code),)]
        for code in codes.sectors()
    ]
    assert sum(count >= 1_000 for count in by_sector) >= 6
    assert sum(count >= 750 for count in by_sector) >= 8
    assert sum(0 < count < 100 for count in by_sector) >= 4
    provinces = [
        truth["trajectories@start", "count", "", (("nuts2", f"BE2{place}"),)]
        for place in range(1, 6)
    ]
    assert min(provinces) >= 1_500


def test_every_horizon_is_past_and_dates_are_in_order(frame: pd.DataFrame) -> None:
    started, ended = frame["started_on"], frame["ended_on"]
    assert started.between("2024-01-01", "2024-12-31").all()
    assert ((ended > started) | ended.isna()).all()
    assert (ended + pd.DateOffset(months=12)).max().date() < TODAY
    assert frame["job_ended_on"].max().date() < TODAY
    later = frame["job_ended_on"] >= frame["job_started_on"]
    assert (later | frame["job_ended_on"].isna() | frame["job_started_on"].isna()).all()


def test_answers_come_back_often_enough(truth: dict[Key, float]) -> None:
    completed = 15_000 * 0.92
    for key in ("wellbeing_change@end", "wellbeing_change@12m",
                "durable_match@6m", "durable_match@12m"):  # fmt: skip
        variable = "meaning" if key.startswith("wellbeing") else ""
        assert 0.6 < truth[key, "answered", variable, ()] / completed < 0.8
    assert truth["wellbeing@12m", "answered", "meaning", ()] / 15_000 > 0.6


def test_guidance_goes_with_gains_in_five_dimensions_and_none_in_one(
    truth: dict[Key, float],
) -> None:
    effects = Effects()
    for horizon in ("end", "12m"):
        change = {d: truth[f"wellbeing_change@{horizon}", "mean", d, ()] for d in DIMENSIONS}
        assert abs(change.pop(effects.still)) < 0.004
        assert min(change.values()) > 0.08
        assert max(change, key=lambda d: change[d]) == "meaning"


def test_one_group_gains_less(truth: dict[Key, float]) -> None:
    def meaning(sector: str) -> float:
        cell = (("sector_before", sector),)
        return truth["wellbeing_change@end", "mean", "meaning", cell]

    assert meaning("R") - meaning("G") > 0.15


def test_some_sectors_hold_people_ten_points_longer(truth: dict[Key, float]) -> None:
    def held(sector: str) -> float:
        return truth["durable_match@12m", "share", "", (("sector_before", sector),)]

    for sector in "PQ":
        assert held(sector) - held("G") > 0.10


def test_a_few_flows_between_sectors_are_large(truth: dict[Key, float]) -> None:
    flows = {
        cell: value
        for (key, _, _, cell), value in truth.items()
        if key == "sector_flows@12m" and len(cell) == 2 and cell[0][1] != cell[1][1]
    }
    assert flows[("sector_before", "R"), ("sector_12m", "Q")] > 150
    assert sum(count > 65 for count in flows.values()) >= 5
    assert sum(count < 20 for count in flows.values()) > 400


def test_other_effects_can_be_asked_for() -> None:
    gain = {**Effects().gain, "meaning": 0.0, "safety": 1.0}
    changed = pooled_truth(generate(3, 2_000, Effects(gain=gain)))
    assert abs(changed["wellbeing_change@end", "mean", "meaning", ()]) < 0.06
    assert changed["wellbeing_change@end", "mean", "safety", ()] > 0.7


def test_a_dimension_that_stands_still_cannot_gain() -> None:
    with pytest.raises(ValueError, match="safety is to stand still"):
        Effects(still="safety")


@pytest.mark.heavy
def test_rows_are_valid_records(frame: pd.DataFrame) -> None:
    rows = frame.sample(300, random_state=1)
    found = records(rows)
    assert [r.trajectory_ref for r in found] == rows["trajectory_ref"].tolist()
    assert sum(r.consent.counts for r in found) == (rows["consent_statistics"] == "yes").sum()
    hours = [(r.guidance_quarters or 0) / 4 for r in found]
    assert hours == rows["guidance_hours"].tolist()


def test_items_of_a_dimension_hang_together(frame: pd.DataFrame) -> None:
    items = frame[column_names()[:3]].dropna().to_numpy(dtype=float)
    items[:, 2] = 6 - items[:, 2]  # meaning-3 is worded the other way round
    total = items.sum(axis=1).var()
    alpha = 1.5 * (1 - items.var(axis=0).sum() / total)
    assert alpha == pytest.approx(0.8, abs=0.03)
    assert np.corrcoef(items, rowvar=False).min() > 0.4
