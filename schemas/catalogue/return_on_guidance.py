"""Statistic 15: what a trajectory costs the public, and what a result costs."""

from schemas.measures import Mean
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="return_on_guidance",
    number=15,
    name=Text(
        nl="Opbrengst van begeleiding",
        fr="Rendement de l'accompagnement",
        en="Return on guidance",
    ),
    definition=Text(
        nl=(
            "Gemiddeld publiek bedrag per afgerond traject, tot 1500 euro geteld; landelijk ook "
            "per duurzame match en per gewonnen punt werkgeluk."
        ),
        fr=(
            "Montant public moyen par trajet terminé, compté jusqu'à 1500 euros; au total aussi "
            "par emploi durable et par point de bonheur gagné."
        ),
        en=(
            "Mean public amount per completed trajectory, counted up to 1500 euro; for the whole "
            "region also per durable match and per point of wellbeing gained."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="completed",
    horizons=("end",),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Mean(
        value="public_price",
        variables=("public",),
        centres=(750_000,),
        lower=-750_000,
        upper=750_000,
        norm=750_000,
        scale=250_000,
    ),
    unit="euro",
)
