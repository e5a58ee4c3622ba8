"""Statistic 1: how many trajectories, where and from which sector."""

from schemas.measures import Count
from schemas.questionnaire import Text
from schemas.statistic import Statistic

STATISTIC = Statistic(
    id="trajectories",
    number=1,
    name=Text(nl="Trajecten", fr="Trajets", en="Trajectories"),
    definition=Text(
        nl="Aantal klanten dat in de periode een loopbaantraject begon; elke klant telt één keer.",
        fr="Nombre de clients ayant commencé un trajet durant la période; chacun compte une fois.",
        en="Number of clients who started a guidance trajectory in the period; each counts once.",
    ),
    audience=("policymaker", "province", "sector_fund"),
    population="all",
    horizons=("start",),
    views=(
        (),
        ("sector_before",),
        ("nuts1",),
        ("nuts1", "sector_before"),
        ("nuts2",),
        ("nuts2", "sector_before"),
        ("nuts3",),
        ("nuts3", "sector_before"),
    ),
    measure=Count(),
    unit="people",
)
