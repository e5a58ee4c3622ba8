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
        nl="Gemiddeld verschil met de start per dimensie, bij wie die beide keren invulde.",
        fr="Différence moyenne avec le début par dimension, chez ceux qui l'ont remplie deux fois.",
        en="Mean difference from the start per dimension, among those who answered it both times.",
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
        norm=3800,
    ),
    unit="points",
    resolution=250,
)
