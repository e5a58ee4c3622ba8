"""Shares: yes / (yes + no) in each cell, and how many answered."""

import math
from collections.abc import Iterator

from privacy.estimate.bounds import bounds_of_share
from privacy.estimate.calibration import weighted_share
from privacy.estimate.tables import AskTables
from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure
from privacy.inference.reach import reach
from schemas.measures import Share
from schemas.release import Figure


def figures(tables: AskTables) -> Iterator[Figure]:
    """Yes and no carry independent noise of one variance, so cov(yes, yes + no) is that."""
    resolution = tables.statistic.resolution_in_units(0.1)
    outcome = tables.roles["outcome"]
    for index, k, cell in tables.names():
        table, variance = outcome.view(index)
        yes, no, silent = (float(number) for number in table[k])
        noise = float(variance[k])
        excess = outcome.excess_of(index, k)
        ratio = Ratio(yes, yes + no, noise, 2 * noise, noise, excess)
        scale = Scale.of_share(ratio.value, resolution)
        yield ratio_figure(Named(tables.ask, "share", cell), ratio, scale, silent)
        named, se = Named(tables.ask, "answered", cell), math.sqrt(2 * noise)
        yield count_figure(named, yes + no, se, half=reach(excess / 2) * se)
    if tables.statistic.measured_by(Share).calibrate:
        yield from weighted_share(tables, resolution)
        yield from bounds_of_share(tables, resolution)
