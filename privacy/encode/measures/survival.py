"""Survival: each person adds 1 to (months her job was held, ended or held), or to not watched.

One-hot over duration and event has sensitivity 1; who is at risk follows from suffix sums after
the noise, far better than vectors of at-risk and event that one person fills with ones.
"""

from collections.abc import Mapping

import numpy as np

from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.people.observation import job_held
from privacy.people.population import Asked
from schemas.measures import Survival
from schemas.record import Trajectory
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    lanes = 2 * statistic.measured_by(Survival).months + 2
    return [one_hot("outcome", v, lanes, statistic.share_of(v)) for v in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Ended after 0 .. months - 1 months, then held for 0 .. months months, then no job
    or nobody who knows how long it was watched."""
    months = asked.statistic.measured_by(Survival).months
    lanes = [_lane(record, months) for record in asked.records]
    return {"outcome": hot(np.array(lanes, dtype=np.int64), 2 * months + 2)}


def _lane(record: Trajectory, months: int) -> int:
    """A job is followed for so many months; what becomes of it after them does not matter."""
    found = job_held(record)
    if found is None:
        return 2 * months + 1
    held, then = found
    if held >= months:
        return 2 * months
    return held if then == "ended" else months + held
