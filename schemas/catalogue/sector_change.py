"""Statistic 12, beside how far people moved: who works in another sector than before."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="sector_change",
    number=12,
    name=Text(nl="Andere sector", fr="Changement de secteur", en="Another sector"),
    definition=Text(
        nl=(
            "Aandeel dat 12 maanden na afloop in een andere sector werkt dan voordien, onder wie "
            "afrondde, op beide momenten werkte en van wie beide sectoren gekend zijn."
        ),
        fr=(
            "Part travaillant dans un autre secteur 12 mois après la fin, parmi ceux qui ont "
            "terminé, travaillaient aux deux moments et dont les deux secteurs sont connus."
        ),
        en=(
            "Share that works in another sector than before 12 months after the end, among those "
            "who completed, were in work at both moments and whose two sectors are known."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="in_work_both",
    horizons=("6m", "12m"),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Share(outcome="changed_sector"),
    unit="share",
    resolution=100,
)
