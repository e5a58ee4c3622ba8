"""Statistic 19, its second half: which part of the cost employers bear."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="employer_cost",
    number=19,
    name=Text(
        nl="Kostenaandeel van werkgevers",
        fr="Part des coûts supportée par l'employeur",
        en="Cost share of employers",
    ),
    definition=Text(
        nl="Wat werkgevers betaalden, als deel van alle prijzen samen, als alle drie gekend zijn.",
        fr="Ce qu'ont payé les employeurs, en part de tous les prix, quand les trois sont connus.",
        en="What employers paid, as a part of all prices together, where all three are known.",
    ),
    audience=("policymaker", "sector_fund"),
    population="all",
    horizons=("end",),
    views=((), ("sector_before",)),
    measure=Mean(
        value="employer_cost",
        variables=("employer", "others", "total"),
        centres=(0, 750_000, 750_000),
        lower=-750_000,
        upper=750_000,
        norm=1_100_000,
        scale=250_000,
    ),
    unit="share",
    resolution=100,
)
