"""Statistic 19: where an employer takes part."""

from schemas.measures import Share
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="employer_participation",
    number=19,
    name=Text(
        nl="Betrokken werkgevers", fr="Participation des employeurs", en="Employer participation"
    ),
    definition=Text(
        nl=(
            "Aandeel van de beëindigde trajecten waarbij een werkgever betrokken was, onder "
            "de trajecten waarvan dat gekend is."
        ),
        fr=(
            "Part des trajets achevés ou arrêtés auxquels un employeur a participé, parmi "
            "ceux pour lesquels c'est connu."
        ),
        en=(
            "Share of trajectories that ended in which an employer took part, among those for"
            " which it is known."
        ),
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="ended",
    horizons=("end",),
    views=((), ("sector_before",), ("nuts2",)),
    measure=Share(outcome="employer_involved"),
    unit="share",
    resolution=100,
)
