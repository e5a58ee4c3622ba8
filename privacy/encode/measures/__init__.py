"""Kinds of measure, one module each: the parts it declares and the rows it makes of people.

A new kind is a new module here, its estimator beside those of `privacy.estimate.measures`, and
one line in each of the two lists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from privacy.encode.measures import (
    choice,
    count,
    histogram,
    mean,
    regression,
    reliability,
    share,
    survival,
)
from privacy.encode.parts import Floats, Part, Role
from privacy.people.population import Asked
from schemas.statistic import Statistic


@dataclass(frozen=True, slots=True)
class Encoder:
    """How one kind of measure encodes.

    `parts` declares the tables with their sensitivity; their shares of rho add up to 1. `rows`
    gives for each role what each person adds, shape (people, lanes of the role), real units.
    """

    parts: Callable[[Statistic], list[Part]]
    rows: Callable[[Asked], Mapping[Role, Floats]]


ENCODERS: Mapping[str, Encoder] = MappingProxyType(
    {
        "count": Encoder(count.parts, count.rows),
        "share": Encoder(share.parts, share.rows),
        "choice": Encoder(choice.parts, choice.rows),
        "mean": Encoder(mean.parts, mean.rows),
        "histogram": Encoder(histogram.parts, histogram.rows),
        "survival": Encoder(survival.parts, survival.rows),
        "reliability": Encoder(reliability.parts, reliability.rows),
        "regression": Encoder(regression.parts, regression.rows),
    }
)
"""By the measure's `kind`."""
