"""Survival: each person adds 1 to (months her job was held, ended or held), or to not watched.

One-hot over duration and event has sensitivity 1; who is at risk follows from suffix sums after
the noise, far better than vectors of at-risk and event that one person fills with ones.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from privacy.inference.kaplan_meier import Followed
from privacy.inference.published import Judged, Named, count_figure, judged_figure
from privacy.inference.reach import reach
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role, hot, one_hot
from privacy.people.observation import job_held
from privacy.people.population import Asked
from schemas.measures import Survival
from schemas.record import Trajectory
from schemas.release import Figure
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


def figures(tables: AskTables) -> Iterator[Figure]:
    """The months in ascending order, then who has a job whose length is followed."""
    measure = tables.statistic.measured_by(Survival)
    resolution = tables.statistic.smallest_difference
    outcome, months = tables.roles["outcome"], measure.months
    for index, k, cell in tables.names():
        table, variance = outcome.view(index)
        row, noise = table[k], float(variance[k])
        followed = Followed(row[:months], row[months:-1], noise, outcome.excess_of(index, k))
        people = (float(followed.at_risk[0]), float(row[-1]))
        curve = _shown([followed.survival(month) for month in measure.at])
        for variable, judged in zip(measure.variables, curve, strict=True):
            named = Named(tables.ask, "survival", cell, variable)
            yield judged_figure(named, judged, people, resolution)
        se = math.sqrt((2 * months + 1) * noise)
        half = reach(followed.excess / (2 * months + 1)) * se
        yield count_figure(Named(tables.ask, "answered", cell), people[0], se, half=half)


def _shown(curve: Sequence[Judged | None]) -> Iterator[Judged | None]:
    """What pages show never rises."""
    lowest = 1.0
    for judged in curve:
        if judged is None:
            yield None
        else:
            lowest = min(lowest, judged.shown)
            yield replace(judged, shown=lowest)
