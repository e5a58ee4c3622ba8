"""Statistic 17: whether the items of a dimension measure one thing."""

from schemas.measures import Reliability
from schemas.questionnaire import Text
from schemas.record import DIMENSIONS
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="reliability",
    number=17,
    name=Text(
        nl="Betrouwbaarheid van de vragenlijst",
        fr="Fiabilité du questionnaire",
        en="Reliability of the questionnaire",
    ),
    definition=Text(
        nl="Cronbachs alfa per dimensie en item-restcorrelaties, van wie alle vragen invulde.",
        fr="Alpha de Cronbach par dimension et corrélations item-reste, réponses complètes.",
        en="Cronbach's alpha per dimension and item-rest correlations, of complete answers.",
    ),
    audience=("researcher",),
    population="all",
    horizons=("intake", "end", "12m"),
    views=((),),
    measure=Reliability(questionnaire="werkgeluk-1", variables=DIMENSIONS, items=3),
    unit="coefficient",
    resolution=100,
)
