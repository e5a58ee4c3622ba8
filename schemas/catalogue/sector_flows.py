"""Statistic 7: from which sector to which sector people moved."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="sector_flows",
    number=7,
    name=Text(nl="Sectorstromen", fr="Flux entre secteurs", en="Sector flows"),
    definition=Text(
        nl=(
            "Aantal klanten naar sector voor de begeleiding en sector 12 maanden na afloop, onder "
            "wie afrondde en op beide momenten werkte."
        ),
        fr=(
            "Nombre de clients par secteur avant et 12 mois après, parmi ceux qui ont terminé "
            "et travaillaient aux deux moments."
        ),
        en=(
            "Number of clients by sector before guidance and 12 months after its end, among "
            "those who completed and were in work at both moments."
        ),
    ),
    audience=("policymaker", "sector_fund"),
    population="in_work_both",
    horizons=("12m",),
    views=((), ("sector_before",), ("sector_12m",), ("sector_before", "sector_12m")),
    measure=Count(),
    unit="people",
)
