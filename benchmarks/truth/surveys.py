"""Questionnaires with items: anes96, fair.

anes96    944 voters (American National Election Study 1996; package statsmodels), three items on
          1 to 7 that ought to hang together: where one places oneself from left to right, the
          party, and the vote (1 or 7). One item is asked twice in a way: oneself, and one's party.
          Seven levels of schooling stand for sectors, days of news a week for hours of guidance.
fair      6,366 women (Fair 1978, Redbook survey; package statsmodels): marriage on 1 to 5 and
          religion on 1 to 4 stand for two of six dimensions, and for two of three aspects of
          fit; six occupations stand for sectors.
"""

import numpy as np
import pandas as pd

from benchmarks.truth.questions import (
    Alphas,
    Coefficients,
    Counts,
    Flags,
    Means,
    Query,
    declared,
    for_spread,
)
from benchmarks.truth.sources import Source, born, clients, form, letters
from schemas.statistic import Statistic

GAINS = {
    "hours": "hours",
    "baseline": "autonomy",
    "age_under_35": "under_35",
    "age_45_54": "from_45",
    "age_55_plus": "from_55",
}
"""Terms of the regression by column: of this survey, hours, the first score and ages."""


def anes96() -> Source:
    """The one with several items of a dimension."""
    from statsmodels.datasets import anes96 as package

    raw = package.load_pandas().data.astype(int)
    items = pd.DataFrame(
        {"self": raw["selfLR"], "party": raw["PID"] + 1, "vote": 1 + 6 * raw["vote"]}
    )
    sector = letters(raw["educ"])
    columns = dict(zip((f"wellbeing.intake.meaning.{k}" for k in (1, 2, 3)), items, strict=True))
    change = (items["party"] - items["self"]) * 4 / 6  # points of 1 to 5
    change_of = Means({"autonomy": "change"})
    return Source(
        "anes96",
        "statsmodels",
        clients(
            len(raw),
            {
                **{field: items[name] for field, name in columns.items()},
                "wellbeing.intake.autonomy.1": items["self"],
                "wellbeing.12m.autonomy.1": items["party"],
                "birth_year": born(raw["age"]),
                "guidance_hours": raw["TVnews"],
                "sector_before": sector,
            },
        ),
        pd.DataFrame(
            {
                **items,
                "meaning": 1 + 4 * (items.mean(axis=1) - 1) / 6,
                "autonomy": 1 + 4 * (items["self"] - 1) / 6,
                "change": change,
                "improved": items["party"] - items["self"] >= 1,  # 4 sixths of a point, or more
                "sector_before": sector,
                "hours": raw["TVnews"],
                "under_35": raw["age"] < 35,
                "from_45": raw["age"].between(45, 54),
                "from_55": raw["age"] >= 55,
            }
        ),
        (
            Query(declared("wellbeing"), "intake",
                  Means({"meaning": "meaning", "autonomy": "autonomy"})),
            *_levels(declared("wellbeing", (), ("meaning",)), {"meaning": "meaning"}),
            Query(declared("wellbeing", ("sector_before",), ("meaning",)), "intake",
                  Means({"meaning": "meaning"})),
            Query(declared("wellbeing_change"), "12m", change_of),
            Query(declared("wellbeing_change", (), ("autonomy",)), "12m", change_of),
            Query(for_spread(declared("wellbeing_change", (), ("autonomy",))), "12m",
                  Means({"autonomy": "change"}, deviations=True)),
            Query(declared("improved"), "12m", Flags({"autonomy": "improved"})),
            Query(declared("improved", (), ("autonomy",)), "12m", Flags({"autonomy": "improved"})),
            Query(declared("gain_explained", (), ("constant", *GAINS)), "12m",
                  Coefficients("change", GAINS)),
            Query(_alpha(), "intake", Alphas({"meaning": ("self", "party", "vote")}, 1, 7)),
        ),
        form("anes96", 7, {"meaning": ("self", "party", "vote"), "autonomy": ("self",)}),
    )  # fmt: skip


def _levels(statistic: Statistic, columns: dict[str, str]) -> tuple[Query, Query]:
    """Means, and how widely they spread."""
    return (
        Query(statistic, "intake", Means(columns)),
        Query(for_spread(statistic), "intake", Means(columns, deviations=True)),
    )


def _alpha() -> Statistic:
    """The catalogue's, for the dimension that this questionnaire has."""
    statistic = declared("reliability", (), ("meaning",))
    body = statistic.model_dump()
    return Statistic.model_validate(
        {**body, "measure": {**body["measure"], "questionnaire": "anes96"}}
    )


def fair() -> Source:
    """The large one, with two dimensions of one item."""
    from statsmodels.datasets import fair as package

    raw = package.load_pandas().data
    sector = letters(raw["occupation"])
    marriage, religion = raw["rate_marriage"].astype(int), raw["religious"].astype(int)
    both = {"relatedness": "marriage", "meaning": "religion"}
    fit = {"culture": "religion", "team": "marriage"}
    return Source(
        "fair",
        "statsmodels",
        clients(
            len(raw),
            {
                "gender": "f",
                "birth_year": born(np.floor(raw["age"]).astype(int)),
                "sector_before": sector,
                "wellbeing.intake.relatedness.1": marriage,
                "wellbeing.intake.meaning.1": religion,
                "context_fit.12m.culture": religion,
                "context_fit.12m.team": marriage,
            },
        ),
        pd.DataFrame({"marriage": marriage, "religion": religion, "sector_before": sector}),
        (
            Query(declared("trajectories"), "start", Counts()),
            Query(declared("wellbeing"), "intake", Means(both)),
            Query(declared("wellbeing", (), tuple(both)), "intake", Means(both)),
            Query(declared("wellbeing", ("sector_before",), tuple(both)), "intake", Means(both)),
            Query(declared("context_fit"), "12m", Means(fit)),
            Query(declared("context_fit", (), tuple(fit)), "12m", Means(fit)),
        ),
        form("fair", 5, {"relatedness": ("marriage",), "meaning": ("religion",)}),
    )
