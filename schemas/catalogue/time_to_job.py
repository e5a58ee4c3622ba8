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
            "de eerste job, onder wie afrondde en een job vond."
        ),
        fr=(
            "Quartiles des mois entiers de la fin du trajet au début du premier emploi, parmi"
            " ceux qui ont terminé et trouvé un emploi."
        ),
        en=(
            "Quartiles of whole months from the end of guidance to the start of the first "
            "job, among those who completed and found one."
        ),
    ),
    audience=("policymaker", "researcher"),
    population="found_job",
    horizons=("12m",),
    views=((),),
    measure=Histogram(of="months_to_job", edges=tuple(range(-1, 26))),
    unit="months",
    resolution=2000,
)
