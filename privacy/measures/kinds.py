"""The kinds of measure and what each is: a new one is a module here and a line in this list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from privacy.measures import (
    choice,
    count,
    histogram,
    mean,
    regression,
    reliability,
    share,
    survival,
)
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role
from privacy.people.population import Asked
from schemas.release import Figure
from schemas.statistic import Statistic


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of measure is asked and told.

    `parts` declares the tables with their sensitivity; their shares of rho add up to 1. `rows`
    gives for each role what each person adds, shape (people, lanes of the role), real units.
    `figures` makes of the adjusted tables the figures, in the order of views and cells.
    """

    parts: Callable[[Statistic], list[Part]]
    rows: Callable[[Asked], Mapping[Role, Floats]]
    figures: Callable[[AskTables], Iterator[Figure]]


MEASURES: Mapping[str, Kind] = MappingProxyType(
    {
        "count": Kind(count.parts, count.rows, count.figures),
        "share": Kind(share.parts, share.rows, share.figures),
        "choice": Kind(choice.parts, choice.rows, choice.figures),
        "mean": Kind(mean.parts, mean.rows, mean.figures),
        "histogram": Kind(histogram.parts, histogram.rows, histogram.figures),
        "survival": Kind(survival.parts, survival.rows, survival.figures),
        "reliability": Kind(reliability.parts, reliability.rows, reliability.figures),
        "regression": Kind(regression.parts, regression.rows, regression.figures),
    }
)
"""By the measure's `kind`."""
