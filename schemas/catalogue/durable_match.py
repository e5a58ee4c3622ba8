"""Statistic 6: who is at work some months later, in a match that held."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="durable_match",
    number=6,
    name=Text(nl="Duurzame match", fr="Emploi durable", en="Durable match"),
    definition=Text(
        nl=(
            "Aandeel dat 6 of 12 maanden na afloop werkt en van wie geen eerste job voordien "
            "eindigde, onder wie afrondde en van wie de situatie gekend is."
        ),
        fr=(
            "Part qui travaille 6 ou 12 mois après la fin et dont aucun premier emploi n'a pris "
            "fin avant, parmi ceux qui ont terminé et dont la situation est connue."
        ),
        en=(
            "Share at work 6 or 12 months after the end and without a first job that ended "
            "before, among those who completed and whose situation is known."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="completed",
    horizons=("6m", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Share(outcome="durable_match"),
    unit="share",
    resolution=100,
)
