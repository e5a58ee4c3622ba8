"""Statistic 22: how many clients these figures speak of."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="coverage",
    number=22,
    name=Text(nl="Bereik", fr="Couverture", en="Coverage"),
    definition=Text(
        nl=("Aantal klanten dat meetelt in de cijfers van de periode; elke klant telt één keer."),
        fr=("Nombre de clients compris dans les chiffres de la période; chacun compte une fois."),
        en=("Number of clients who count in the figures of the period; each counts once."),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="all",
    horizons=("start",),
    views=((), ("nuts2",)),
    measure=Count(),
    unit="people",
)
