"""Choices: which share had each of several outcomes, one-hot over them and not answered."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure
from privacy.inference.reach import reach
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role, hot, one_hot
from privacy.people.outcomes import CHOICES
from privacy.people.population import Asked
from schemas.measures import Choice
from schemas.release import Figure
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    lanes = len(statistic.measured_by(Choice).options) + 1
    return [one_hot("outcome", v, lanes, statistic.share_of(v)) for v in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """The options in the order of the declaration, then not answered."""
    measure = asked.statistic.measured_by(Choice)
    lanes: dict[str | None, int] = {option: k for k, option in enumerate(measure.options)}
    silent = len(lanes)
    lanes[None] = silent
    chosen = [lanes[CHOICES[measure.of](record, asked.horizon)] for record in asked.records]
    return {"outcome": hot(np.array(chosen, dtype=np.int64), silent + 1)}


def figures(tables: AskTables) -> Iterator[Figure]:
    """Options carry independent noise of one variance, so cov(option, all options) is that."""
    options = tables.statistic.measured_by(Choice).options
    resolution = tables.statistic.smallest_difference
    outcome = tables.roles["outcome"]
    for index, k, cell in tables.names():
        table, variance = outcome.view(index)
        numbers = [float(number) for number in table[k]]
        answered, silent, noise = sum(numbers[:-1]), numbers[-1], float(variance[k])
        excess = outcome.excess_of(index, k)
        for option, number in zip(options, numbers, strict=False):
            ratio = Ratio(number, answered, noise, len(options) * noise, noise, excess)
            scale = Scale.of_share(ratio.value, resolution)
            yield ratio_figure(Named(tables.ask, "share", cell, option), ratio, scale, silent)
        se = math.sqrt(len(options) * noise)
        half = reach(excess / len(options)) * se
        yield count_figure(Named(tables.ask, "answered", cell), answered, se, half=half)
