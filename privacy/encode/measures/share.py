"""Shares: each person adds 1 to yes, no or not answered in her cell of every view."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from privacy.encode import calibration
from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.encode.split import Bounds
from privacy.people.outcomes import OUTCOMES
from privacy.people.population import Asked
from schemas.measures import Share
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
