"""Histograms: each person adds 1 to the bin of her number, or to not answered, in every view."""

from collections.abc import Mapping

import numpy as np

from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.people.outcomes import NUMBERS
from privacy.people.population import Asked
from schemas.measures import Histogram
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    lanes = len(statistic.measured_by(Histogram).edges)
    return [one_hot("outcome", v, lanes, statistic.share_of(v)) for v in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """The bins in ascending order, the outer ones with all that lies beyond; not answered last."""
    measure = asked.statistic.measured_by(Histogram)
    numbers = [NUMBERS[measure.of](record) for record in asked.records]
    bins = len(measure.edges) - 1
    lanes = [bins if number is None else _bin(number, measure) for number in numbers]
    return {"outcome": hot(np.array(lanes, dtype=np.int64), bins + 1)}


def _bin(number: int, measure: Histogram) -> int:
    return sum(number >= edge for edge in measure.edges[1:-1])
