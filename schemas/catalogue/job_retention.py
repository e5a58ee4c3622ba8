"""Statistic 10: how long a first job is held."""

from schemas.measures import Survival
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="job_retention",
    number=10,
    name=Text(nl="Jobbehoud", fr="Maintien en emploi", en="Job retention"),
    definition=Text(
        nl=(
            "Aandeel dat de eerste job na het traject 6, 12 en 24 maanden later nog heeft "
            "(Kaplan-Meier), onder wie afrondde en een eerste job vond, elk gevolgd tot de dag "
            "waarop het centrum voor het laatst wist of de klant werkte."
        ),
        fr=(
            "Part qui occupe encore le premier emploi après le trajet 6, 12 et 24 mois plus "
            "tard (Kaplan-Meier), parmi ceux qui ont terminé et trouvé un premier emploi, "
            "chacun suivi jusqu'au dernier jour où le centre savait s'il travaillait."
        ),
        en=(
            "Share that still holds the first job after guidance 6, 12 and 24 months on "
            "(Kaplan-Meier), among those who completed and found a first job, each followed "
            "until the last day on which the centre knew whether the client worked."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="completed",
    horizons=("12m",),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Survival(),
    unit="share",
    resolution=100,
)
