"""Counts: each person adds 1 to her cell of every view."""

from collections.abc import Mapping

import numpy as np

from privacy.encode.parts import Floats, Part, Role, one_hot
from privacy.people.population import Asked
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    return [one_hot("count", view, 1, statistic.share_of(view)) for view in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Everyone counts."""
    return {"count": np.ones((len(asked.records), 1))}
