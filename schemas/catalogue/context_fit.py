"""Statistic 14: how well culture, team and leadership fit.

The norm is 2 sqrt 3, which nobody passes: marks are whole, many people give three high ones, and
with a norm of 1.9 or 2.6 the bias of a mean (.02 to .20 and .01 to .09 in distributions of marks
that were tried) is more than what it saves in noise: at epsilon 1 the noise of a mean is .01 with
twenty centres of 160 answers and .001 with 250, without any shortening.
"""

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
        centres=(3000, 3000, 3000),
        lower=-2000,
        upper=2000,
        norm=3465,
    ),
    unit="points",
    resolution=250,
)
