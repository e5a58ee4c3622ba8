"""Survival: the share that still holds its first job after some months, and how many have one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from privacy.estimate.tables import AskTables
from privacy.inference.kaplan_meier import Followed
from privacy.inference.published import Judged, Named, count_figure, judged_figure
from privacy.inference.reach import reach
from schemas.measures import Survival
from schemas.release import Figure


def figures(tables: AskTables) -> Iterator[Figure]:
    """The months in ascending order, then who has a job whose length is followed."""
    measure = tables.statistic.measured_by(Survival)
    resolution = tables.statistic.resolution_in_units(0.1)
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
