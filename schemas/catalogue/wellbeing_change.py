"""Statistic 4: how much the same people's scores changed."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.record import DIMENSIONS
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="wellbeing_change",
    number=4,
    name=Text(
        nl="Verandering in werkgeluk",
        fr="Évolution du bonheur au travail",
        en="Change in wellbeing at work",
    ),
    definition=Text(
        nl="Gemiddeld verschil met de start bij dezelfde klanten die beide keren alles invulden.",
        fr="Différence moyenne avec le début chez les mêmes clients ayant tout rempli deux fois.",
        en="Mean difference from the start among the same clients who answered all both times.",
    ),
    audience=("policymaker", "province", "sector_fund", "researcher"),
    population="completed",
    horizons=("end", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Mean(
        value="change",
        variables=DIMENSIONS,
        centres=(0, 0, 0, 0, 0, 0),
        lower=-2000,
        upper=2000,
        norm=3000,
    ),
    unit="points",
    resolution=250,
)
