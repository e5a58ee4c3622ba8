"""Statistic 12: how far people moved."""

from schemas.measures import Choice
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="reorientation",
    number=12,
    name=Text(nl="Heroriëntatie", fr="Réorientation", en="Reorientation"),
    definition=Text(
        nl=(
            "Aandeel met een andere sector, anders een andere werkgever, anders een andere "
            "functie, of dat bleef, 12 maanden na afloop, onder wie afrondde, op beide "
            "momenten werkte en van wie sectoren, werkgever en functie gekend zijn."
        ),
        fr=(
            "Part ayant changé de secteur, sinon d'employeur, sinon de fonction, ou étant "
            "restée, 12 mois après la fin, parmi ceux qui ont terminé, travaillaient aux deux"
            " moments et dont secteurs, employeur et fonction sont connus."
        ),
        en=(
            "Share with another sector, else another employer, else another role, or that "
            "stayed, 12 months after the end, among those who completed, were in work at both"
            " moments and whose sectors, employer and role are known."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="in_work_both",
    horizons=("12m",),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Choice(
        of="reorientation", options=("stayed", "new_role", "new_employer", "new_sector")
    ),
    unit="share",
    resolution=100,
)
