"""Statistic 8, its share: who works in the sector she wanted, among all who wanted one."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="sector_reached",
    number=8,
    name=Text(
        nl="Gewenste sector bereikt", fr="Secteur souhaité atteint", en="Desired sector reached"
    ),
    definition=Text(
        nl=(
            "Aandeel dat 12 maanden na afloop in de gewenste sector werkt, onder wie afrondde, "
            "een sector wenste en van wie de situatie gekend is; wie dan geen werk heeft, "
            "bereikte hem niet."
        ),
        fr=(
            "Part travaillant dans le secteur souhaité 12 mois après la fin, parmi ceux qui ont "
            "terminé, souhaitaient un secteur et dont la situation est connue; qui ne travaille "
            "pas ne l'a pas atteint."
        ),
        en=(
            "Share that works in the sector they wanted 12 months after the end, among those who "
            "completed, wanted one and whose situation is known; who is out of work did not "
            "reach it."
        ),
    ),
    audience=("policymaker", "sector_fund"),
    population="completed",
    horizons=("6m", "12m"),
    views=((), ("sector_desired",), ("nuts2",)),
    measure=Share(outcome="reached_sector"),
    unit="share",
    resolution=100,
)
