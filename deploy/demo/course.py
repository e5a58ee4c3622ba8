"""What happens to synthetic clients: how guidance ended, and work 6 and 12 months later."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.demo.effects import Effects
from deploy.demo.population import Draws, shares, table

Flags = NDArray[np.bool_]
Column = NDArray[Any]
_NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What truly happened, recorded or not; one entry per trajectory.

    `held_6m`, `held_12m`: durable match at that moment. `broke`: not held because the first job
    ended, against lost work. `moved`: has a first job after guidance.
    """

    held_6m: Flags
    held_12m: Flags
    broke: Flags
    moved: Flags


def _days(rng: np.random.Generator, low: int, high: int, people: int) -> NDArray[np.timedelta64]:
    return rng.integers(low, high, people, endpoint=True).astype("timedelta64[D]")


def guidance(rng: np.random.Generator, frame: pd.DataFrame) -> dict[str, Column]:
    """Draw status, end, hours, funding and prices (euro) of each trajectory."""
    people = len(frame)
    completed = table("trajectories completed (share, %)", "total")["all"] / 100
    stopped = table("trajectories stopped (share, %)", "total")["all"] / 100
    chances = [completed, stopped, 1 - completed - stopped]
    status = rng.choice(np.array(["completed", "stopped", "running"], dtype=object), people,
                        p=chances)  # fmt: skip
    early = status == "stopped"
    length = np.where(early, _days(rng, 10, 70, people), _days(rng, 35, 180, people))
    ended = np.where(status == "running", _NEVER, _dates(frame, "started_on") + length)
    used = table("vouchers used (number)", "voucher")
    both = rng.random(people) < used["second"] / used["first"]
    hours = np.where(both, 7.0, 4.0) - rng.choice([0, 0.25, 0.5], people, p=[0.8, 0.1, 0.1])
    hours = np.where(early, rng.integers(4, 12, people) / 4, hours)
    funding_shares = shares("funding", "trajectories (share, %)")
    funding = rng.choice(np.array(list(funding_shares), dtype=object), people,
                         p=list(funding_shares.values()))  # fmt: skip
    return {"status": status, "ended_on": ended, "guidance_hours": hours, "funding": funding,
            **_prices(funding, hours, both)}  # fmt: skip


def _prices(funding: Draws, hours: NDArray[np.float64], both: Flags) -> dict[str, Column]:
    voucher = table("own contribution per voucher (euro)", "total")["client"]
    fee = table("fee to the centre per hour (euro)", "total")["centre"]
    market = table("price without voucher (euro per hour, VAT in)", "total")["typical"]
    own_share = np.where(both, 2 * voucher, voucher)
    cheque, own, employer = (funding == way for way in ("cheque", "own", "employer"))
    client = np.where(cheque, own_share, np.where(own, market * hours, 0.0))
    public = np.where(cheque, np.maximum(fee * hours - own_share, 0.0), 0.0)
    return {"price_client": client, "price_public": public.round(2),
            "price_employer": np.where(employer, market * hours, 0.0)}  # fmt: skip


def outcome(rng: np.random.Generator, frame: pd.DataFrame, effects: Effects) -> Outcome:
    """Draw who holds a durable match, who changed job and who lost it."""
    people = len(frame)
    idle = ~frame["labour_status_before"].isin(["employed", "self_employed"]).to_numpy()
    shift = frame["sector_before"].map(dict(effects.holding)).fillna(0.0).to_numpy(dtype=float)
    chance = effects.durable_12m + shift + effects.out_of_work * idle
    held_12m = rng.random(people) < np.clip(chance, 0.05, 0.98)
    held_6m = held_12m | (rng.random(people) < 0.4)
    broke = ~held_12m & (rng.random(people) < 0.6)
    moved = broke | (held_12m & (idle | (rng.random(people) < 0.4)))
    return Outcome(held_6m, held_12m, broke, moved)


def work_after(
    rng: np.random.Generator,
    frame: pd.DataFrame,
    effects: Effects,
    known: dict[str, Flags],
) -> dict[str, Column]:
    """Draw what is recorded of work after guidance; `known` says who answered at 6m and 12m."""
    fate = outcome(rng, frame, effects)
    status = _labour_status(rng, frame, fate)
    started, ended = _first_job(rng, frame, fate)
    told = {month: started <= day for month, day in _asked(frame).items()}
    job_known = known["12m"] | (known["6m"] & told["6m"])
    end_known = job_known & (known["12m"] | (ended <= _asked(frame)["6m"]))
    sector = _sector_after(rng, frame, fate.moved, effects)
    moved_by_6m = fate.moved & told["6m"]
    sectors = {"6m": np.where(moved_by_6m, sector, _objects(frame, "sector_before")),
               "12m": sector}  # fmt: skip
    recorded: dict[str, Column] = {
        "job_started_on": np.where(job_known, started, _NEVER),
        "job_ended_on": np.where(end_known, ended, _NEVER),
        "last_seen_on": _last_seen(frame, known),
    }
    for month in ("6m", "12m"):
        recorded[f"labour_status_{month}"] = _only(known[month], status[month])
        at_work = np.isin(status[month].astype(str), ["employed", "self_employed"])
        noted = known[month] & at_work & (rng.random(len(frame)) > 0.02)
        recorded[f"sector_{month}"] = _only(noted, sectors[month])
    return recorded


def _asked(frame: pd.DataFrame) -> dict[str, NDArray[np.datetime64]]:
    """When a follow-up is answered: at half a year, and some weeks late at a year."""
    after = _dates(frame, "ended_on")
    return {"6m": after + np.timedelta64(181, "D"), "12m": after + np.timedelta64(420, "D")}


def _last_seen(frame: pd.DataFrame, known: dict[str, Flags]) -> NDArray[np.datetime64]:
    """The day of the last answer; without one the centre never heard of her again."""
    asked = _asked(frame)
    half_year = np.where(known["6m"], asked["6m"], _NEVER)
    return np.where(known["12m"], asked["12m"], half_year)


def _labour_status(
    rng: np.random.Generator, frame: pd.DataFrame, fate: Outcome
) -> dict[str, Draws]:
    people = len(frame)
    before = _objects(frame, "labour_status_before")
    job = np.where(rng.random(people) < 0.92, "employed", "self_employed").astype(object)
    idle = ~np.isin(before.astype(str), ["employed", "self_employed"])
    at_work = np.where(fate.moved | idle, job, before)
    out = rng.choice(np.array(["unemployed", "inactive", "student"], dtype=object), people,
                     p=[0.7, 0.25, 0.05])  # fmt: skip
    between_jobs = fate.broke & (rng.random(people) < 0.5)
    return {
        "6m": np.where(fate.held_6m | between_jobs, at_work, out),
        "12m": np.where(fate.held_12m | fate.broke, at_work, out),
    }


def _first_job(
    rng: np.random.Generator, frame: pd.DataFrame, fate: Outcome
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    people = len(frame)
    after = _dates(frame, "ended_on")
    late_start = rng.random(people) < 0.25
    start = np.where(late_start, _days(rng, 60, 150, people), _days(rng, 5, 60, people))
    start = np.where(fate.broke & ~fate.held_6m, _days(rng, 5, 60, people), start)
    stop = np.where(fate.held_6m, _days(rng, 190, 355, people), _days(rng, 75, 175, people))
    much_later = fate.held_12m & (rng.random(people) < 0.02)
    stop = np.where(much_later, _days(rng, 375, 410, people), stop)
    ends = fate.moved & (fate.broke | much_later)
    return np.where(fate.moved, after + start, _NEVER), np.where(ends, after + stop, _NEVER)


def _sector_after(
    rng: np.random.Generator, frame: pd.DataFrame, moved: Flags, effects: Effects
) -> Draws:
    """Return where each would work after guidance; who did not move stays where she was."""
    before = _objects(frame, "sector_before")
    after = before.copy()
    jobs = shares("sector, NACE Rev. 2.1", "employed (share, %)")
    for sector in sorted({code for code in before if isinstance(code, str)}):
        chance = effects.leaving.get(sector, effects.leaves_sector)
        here = np.flatnonzero((before == sector) & moved & (rng.random(len(before)) < chance))
        flows = effects.flows.get(sector, {})
        spread = {code: 0.0 if code == sector else share for code, share in jobs.items()}
        rest = (1 - sum(flows.values())) / sum(spread.values())
        wanted = {code: rest * share + flows.get(code, 0.0) for code, share in spread.items()}
        after[here] = rng.choice(np.array(list(wanted), dtype=object), len(here),
                                 p=list(wanted.values()))  # fmt: skip
    return after


def _only(where: Flags, values: Draws) -> Draws:
    kept = values.astype(object)
    kept[~where] = None
    return kept


def _objects(frame: pd.DataFrame, column: str) -> Draws:
    return frame[column].astype(object).where(frame[column].notna(), None).to_numpy(dtype=object)


def _dates(frame: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    return frame[column].to_numpy(dtype="datetime64[D]")
