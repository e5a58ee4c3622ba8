"""Statistic 16: how much wages changed."""

from schemas.measures import Histogram
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="wage_change",
    number=16,
    name=Text(nl="Loonverandering", fr="Évolution du salaire", en="Wage change"),
    definition=Text(
        nl=(
            "Kwartielen van het verschil in brutoloon per maand tussen de start en 12 maanden"
            " na afloop, onder wie afrondde, op beide momenten werkte en van wie beide lonen "
            "gekend zijn."
        ),
        fr=(
            "Quartiles de la différence de salaire mensuel brut entre le début et 12 mois "
            "après la fin, parmi ceux qui ont terminé, travaillaient aux deux moments et dont"
            " les deux salaires sont connus."
        ),
        en=(
            "Quartiles of the difference in gross monthly wage between the start and 12 "
            "months after the end, among those who completed, were in work at both moments "
            "and whose wages are known."
        ),
    ),
    audience=("policymaker", "researcher"),
    population="in_work_both",
    horizons=("12m",),
    views=((),),
    measure=Histogram(of="wage_change", edges=tuple(range(-1000, 1501, 100))),
    unit="euro",
    resolution=100000,
)
