"""Statistic 5: who gained at least half a point."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.record import DIMENSIONS
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="improved",
    number=5,
    name=Text(nl="Vooruitgegaan", fr="En progrès", en="Improved"),
    definition=Text(
        nl="Aandeel dat per dimensie minstens een half punt steeg, van wie die tweemaal invulde.",
        fr="Part ayant gagné au moins un demi-point par dimension, de qui l'a remplie deux fois.",
        en="Share that gained at least half a point per dimension, of who answered it both times.",
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="completed",
    horizons=("end", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Mean(
        value="improved",
        variables=DIMENSIONS,
        centres=(500, 500, 500, 500, 500, 500),
        lower=-500,
        upper=500,
        norm=1225,
        aim="share",
        beyond=250,
    ),
    unit="share",
    resolution=100,
)
