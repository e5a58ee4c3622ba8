"""Shares: each person adds 1 to yes, no or not answered in her cell of every view."""

from collections.abc import Mapping

import numpy as np

from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.encode.population import Asked, durable_match
from schemas.statistic import Statistic

_LANE = {True: 0, False: 1, None: 2}


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view, at equal prices."""
    each = statistic.equal_share
    return [one_hot("outcome", view, 3, each) for view in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Yes, no, not answered."""
    lanes = [_LANE[durable_match(record, asked.horizon)] for record in asked.records]
    return {"outcome": hot(np.array(lanes, dtype=np.int64), 3)}
