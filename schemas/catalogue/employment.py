"""Statistic 23: who is at work some months later, whatever became of the first job."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="employment",
    number=23,
    name=Text(nl="Aan het werk", fr="Au travail", en="At work"),
    definition=Text(
        nl=(
            "Aandeel dat 6 of 12 maanden na afloop werkt, wat er ook van de eerste job werd, "
            "onder wie afrondde en van wie de situatie gekend is."
        ),
        fr=(
            "Part qui travaille 6 ou 12 mois après la fin, quel que soit le sort du premier "
            "emploi, parmi ceux qui ont terminé et dont la situation est connue."
        ),
        en=(
            "Share at work 6 or 12 months after the end, whatever became of the first job, "
            "among those who completed and whose situation is known."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="completed",
    horizons=("6m", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Share(outcome="at_work"),
    unit="share",
    resolution=100,
)
