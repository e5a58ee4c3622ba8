"""Tables of one ask put together by hand, for tests of estimators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from encode_people import declared
from numpy.typing import NDArray

from privacy.inference.published import Named
from privacy.measures.adjusted import Adjusted, AskTables
from privacy.measures.kinds import MEASURES
from schemas.programme import Ask
from schemas.release import Figure
from schemas.statistic import Horizon
from schemas.units import MicroRho

NATIONAL = ((),)
BY_GENDER = ((), ("gender",))
CODES = ("f", "m", "x", "unknown")
CELLS: list[Any] = [(), *((("gender", code),) for code in CODES)]
"""Of `BY_GENDER`."""


def adjusted(views: Sequence[Sequence[Sequence[float]]], variance: float) -> Adjusted:
    """Each view with its cells and lanes; noise of one variance, independent."""
    table = np.vstack([np.array(view, dtype=np.float64) for view in views])
    starts = tuple(int(start) for start in np.cumsum([0, *(len(view) for view in views)]))
    return Adjusted(table, np.full(len(table), float(variance)), starts)


@dataclass(frozen=True)
class Given:
    """Covariances written out, all views stacked; `starts` are those of the views."""

    matrix: NDArray[np.float64]
    starts: tuple[int, ...]

    def between(self, one: tuple[int, int], other: tuple[int, int]) -> float:
        i, j = (self.starts[view] + cell for view, cell in (one, other))
        return float(self.matrix[i, j])

    def within(self, view: int) -> NDArray[np.float64]:
        there = slice(self.starts[view], self.starts[view + 1])
        return self.matrix[there, there]


def asked(horizon: Horizon = "12m", name: str = "asked") -> Ask:
    return Ask(statistic=name, horizon=horizon, price=MicroRho(1_000))


def tables_of(
    measure: Any, roles: Mapping[Any, Adjusted], *, horizon: Horizon = "12m",
    views: Any = NATIONAL, name: str = "asked", **fields: Any,
) -> AskTables:  # fmt: skip
    statistic = declared(name, measure, views=views, horizons=(horizon,), **fields)
    return AskTables(asked(horizon, name), statistic, dict(roles))


def named(measure: Any = "mean", horizon: Horizon = "12m", **fields: Any) -> Named:
    return Named(asked(horizon), measure, **fields)


def by_name(figures: Any) -> dict[tuple[str, str, Any], Figure]:
    """Figures by measure, variable and cell, each of which stands once."""
    listed = list(figures)
    found = {(f.measure, f.variable, f.cell): f for f in listed}
    assert len(found) == len(listed)
    return found


def figures(tables: AskTables) -> list[Figure]:
    return list(MEASURES[tables.statistic.measure.kind].figures(tables))


def order(found: list[Figure]) -> list[tuple[str, str, Any]]:
    return [(f.measure, f.variable, f.cell) for f in found]
