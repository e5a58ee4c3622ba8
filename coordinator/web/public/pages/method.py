"""How reliable is this? And: how do I take it all?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chassis.present import labels
from chassis.present.days import day
from chassis.present.estimates import read
from chassis.present.numbers import number
from chassis.texts import Texts
from coordinator.web.public.pages.context import Content, PageContext
from privacy.encode.layout import make_layout
from privacy.inference.reach import Z95
from schemas.release import Withheld


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A completed round that was withheld, as readers are told of it."""

    round: int
    period: str
    day: str
    reason: str


def unpublished(withheld: Sequence[Withheld], t: Texts) -> list[Unpublished]:
    """What a reader is told of these rounds."""
    return [
        Unpublished(
            one.round, labels.period(one.cohorts), day(one.withheld_at, t.language), one.reason
        )
        for one in withheld
    ]


def build(context: PageContext) -> Content:
    """Noise, its price and its odds; what the bands mean."""
    t, release = context.t, context.cached.release
    programme = context.cached.programme
    figures = list(context.cached.figures)
    largest = max((one.noise_se or 0.0 for one in figures if one.measure == "count"), default=0.0)
    half = number(Z95 * largest, 0, t.language)
    delta = 10.0**-release.delta_exponent
    kept = make_layout(programme, release.asks).guarantee(release.honest, delta)
    degraded = [
        (left.honest, number(left.epsilon, -2, t.language), number(left.odds, 0, t.language))
        for left in kept.if_fewer()
    ]
    national = context.estimate("trajectories@start", "count")
    return Content(
        "method.html",
        t("How reliable is this?"),
        t(
            "Every count on these pages may be up to {half} off by the noise that protects "
            "clients (in 95% of cases). Whatever is too uncertain is not shown.",
            half=half,
        ),
        t("Fit for judging every figure on these pages."),
        {
            "half": half,
            "withheld": unpublished(context.withheld, t),
            "national": read(national, t.language) if national else None,
            "national_estimate": national,
            "odds": number(kept.odds, 0, t.language),
            "epsilon": number(release.epsilon, -2, t.language),
            "pure": release.noise == "polya",
            "sampler": math.ceil(math.log10(release.sampler_delta)),
            "exponent": release.delta_exponent,
            "cost": number(100 * release.cost / programme.budget, 0, t.language),
            "rho": number(release.cost / 1_000_000, -3, t.language),
            "honest": release.honest,
            "degraded": degraded,
            "twice": number(kept.epsilon_twice, -1, t.language),
            "centres": len(release.in_sum),
            "shown": number(sum(one.band != "F" for one in figures), 0, t.language),
            "figures": number(len(figures), 0, t.language),
        },
    )


def build_download(context: PageContext) -> Content:
    """Files of the release and the addresses of the API."""
    t, release = context.t, context.cached.release
    return Content(
        "download.html",
        t("How do I take it all?"),
        t(
            "All {n} figures of release {id} are free to use, with their uncertainty.",
            n=number(sum(1 for _ in context.cached.figures), 0, t.language),
            id=release.id,
        ),
        t("Fit for calculating further with the uncertainty that each row carries."),
        {"id": release.id, "statistics": context.cached.programme.statistics},
    )
