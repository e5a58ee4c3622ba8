"""How each kind of measure becomes figures, one module each; see `privacy.encode.measures`."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from privacy.estimate.measures import count, mean, share
from privacy.estimate.tables import AskTables
from schemas.release import Figure

ESTIMATORS: Mapping[str, Callable[[AskTables], Iterator[Figure]]] = MappingProxyType(
    {"count": count.figures, "share": share.figures, "mean": mean.figures}
)
"""By the measure's `kind`; figures in the order of views and cells."""
