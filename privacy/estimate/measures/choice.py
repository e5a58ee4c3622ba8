"""Choices: the share of each option in each cell, and how many answered."""

import math
from collections.abc import Iterator

from privacy.estimate.tables import AskTables
from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure
from privacy.inference.reach import reach
from schemas.measures import Choice
from schemas.release import Figure


def figures(tables: AskTables) -> Iterator[Figure]:
    """Options carry independent noise of one variance, so cov(option, all options) is that."""
    options = tables.statistic.measured_by(Choice).options
    resolution = tables.statistic.resolution_in_units(0.1)
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
