"""Synthetic Flemish clients of career guidance: one row per trajectory, from a fixed seed.

numpy's generator is right here: these people do not exist, so nothing has to stay unguessable.
The marginals and their sources stand in marginals.csv, the built-in effects in effects.py.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.demo import answers, course
from deploy.demo.centres import CENTRES, sizes
from deploy.demo.effects import Effects
from deploy.demo.population import (
    allocation,
    odds_by_sector,
    postcodes,
    quota,
    shares,
    table,
    tilted,
)
from schemas import codes
from schemas.record import WHENS, When

YEAR = 2024
_WITHOUT_CONSENT, _SECOND_TRAJECTORY = 0.03, 0.02
_SECTOR_UNKNOWN, _RESIDENCE_UNKNOWN = 0.008, 0.008
_AGES = {"<25": (22, 24), "25-34": (25, 34), "35-44": (35, 44), "45-54": (45, 54), "55+": (55, 63)}
_MONTHS: dict[When, str] = {"6m": "6 months", "12m": "12 months", "intake": "intake", "end": "end"}
_DATES = ("started_on", "ended_on", "job_started_on", "job_ended_on", "last_seen_on")


def generate(seed: int, clients: int = 15_000, effects: Effects | None = None) -> pd.DataFrame:
    """Return one row per trajectory, fields and values as in `schemas.record`, and `centre`.

    Exactly `clients` people gave consent, over ten centres (0..9) in the proportion of their
    sizes, each with a first trajectory in one of the four quarters of 2024. Beside them: 3% more
    clients without consent, who must never count, and for 2% of all clients a second trajectory
    later in 2024, which must not count either. References are unique within a centre only.

    Columns beside the record's: `centre`; `postcode` behind `residence` (NUTS 3);
    `guidance_hours`; prices in euro; `consent_statistics` yes or no; answers as whole numbers in
    wellbeing.<moment>.<dimension>.<item>. Dates are datetime64, missing is NaT, NaN or <NA>.
    """
    wanted = effects or Effects()
    rng = np.random.default_rng(seed)
    people = pd.concat(
        [
            _people(rng, clients).assign(consent_statistics="yes"),
            _people(rng, round(_WITHOUT_CONSENT * clients)).assign(consent_statistics="no"),
        ],
        ignore_index=True,
    )
    people["person"] = np.arange(len(people))
    people["started_on"] = _starts(rng, len(people))
    first = people.assign(**course.guidance(rng, people))
    second = _second(rng, people, first)
    frame = _with_references(pd.concat([first, second], ignore_index=True))
    return _followed(rng, frame, wanted)


def _people(rng: np.random.Generator, people: int) -> pd.DataFrame:
    centre, province = allocation(rng, sizes(people), tuple(c.home for c in CENTRES))
    postcode = postcodes(rng, province)
    postcode[rng.random(people) < _RESIDENCE_UNKNOWN] = None
    sector = quota(rng, shares("sector before, NACE Rev. 2.1"), people)
    woman = _odds(sector, "women among clients (relative odds)")
    low = _odds(sector, "low education among clients (relative odds)")
    education = shares("education")
    unschooled = tilted(rng, low, education["low"])
    high = rng.random(people) < education["high"] / (1 - education["low"])
    band = quota(rng, shares("age band of the catalogue"), people)
    low_age, high_age = (np.array([_AGES[b][end] for b in band]) for end in (0, 1))
    gender = np.where(tilted(rng, woman, shares("gender")["f"]), "f", "m").astype(object)
    gender[rng.random(people) < 0.003] = "x"
    sector[rng.random(people) < _SECTOR_UNKNOWN] = None
    where = codes.nuts3_of_postcode()
    return pd.DataFrame(
        {
            "centre": centre,
            "postcode": postcode,
            "residence": [where.get(code) for code in postcode],
            "birth_year": YEAR - rng.integers(low_age, high_age, endpoint=True),
            "gender": gender,
            "education": np.where(unschooled, "low", np.where(high, "high", "medium")),
            "labour_status_before": quota(rng, shares("labour status before"), people),
            "sector_before": sector,
            "occupation_before": quota(rng, shares("occupation before, ISCO-08"), people),
            "wage_before": _wages(rng, gender, unschooled),
        }
    )


def _odds(sector: NDArray[np.object_], figure: str) -> NDArray[np.float64]:
    odds = odds_by_sector(figure)
    return np.array([odds[code] for code in sector])


def _wages(
    rng: np.random.Generator, gender: NDArray[np.object_], unschooled: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Draw gross euro a month, noted by four centres' clients in ten."""
    mean = table("gross monthly wage, full time, Belgium (euro)", "quantile")["mean"]
    gap = table("wage of women against men, full time (difference, %)", "gender")["f"] / 100
    level = mean * np.where(gender == "f", 1 + gap, 1.0) * np.where(unschooled, 0.75, 1.0)
    drawn = np.round(level * np.exp(0.22 * rng.standard_normal(len(gender)) - 0.0242), -1)
    return np.where(rng.random(len(gender)) < 0.4, drawn, np.nan)


def _starts(rng: np.random.Generator, people: int) -> NDArray[np.datetime64]:
    days = np.arange(f"{YEAR}-01-01", f"{YEAR + 1}-01-01", dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    in_quarter = (days.astype("datetime64[M]").astype(int) % 12) // 3
    quarters = quota(rng, shares("quarter of the start", "trajectories (share, %)"), people)
    started = np.empty(people, dtype="datetime64[D]")
    for quarter in "1234":
        here = np.flatnonzero(quarters == quarter)
        started[here] = rng.choice(days[in_quarter == int(quarter) - 1], len(here))
    return started


def _second(rng: np.random.Generator, people: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Give some of those who finished early enough a second trajectory in the same year."""
    last = np.datetime64(f"{YEAR}-12-20", "D")
    again = first["ended_on"].to_numpy(dtype="datetime64[D]") + np.timedelta64(14, "D")
    free = np.flatnonzero(again < last)  # NaT compares as false: still running
    chosen = np.sort(
        rng.choice(free, min(round(_SECOND_TRAJECTORY * len(people)), len(free)), replace=False)
    )
    wait = (rng.random(len(chosen)) * (last - again[chosen]).astype(int)).astype(int)
    second = people.iloc[chosen].copy()
    second["started_on"] = again[chosen] + wait.astype("timedelta64[D]")
    return second.assign(**course.guidance(rng, second))


def _with_references(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by centre and start; number clients and trajectories within each centre."""
    frame = frame.sort_values(["centre", "started_on", "person"], ignore_index=True)
    new = ~frame["person"].duplicated()
    client_number = new.groupby(frame["centre"]).cumsum().where(new)
    by_person = dict(zip(frame.loc[new, "person"], client_number[new].astype(int), strict=True))
    place = frame.groupby("centre").cumcount() + 1
    references = pd.DataFrame(
        {
            "client_ref": [f"{by_person[person]:05d}" for person in frame["person"]],
            "trajectory_ref": [f"{YEAR}-{number:04d}" for number in place],
        }
    )
    return pd.concat([references, frame.drop(columns="person")], axis=1)


def _followed(rng: np.random.Generator, frame: pd.DataFrame, effects: Effects) -> pd.DataFrame:
    asked = _answering(rng, frame)
    known = {"6m": asked["6m"], "12m": asked["12m"]}
    work = pd.DataFrame(course.work_after(rng, frame, effects, known))
    filled = {when: asked[when] & (rng.random(len(frame)) < 0.98) for when in WHENS}
    given = answers.draw(rng, frame, filled, effects)
    first = ~frame.duplicated(["centre", "client_ref"]).to_numpy()
    consent = (frame["consent_statistics"] == "yes").to_numpy()
    counts = first & consent & (frame["status"] == "completed").to_numpy()
    still = answers.hold_still(rng, given, counts, effects.still).reshape(len(frame), -1)
    items = pd.DataFrame(still, columns=answers.column_names()).astype("Int8")
    whole = pd.concat([frame, work, items.mask(still == 0)], axis=1)
    dates = {name: whole[name].to_numpy(dtype="datetime64[s]") for name in _DATES}
    return whole.assign(**dates)


def _answering(rng: np.random.Generator, frame: pd.DataFrame) -> dict[When, NDArray[np.bool_]]:
    """Draw who answers when; independent of the answers, less often after stopping early."""
    rate = table("follow-up answered (share, %)", "horizon")
    early = table("answers of who stopped early (share of those who completed, %)", "horizon")
    status = frame["status"].to_numpy()
    willing = rng.random(len(frame))
    answering: dict[When, NDArray[np.bool_]] = {}
    for when in WHENS:
        # Half of the spread belongs to the person: who answers once tends to answer again.
        lot = np.where(rng.random(len(frame)) < 0.5, willing, rng.random(len(frame)))
        share = np.full(len(frame), rate[_MONTHS[when]] / 100)
        if when != "intake":
            share *= np.select([status == "completed", status == "stopped"],
                               [1.0, early["all"] / 100], 0.0)  # fmt: skip
        answering[when] = lot < share
    return answering
