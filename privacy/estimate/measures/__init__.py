"""How each kind of measure becomes figures, one module each; see `privacy.encode.measures`."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from privacy.estimate.measures import (
    choice,
    count,
    histogram,
    mean,
    regression,
    reliability,
    share,
    survival,
)
from privacy.estimate.tables import AskTables
from schemas.release import Figure

ESTIMATORS: Mapping[str, Callable[[AskTables], Iterator[Figure]]] = MappingProxyType(
    {
        "count": count.figures,
        "share": share.figures,
        "choice": choice.figures,
        "mean": mean.figures,
        "histogram": histogram.figures,
        "survival": survival.figures,
        "reliability": reliability.figures,
        "regression": regression.figures,
    }
)
"""By the measure's `kind`; figures in the order of views and cells."""
