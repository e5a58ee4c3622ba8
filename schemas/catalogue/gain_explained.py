"""Statistic 20: what goes with a higher gain."""

from schemas.measures import Regression
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="gain_explained",
    number=20,
    name=Text(
        nl="Wat de vooruitgang verklaart",
        fr="Ce qui explique le progrès",
        en="What explains the gain",
    ),
    definition=Text(
        nl=(
            "Lineaire regressie van de gemiddelde verandering op uren, startscore, leeftijd en "
            "sector; samenhang, geen oorzaak. Referentie: 35-44 jaar, overige sectoren."
        ),
        fr=(
            "Régression linéaire de l'évolution moyenne sur heures, score initial, âge et secteur; "
            "une association, pas une cause. Référence: 35-44 ans, autres secteurs."
        ),
        en=(
            "Linear regression of the mean change on hours, first score, age and sector; "
            "association, not cause. Reference: aged 35-44, other sectors."
        ),
    ),
    audience=("researcher", "policymaker"),
    population="completed",
    horizons=("end", "12m"),
    views=((),),
    measure=Regression(
        outcome="gain",
        terms=(
            "constant", "hours", "baseline",
            "age_under_35", "age_45_54", "age_55_plus",
            "sector_industry", "sector_trade", "sector_public", "sector_education", "sector_care",
        ),
        norm=1500,
    ),
    unit="coefficient",
    resolution=250,
)  # fmt: skip
