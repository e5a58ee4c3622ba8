"""Programmes of a year within epsilon 3: what is asked, at what price.

STARTER    six statistics, at prices that make even regions readable with ten centres
FULL       all statistics of the catalogue, with budget kept for a model and for proposals
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.catalogue import BASIC, STATISTICS
from schemas.cohort import Cohort
from schemas.programme import Ask, Period, Programme, Reserve
from schemas.questionnaire import built_in
from schemas.statistic import Statistic
from schemas.units import MicroRho, UnixSeconds

BUDGET = MicroRho(185_055)
"""(epsilon 3, delta 1e-6) for each client and year."""

NOISE_VARIANCE = 2**32
"""Sigma 65,536: rounding toward zero then biases a national mean by under a tenth of its SE."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a year's programme asks: micro-rho by `statistic@horizon`, and what it keeps back."""

    statistics: tuple[Statistic, ...]
    prices: Mapping[str, int]
    reserves: Mapping[str, int]

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The asks, in the order of the prices."""
        return tuple(
            Ask.model_validate(
                {"statistic": key.partition("@")[0], "horizon": key.partition("@")[2], "price": p}
            )
            for key, p in self.prices.items()
        )


STARTER = Plan(
    BASIC,
    {
        "trajectories@start": 20_000,
        "wellbeing@intake": 13_000,
        "wellbeing@end": 13_000,
        "wellbeing@6m": 13_000,
        "wellbeing@12m": 13_000,
        "wellbeing_change@end": 25_000,
        "wellbeing_change@12m": 25_000,
        "durable_match@6m": 17_000,
        "durable_match@12m": 17_000,
        "sector_flows@12m": 20_000,
        "employment@6m": 4_000,
        "employment@12m": 4_000,
    },
    {},
)
FULL = Plan(
    STATISTICS,
    {
        "trajectories@start": 13_299,
        "coverage@start": 356,
        "completion@end": 3_471,
        "wellbeing@intake": 3_471,
        "wellbeing@end": 3_471,
        "wellbeing@6m": 3_471,
        "wellbeing@12m": 3_471,
        "wellbeing_change@end": 13_017,
        "wellbeing_change@12m": 13_017,
        "improved@end": 3_471,
        "improved@12m": 3_471,
        "durable_match@6m": 5_756,
        "durable_match@12m": 5_756,
        "employment@6m": 3_471,
        "employment@12m": 3_471,
        "sector_flows@12m": 9_112,
        "desired_sector@12m": 3_471,
        "sector_reached@12m": 1_301,
        "commuting@12m": 2_603,
        "job_retention@12m": 6_942,
        "time_to_job@12m": 1_301,
        "reorientation@12m": 3_471,
        "sector_change@12m": 1_301,
        "training@12m": 2_603,
        "context_fit@12m": 2_603,
        "return_on_guidance@end": 1_735,
        "wage_change@12m": 2_603,
        "reliability@intake": 4_339,
        "fairness@12m": 6_074,
        "employer_participation@end": 868,
        "employer_cost@end": 867,
        "gain_explained@12m": 2_603,
        "matching_balance@start": 2_603,
    },
    {"model": 21_135, "proposals": 25_000},
)
PLANS: Mapping[str, Plan] = {"starter": STARTER, "full": FULL}


def programme_of_year(
    year: int,
    region: str,
    valid_from: UnixSeconds,
    valid_until: UnixSeconds,
    plan: Plan = STARTER,
) -> Programme:
    """A programme for the cohorts of one calendar year; each ask once over all four."""
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
        statistics=plan.statistics,
        asks=plan.asks,
        reserves=tuple(
            Reserve(purpose=purpose, price=MicroRho(price))
            for purpose, price in plan.reserves.items()
        ),
        periods=(period,),
    )
