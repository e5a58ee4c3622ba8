"""Shares: each person adds 1 to yes, no or not answered; yes / (yes + no) in each cell."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure
from privacy.inference.reach import reach
from privacy.measures import calibration
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role, hot, one_hot
from privacy.measures.split import Bounds
from privacy.measures.weighting import weighted_share
from privacy.measures.worst_case import bounds_of_share
from privacy.people.outcomes import OUTCOMES
from privacy.people.population import Asked
from schemas.measures import Share
from schemas.release import Figure
from schemas.statistic import Statistic

_HALVES = Bounds(1, Fraction(1, 2), Fraction(1, 4), Fraction(1, 2))
"""Calibration sees yes as 1/2 and no as -1/2: half the sensitivity of 1 and 0."""

_LANE = {True: 0, False: 1, None: 2}


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    found = [one_hot("outcome", view, 3, statistic.share_of(view)) for view in statistic.views]
    return calibration.beside(found, _HALVES) if statistic.measured_by(Share).calibrate else found


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Yes, no, not answered."""
    outcome = OUTCOMES[asked.statistic.measured_by(Share).outcome]
    lanes = [_LANE[outcome(record, asked.horizon)] for record in asked.records]
    table: dict[Role, Floats] = {"outcome": hot(np.array(lanes, dtype=np.int64), 3)}
    if asked.statistic.measured_by(Share).calibrate:
        yes, no, _ = table["outcome"].T
        table |= calibration.rows(asked, yes + no, ((yes - no) / 2)[:, None])
    return table


def figures(tables: AskTables) -> Iterator[Figure]:
    """Yes and no carry independent noise of one variance, so cov(yes, yes + no) is that."""
    resolution = tables.statistic.smallest_difference
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
