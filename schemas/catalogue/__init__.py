"""The catalogue: one declaration file for each statistic."""

from collections.abc import Mapping

from schemas.catalogue import (
    durable_match,
    sector_flows,
    trajectories,
    wellbeing_change,
    wellbeing_level,
)
from schemas.statistic import Statistic

STATISTICS: tuple[Statistic, ...] = (
    trajectories.STATISTIC,
    wellbeing_level.STATISTIC,
    wellbeing_change.STATISTIC,
    durable_match.STATISTIC,
    sector_flows.STATISTIC,
)
BY_ID: Mapping[str, Statistic] = {statistic.id: statistic for statistic in STATISTICS}
