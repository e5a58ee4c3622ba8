"""Statistic 21: who wants to work in which sector, and where; the demand side."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="matching_balance",
    number=21,
    name=Text(
        nl="Evenwicht van vraag en aanbod",
        fr="Équilibre des souhaits et des offres",
        en="Matching balance",
    ),
    definition=Text(
        nl=(
            "Aantal klanten naar gewenste sector en provincie van woonplaats, te leggen naast"
            " openbare cijfers over vacatures."
        ),
        fr=(
            "Nombre de clients par secteur souhaité et province de résidence, à comparer aux "
            "chiffres publics des offres d'emploi."
        ),
        en=(
            "Number of clients by sector they want and province of residence, to be laid "
            "beside public figures on vacancies."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="all",
    horizons=("start",),
    views=((), ("sector_desired",), ("nuts2",), ("nuts2", "sector_desired")),
    measure=Count(),
    unit="people",
)
