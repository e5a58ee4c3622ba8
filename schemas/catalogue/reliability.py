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
        nl="Cronbachs alfa en item-restcorrelaties per dimensie, van wie al haar vragen invulde.",
        fr="Alpha de Cronbach et corrélations item-reste par dimension, réponses complètes.",
        en="Cronbach's alpha and item-rest correlations per dimension, of complete answers to it.",
    ),
    audience=("researcher",),
    population="all",
    horizons=("intake", "end", "12m"),
    views=((),),
    measure=Reliability(questionnaire="werkgeluk-1", variables=DIMENSIONS, items=3),
    unit="coefficient",
    resolution=100,
)
