"""Statistic 9: where people live and where they work."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="commuting",
    number=9,
    name=Text(nl="Pendelstromen", fr="Navettes", en="Commuting flows"),
    definition=Text(
        nl=(
            "Aantal klanten naar provincie van woonplaats en van werkplaats 12 maanden na "
            "afloop, en het aandeel dat in de eigen provincie werkt, onder wie afrondde, dan "
            "werkt en van wie beide gekend zijn."
        ),
        fr=(
            "Nombre de clients par province de résidence et de travail 12 mois après la fin, "
            "et part qui travaille dans sa province, parmi ceux qui ont terminé, travaillent "
            "alors et dont les deux sont connues."
        ),
        en=(
            "Number of clients by province of residence and of work 12 months after the end, "
            "and the share that works in their own province, among those who completed, work "
            "by then and for whom both are known."
        ),
    ),
    audience=("policymaker", "province"),
    population="in_work_after",
    horizons=("12m",),
    views=((), ("nuts2",), ("work_nuts2",), ("nuts2", "work_nuts2")),
    measure=Count(diagonal=True),
    unit="share",
    resolution=100,
)
