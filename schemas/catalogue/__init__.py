"""The catalogue: one declaration file for each statistic."""

from collections.abc import Mapping

from schemas.catalogue import (
    commuting,
    completion,
    context_fit,
    coverage,
    desired_sector,
    durable_match,
    employer_cost,
    employer_participation,
    employment,
    fairness,
    gain_explained,
    improved,
    job_retention,
    matching_balance,
    reliability,
    reorientation,
    return_on_guidance,
    sector_change,
    sector_flows,
    sector_reached,
    time_to_job,
    training,
    trajectories,
    wage_change,
    wellbeing_change,
    wellbeing_level,
)
from schemas.statistic import Statistic

BASIC: tuple[Statistic, ...] = (
    trajectories.STATISTIC,
    wellbeing_level.STATISTIC,
    wellbeing_change.STATISTIC,
    durable_match.STATISTIC,
    sector_flows.STATISTIC,
    employment.STATISTIC,
)
"""What the default programme asks, in the order of its rounds."""

STATISTICS: tuple[Statistic, ...] = (
    *BASIC,
    completion.STATISTIC,
    desired_sector.STATISTIC,
    sector_reached.STATISTIC,
    commuting.STATISTIC,
    job_retention.STATISTIC,
    time_to_job.STATISTIC,
    reorientation.STATISTIC,
    sector_change.STATISTIC,
    training.STATISTIC,
    wage_change.STATISTIC,
    employer_participation.STATISTIC,
    matching_balance.STATISTIC,
    coverage.STATISTIC,
    improved.STATISTIC,
    context_fit.STATISTIC,
    return_on_guidance.STATISTIC,
    fairness.STATISTIC,
    employer_cost.STATISTIC,
    reliability.STATISTIC,
    gain_explained.STATISTIC,
)
"""Whatever is declared; a programme asks what it pays for."""

BY_ID: Mapping[str, Statistic] = {statistic.id: statistic for statistic in STATISTICS}
