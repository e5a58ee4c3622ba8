"""The programme of a year within epsilon 3: what is asked, at what price."""

from schemas.catalogue import BASIC
from schemas.cohort import Cohort
from schemas.programme import Ask, Period, Programme
from schemas.questionnaire import built_in
from schemas.units import MicroRho, UnixSeconds

BUDGET = MicroRho(185_055)
"""(epsilon 3, delta 1e-6) for each client and year."""

NOISE_VARIANCE = 2**32
"""Sigma 65,536: rounding toward zero then biases a national mean by under a tenth of its SE."""


def asks_of_year() -> tuple[Ask, ...]:
    """Each measured once over the year's four cohorts; together 184,000 micro-rho."""
    prices = {
        "trajectories": 20_000,
        "wellbeing": 15_000,
        "wellbeing_change": 25_000,
        "durable_match": 17_000,
        "sector_flows": 20_000,
    }
    return tuple(
        Ask(statistic=s.id, horizon=horizon, price=MicroRho(prices[s.id]))
        for s in BASIC
        for horizon in s.horizons
    )


def programme_of_year(
    year: int, region: str, valid_from: UnixSeconds, valid_until: UnixSeconds
) -> Programme:
    """The default programme for the cohorts of one calendar year."""
    first = Cohort(year * 4)
    period = Period(
        id=f"year-{year}",
        cohorts=tuple(str(first.next(k)) for k in range(4)),
        not_before=valid_from,
    )
    return Programme(
        id="werkgeluk-en-loopbaan",
        version=1,
        region=region,
        valid_from=valid_from,
        valid_until=valid_until,
        budget=BUDGET,
        noise_variance=NOISE_VARIANCE,
        questionnaires=(built_in(),),
        statistics=BASIC,
        asks=asks_of_year(),
        periods=(period,),
    )
