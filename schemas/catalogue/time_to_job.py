"""Statistic 11: how soon the next step comes."""

from schemas.measures import Histogram
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="time_to_job",
    number=11,
    name=Text(
        nl="Tijd tot de volgende stap",
        fr="Délai avant l'étape suivante",
        en="Time to the next step",
    ),
    definition=Text(
        nl=(
            "Kwartielen van de volle maanden van het einde van het traject tot de start van "
            "de eerste job, onder wie afrondde en minstens 12 maanden gevolgd werd; wie dan "
            "geen eerste job begon, telt mee als langer."
        ),
        fr=(
            "Quartiles des mois entiers de la fin du trajet au début du premier emploi, parmi"
            " ceux qui ont terminé et furent suivis 12 mois au moins; sans premier emploi, le "
            "délai compte comme plus long."
        ),
        en=(
            "Quartiles of whole months from the end of guidance to the start of the first "
            "job, among those who completed and were followed for 12 months at least; without "
            "a first job by then it counts as longer."
        ),
    ),
    audience=("policymaker", "researcher"),
    population="completed",
    horizons=("12m",),
    views=((), ("labour_status_before",)),
    measure=Histogram(of="months_to_job", edges=tuple(range(-1, 14))),
    unit="months",
    resolution=2000,
)
