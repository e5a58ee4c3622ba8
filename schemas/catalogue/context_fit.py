"""Statistic 14: how well culture, team and leadership fit."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="context_fit",
    number=14,
    name=Text(
        nl="Aansluiting met de werkomgeving",
        fr="Adéquation avec le milieu de travail",
        en="Fit with the workplace",
    ),
    definition=Text(
        nl="Gemiddelde score (1 tot 5) voor cultuur, team en leiding, van wie die vraag invulde.",
        fr="Score moyen (1 à 5) pour culture, équipe et direction, de ceux qui y ont répondu.",
        en="Mean score (1 to 5) for culture, team and leadership, of those who answered it.",
    ),
    audience=("sector_fund", "policymaker", "researcher"),
    population="all",
    horizons=("intake", "end", "6m", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Mean(
        value="context_fit",
        variables=("culture", "team", "leadership"),
        centres=(3250, 3250, 3250),
        lower=-2250,
        upper=1750,
        norm=1900,
    ),
    unit="points",
    resolution=250,
)
