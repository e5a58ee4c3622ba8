"""Statistic 8: who reached the sector they wanted."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="desired_sector",
    number=8,
    name=Text(
        nl="Gewenste en bereikte sector",
        fr="Secteur souhaité et atteint",
        en="Desired and realised sector",
    ),
    definition=Text(
        nl=(
            "Aantal klanten naar gewenste sector en sector 12 maanden na afloop, en het "
            "aandeel dat de gewenste sector bereikte, onder wie afrondde, dan werkt en van "
            "wie beide gekend zijn."
        ),
        fr=(
            "Nombre de clients par secteur souhaité et secteur 12 mois après la fin, et part "
            "ayant atteint le secteur souhaité, parmi ceux qui ont terminé, travaillent alors"
            " et dont les deux sont connus."
        ),
        en=(
            "Number of clients by sector they wanted and sector 12 months after the end, and "
            "the share that reached the sector they wanted, among those who completed, work "
            "by then and for whom both are known."
        ),
    ),
    audience=("policymaker", "sector_fund"),
    population="in_work_after",
    horizons=("12m",),
    views=((), ("sector_desired",), ("sector_12m",), ("sector_desired", "sector_12m")),
    measure=Count(diagonal=True),
    unit="share",
    resolution=100,
)
