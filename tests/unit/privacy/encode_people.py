"""People, declarations and programmes for the tests of encoders and estimators."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from schemas import codes
from schemas.measures import Count, Mean, Share
from schemas.programme import Ask, Period, Programme
from schemas.questionnaire import Questionnaire, Text, built_in
from schemas.record import DIMENSIONS, WHENS, Trajectory
from schemas.round import NoiseFamily
from schemas.statistic import Statistic
from schemas.units import MicroRho, UnixSeconds

_STATUS = ("employed", "self_employed", "unemployed", "inactive", "student", None)


def text(name: str) -> Text:
    return Text(nl=name, fr=name, en=name)


def declared(name: str, measure: Count | Share | Mean, **fields: Any) -> Statistic:
    """A statistic asked of all at 12 months, by gender and education."""
    stated: dict[str, Any] = {
        "population": "all",
        "horizons": ("12m",),
        "views": ((), ("gender",), ("education",)),
        "unit": "people",
        **fields,
    }
    return Statistic(
        id=name, number=99, name=text(name), definition=text(name), audience=("researcher",),
        measure=measure, **stated,
    )  # fmt: skip


def programme_of(
    *asked: tuple[Statistic, int],
    noise_variance: int = 2**32,
    questionnaires: Sequence[Questionnaire] | None = None,
    noise: NoiseFamily = "skellam",
) -> Programme:
    """A programme that asks each statistic at its first horizon, at its price."""
    return Programme(
        id="test",
        version=1,
        region="Test",
        spread=True,
        valid_from=UnixSeconds(0),
        valid_until=UnixSeconds(2**33),
        budget=MicroRho(10_000_000),
        noise_variance=noise_variance,
        questionnaires=tuple(questionnaires or (built_in(),)),
        statistics=tuple(statistic for statistic, _ in asked),
        asks=tuple(
            Ask(statistic=s.id, horizon=s.horizons[0], price=MicroRho(price), noise=noise)
            for s, price in asked
        ),
        periods=(Period(id="year", cohorts=("2024Q1",), not_before=UnixSeconds(0)),),
    )


def answers_of(item: int) -> dict[str, tuple[int | None, ...]]:
    """The same answer to every item of the built-in questionnaire."""
    return {d: (item,) * len(built_in().items_of(d)) for d in DIMENSIONS}


def trajectory(**fields: Any) -> Trajectory:
    """A completed trajectory of somebody in work."""
    return Trajectory(
        **{
            "client_ref": "c", "trajectory_ref": "t", "started_on": date(2024, 1, 15),
            "ended_on": date(2024, 3, 31), "status": "completed", **fields,
        }
    )  # fmt: skip


def crowd(count: int, seed: int) -> list[Trajectory]:
    """Made-up people over all codes; every field may be missing."""
    rng = np.random.default_rng(seed)

    def one(choices: Sequence[Any]) -> Any:
        return choices[int(rng.integers(len(choices)))]

    def wellbeing() -> dict[str, dict[str, tuple[int | None, ...]]]:
        lean = rng.integers(1, 5)
        return {
            when: {
                d: tuple(
                    None if rng.random() < 0.08 else int(rng.integers(lean, 6))
                    for _ in built_in().items_of(d)
                )
                for d in DIMENSIONS
            }
            for when in WHENS
            if rng.random() < 0.8
        }

    sectors, places = (*codes.sectors()[:8], None), (*codes.nuts(3)[20:], None)
    return [
        trajectory(
            started_on=date(2024, 1, 1) + timedelta(days=int(rng.integers(90))),
            ended_on=one([None, *(date(2024, 5, 1) + timedelta(days=k) for k in range(150))]),
            job_ended_on=one([None] * 9 + [date(2025, 2, 1)]),
            status=one(["completed"] * 8 + ["running", "stopped"]),
            residence=one(places),
            gender=one(["f", "f", "m", "x", None]),
            education=one(["low", "medium", "high", None]),
            birth_year=one([None, *range(1955, 2006)]),
            guidance_quarters=one([None, *range(40)]),
            sector_before=one(sectors),
            sector_12m=one(sectors),
            labour_status_before=one(_STATUS),
            labour_status_6m=one(_STATUS),
            labour_status_12m=one(_STATUS),
            questionnaire=one(["werkgeluk-1"] * 9 + ["another"]),
            wellbeing=wellbeing(),
        )
        for _ in range(count)
    ]
