"""Statistic 18: whether results differ between groups."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="fairness",
    number=18,
    name=Text(
        nl="Verschillen tussen groepen",
        fr="Écarts entre groupes",
        en="Gaps between groups",
    ),
    definition=Text(
        nl=(
            "Verschil van elke groep met alle anderen: gemiddelde vooruitgang in punten, aandeel "
            "vooruitgegane dimensies en aandeel duurzame matches, elk van wie dat gekend is."
        ),
        fr=(
            "Écart de chaque groupe avec tous les autres: progrès moyen en points, part des "
            "dimensions en progrès et part d'emplois durables, chacun de ceux dont il est connu."
        ),
        en=(
            "Difference of each group with everybody else: mean gain in points, share of "
            "dimensions improved and share of durable matches, each of those of whom it is known."
        ),
    ),
    audience=("policymaker", "researcher"),
    population="completed",
    horizons=("6m", "12m"),
    views=((), ("gender",), ("age_band",), ("education",)),
    measure=Mean(
        value="outcomes",
        variables=("gain", "improved", "durable"),
        centres=(250, 500, 500),
        lower=-2000,
        upper=2000,
        norm=1500,
        gaps=True,
    ),
    unit="points",
    resolution=100,
)
