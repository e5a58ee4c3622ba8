"""Statistic 3: how people score on the six dimensions of wellbeing at work."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.record import DIMENSIONS
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="wellbeing",
    number=3,
    name=Text(nl="Werkgeluk", fr="Bonheur au travail", en="Wellbeing at work"),
    definition=Text(
        nl="Gemiddelde score (1 tot 5) van wie alle zes dimensies invulde.",
        fr="Score moyen (1 à 5) de ceux qui ont rempli les six dimensions.",
        en="Mean score (1 to 5) of those who answered all six dimensions.",
    ),
    audience=("policymaker", "province", "sector_fund", "researcher"),
    population="all",
    horizons=("intake", "end", "6m", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Mean(
        value="level",
        variables=DIMENSIONS,
        centres=(3250, 3250, 3250, 3250, 3250, 3250),
        lower=-2250,
        upper=1750,
        norm=3000,
    ),
    unit="points",
    resolution=250,
)
