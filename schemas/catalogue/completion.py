"""Statistic 2: who completes guidance."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="completion",
    number=2,
    name=Text(nl="Afronding", fr="Achèvement", en="Completion"),
    definition=Text(
        nl=(
            "Aandeel dat het traject afrondde, onder wie het afrondde of stopzette; wie nog "
            "bezig is, telt niet mee."
        ),
        fr=(
            "Part qui a terminé le trajet, parmi ceux qui l'ont terminé ou arrêté; les "
            "trajets en cours ne comptent pas."
        ),
        en=(
            "Share that completed guidance, among those who completed or stopped; who is "
            "still running does not count."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="all",
    horizons=("end",),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Share(outcome="completed"),
    unit="share",
    resolution=100,
)
