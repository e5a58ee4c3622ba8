"""Statistic 13: who goes through with training."""

from schemas.measures import Choice
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="training",
    number=13,
    name=Text(nl="Opleiding", fr="Formation", en="Training"),
    definition=Text(
        nl=(
            "Aandeel dat geen opleiding begon, er een begon of er een voltooide, onder wie "
            "afrondde en van wie gekend is of er een begon; ook per studiegebied."
        ),
        fr=(
            "Part qui n'a pas commencé de formation, en a commencé une ou en a terminé une, "
            "parmi ceux qui ont terminé le trajet et dont le début est connu; aussi par domaine."
        ),
        en=(
            "Share that started no training, started one or completed one, among those who "
            "completed guidance and of whom it is known whether one was started; also by field."
        ),
    ),
    audience=("policymaker", "sector_fund"),
    population="completed",
    horizons=("12m",),
    views=((), ("training_field",)),
    measure=Choice(of="training", options=("not_started", "started", "completed")),
    unit="share",
    resolution=100,
)
