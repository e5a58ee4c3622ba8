"""Whatever a signed programme asks, a list is made of any records: a node that failed on some would
tell by it that it holds them, without noise and without a price."""

from datetime import date
from typing import get_args

import numpy as np
import pytest

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from schemas.catalogue.default import PLANS, programme_of_year
from schemas.programme import Ask, Programme
from schemas.record import Trajectory
from schemas.statistic import Horizon, Population, Statistic
from schemas.units import MicroRho, UnixSeconds

WHOLE = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33), PLANS["full"])
DAY = date(2024, 2, 29)


def record(number: int, **said: object) -> Trajectory:
    given = {"client_ref": f"c{number}", "trajectory_ref": f"t{number}", "started_on": DAY, **said}
    return Trajectory.model_validate({"status": "completed", **given})


ODD = (
    record(1),
    record(2, status="running", birth_year=2100, guidance_quarters=80),
    record(3, ended_on=DAY, labour_status_6m="employed", labour_status_12m="student",
           job_started_on=date(1990, 1, 1), job_ended_on=date(1990, 1, 1)),
    record(4, ended_on=DAY, labour_status_before="employed", labour_status_6m="employed",
           labour_status_12m="employed", sector_before="A", wage_before=0, wage_12m=20_000),
    record(5, questionnaire="another-one", wellbeing={"intake": {"meaning": (7, 7, 7, 7, 7, 7)}}),
    record(6, wellbeing={w: {"meaning": (), "safety": (1,)} for w in ("intake", "12m")}),
    record(7, training_completed="yes", price_employer=1_000_000, drivers=("growth",)),
    record(8, last_seen_on=date(2199, 1, 1), ended_on=DAY, job_started_on=DAY),
)  # fmt: skip


def variants(declared: Statistic) -> list[tuple[Programme, Layout]]:
    """The statistic, asked of every population at every horizon that a programme may sign."""
    found = []
    for horizon in get_args(Horizon):
        for population in get_args(Population):
            try:
                changed = {"horizons": (horizon,), "population": population}
                one = Statistic(**{**dict(declared), **changed})
                ask = Ask(statistic=one.id, horizon=horizon, price=MicroRho(150_000))
                alone = {"statistics": (one,), "asks": (ask,), "reserves": ()}
                programme = Programme(**{**dict(WHOLE), **alone})
                found.append((programme, make_layout(programme, [ask.key])))
            except ValueError:
                continue  # nobody can sign it, or no node would take its layout
    return found


@pytest.mark.parametrize("declared", WHOLE.statistics, ids=lambda one: one.id)
def test_a_list_is_made_of_any_records_for_anything_that_can_be_signed(declared: Statistic) -> None:
    asked = variants(declared)
    assert asked
    for programme, layout in asked:
        for some in (ODD, *((one,) for one in ODD)):
            made = encode(some, layout, programme, bytes)
            assert made.shape == (layout.length,)
            assert np.abs(made).max() <= layout.bound(1)
