"""Statistic 3: how people score on the six dimensions of wellbeing at work.

Of the norms that were tried for levels and for changes (4), with means of 2.4 to 4.1, deviations of
.7 to 1 and correlations of .3 to .5, one of 3.8 has the least error in the worst case, with twenty
centres and with 250: bias under .01, where 3.0 leaves up to .04; noise 1.27 times that of 3.0.
"""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.record import DIMENSIONS
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="wellbeing",
    number=3,
    name=Text(nl="Werkgeluk", fr="Bonheur au travail", en="Wellbeing at work"),
    definition=Text(
        nl="Gemiddelde score (1 tot 5) per dimensie, van wie die dimensie invulde.",
        fr="Score moyen (1 à 5) par dimension, de ceux qui l'ont remplie.",
        en="Mean score (1 to 5) per dimension, of those who answered that dimension.",
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
        norm=3800,
    ),
    unit="points",
    resolution=250,
)
