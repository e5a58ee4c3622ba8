"""Made-up people with every field that a follow-up asks, and sums straight from chances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from encode_people import trajectory
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.measures.adjusted import cells
from schemas import codes
from schemas.catalogue import (
    commuting,
    completion,
    coverage,
    desired_sector,
    employer_participation,
    employment,
    job_retention,
    matching_balance,
    reorientation,
    sector_change,
    sector_reached,
    time_to_job,
    training,
    wage_change,
)
from schemas.measures import Histogram
from schemas.record import Trajectory
from schemas.statistic import Statistic

DECLARED: tuple[Statistic, ...] = tuple(
    module.STATISTIC.model_copy(update={"horizons": module.STATISTIC.horizons[-1:]})
    for module in (
        completion, desired_sector, commuting, job_retention, time_to_job, reorientation, training,
        wage_change, employer_participation, employment, sector_change, sector_reached,
        matching_balance, coverage,
    )
)  # fmt: skip
WORKING = ["employed", "self_employed"]


def people(count: int, seed: int) -> list[Trajectory]:
    """Made-up people over a few codes; every field may be missing."""
    rng = np.random.default_rng(seed)

    def one(choices: Sequence[Any], missing: float = 0.1) -> Any:
        return None if rng.random() < missing else choices[int(rng.integers(len(choices)))]

    def person() -> Trajectory:
        ended = one([date(2024, 4, 1) + timedelta(days=k) for k in range(200)])
        found = (ended or date(2024, 6, 1)) + timedelta(days=int(rng.integers(-60, 500)))
        started = one([found], 0.3)
        left = one([found + timedelta(days=int(rng.exponential(500)))], 0.6)
        work = [*WORKING, "employed", "employed", "unemployed"]
        return trajectory(
            ended_on=ended,
            status=one(["completed"] * 6 + ["running", "stopped"], 0),
            residence=one(codes.nuts(3)[20:]),
            workplace_12m=one(codes.nuts(3)[20:]),
            **{name: one(codes.sectors()[:5])
               for name in ("sector_before", "sector_desired", "sector_6m", "sector_12m")},
            **{f"labour_status_{when}": one(work) for when in ("before", "6m", "12m")},
            **{name: one(["yes", "no", "no"])
               for name in ("employer_changed_12m", "role_changed_12m", "training_started",
                            "training_completed", "employer_involved")},
            training_field=one(codes.isced_fields()),
            job_started_on=started,
            job_ended_on=left,
            last_seen_on=one([date(2024, 6, 1) + timedelta(days=k) for k in range(0, 900, 7)]),
            wage_before=one(range(1_500, 6_000)),
            wage_12m=one(range(1_500, 6_000)),
        )  # fmt: skip

    return [person() for _ in range(count)]


def frame_of(records: Sequence[Trajectory]) -> pd.DataFrame:
    """The records as a table, with the columns of tables beside them."""
    table = pd.DataFrame([dict(record) for record in records])
    parents = dict(codes.nuts_parents())
    table["nuts2"] = table["residence"].map(parents)
    table["work_nuts2"] = table["workplace_12m"].map(parents)
    names = ["nuts2", "work_nuts2", "sector_before", "sector_desired", "sector_12m",
             "training_field", "labour_status_before"]  # fmt: skip
    table[names] = table[names].fillna("unknown")
    return table


def months_between(first: pd.Series, second: pd.Series) -> pd.Series:
    """Whole months, one month after the other; not known when a day is not."""
    first, second = pd.to_datetime(first), pd.to_datetime(second)
    fits = pd.concat(
        [first + pd.DateOffset(months=k) <= second for k in range(-40, 90)], axis=1
    ).sum(axis=1)
    return (fits - 41).where(first.notna() & second.notna())


def last_seen(inside: pd.DataFrame) -> pd.Series:
    """The day that is said, else that of the last follow-up with a labour status."""
    seen = pd.to_datetime(inside["last_seen_on"])
    for months in (12, 6):
        asked = pd.to_datetime(inside["ended_on"]) + pd.DateOffset(months=months)
        seen = seen.fillna(asked.where(inside[f"labour_status_{months}m"].notna()))
    return seen


def jobs_held(inside: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whole months of each job until it ended or was last seen, and whether it ended, in pandas."""
    ended, start = (pd.to_datetime(inside[f"job_{name}_on"]) for name in ("ended", "started"))
    seen = last_seen(inside)
    for months in (6, 12):
        asked = pd.to_datetime(inside["ended_on"]) + pd.DateOffset(months=months)
        idle = inside[f"labour_status_{months}m"].isin(["unemployed", "inactive", "student"])
        ended = ended.fillna(asked.where(idle & (asked > start)))
    jobs = (start <= seen) & start.notna() & seen.notna()
    start, seen, ended = start[jobs], seen[jobs], ended[jobs]
    ends = ended <= seen
    return months_between(start, ended.where(ends, seen)), ends


def numbers_of(measure: Histogram, inside: pd.DataFrame) -> pd.Series:
    if measure.of == "wage_change":
        return (inside["wage_12m"] - inside["wage_before"]).dropna()
    year = months_between(inside["ended_on"], last_seen(inside)) >= 12
    found = months_between(inside["ended_on"], inside["job_started_on"])
    return found.fillna(12).clip(upper=12)[year]


def reoriented(inside: pd.DataFrame) -> pd.Series:
    before, after = inside["sector_before"], inside["sector_12m"]
    employer, role = inside["employer_changed_12m"], inside["role_changed_12m"]
    known = (before != "unknown") & (after != "unknown") & employer.notna() & role.notna()
    same = known & (before == after)
    kinds = [
        (known & (before != after), "new_sector"),
        (same & (employer == "yes"), "new_employer"),
        (same & (employer == "no") & (role == "yes"), "new_role"),
        (same & (employer == "no") & (role == "no"), "stayed"),
    ]
    return pd.Series(np.select([k for k, _ in kinds], [n for _, n in kinds], ""), inside.index)


def trained(inside: pd.DataFrame) -> pd.Series:
    started = inside["training_started"]
    done = started.notna() & (inside["training_completed"] == "yes")
    kinds = [done, started == "yes", started == "no"]
    return pd.Series(np.select(kinds, ["completed", "started", "not_started"], ""), inside.index)


@dataclass(frozen=True)
class Sums:
    """Noiseless sums of one ask from people by (cell of the last view, lane).

    All views are margins of the last one.
    """

    layout: Layout

    @cached_property
    def places(self) -> list[NDArray[np.int64]]:
        """For each block the cell in which each cell of the last view lies."""
        finest = list(cells(self.layout.blocks[-1].part.view))
        found = []
        for block in self.layout.blocks:
            view = block.part.view
            order = {cell: k for k, cell in enumerate(cells(view))}
            inside = [order[tuple((d, dict(cell)[d]) for d in view)] for cell in finest]
            found.append(np.array(inside, dtype=np.int64))
        return found

    def of(self, table: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sum, one entry after the other."""
        parts = []
        for block, places in zip(self.layout.blocks, self.places, strict=True):
            margin = np.zeros((block.cells, table.shape[1]), dtype=np.int64)
            np.add.at(margin, places, table)
            parts.append(margin.ravel() * block.multiplier)
        return np.concatenate(parts)
