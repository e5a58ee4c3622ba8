"""Which figures of a release a question asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.release import Cell, Figure


@dataclass(frozen=True, slots=True)
class Names:
    """What the figures of one statistic are called, in their order."""

    measures: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


NOTHING = Names()


def names(figures: Iterable[Figure]) -> Mapping[str, Names]:
    """The measures and variables of each statistic, by its id; no variable is not a name."""
    measures: dict[str, dict[str, None]] = {}
    variables: dict[str, dict[str, None]] = {}
    for one in figures:
        statistic = one.statistic.partition("@")[0]
        measures.setdefault(statistic, {})[one.measure] = None
        variables.setdefault(statistic, {})[one.variable] = None
    return {
        name: Names(tuple(found), tuple(v for v in variables[name] if v))
        for name, found in measures.items()
    }


@dataclass(frozen=True, slots=True)
class Selection:
    """Which figures; None means any. `view`: dimensions, `()` is national; `within`: codes."""

    release: str
    statistic: str
    horizon: str | None = None
    measure: str | None = None
    variable: str | None = None
    view: tuple[str, ...] | None = None
    within: Cell = ()
    bands: tuple[str, ...] | None = None

    def of(self, figures: Iterable[Figure]) -> list[Figure]:
        """Those that are asked for, in their order; all are of the statistic."""
        return [one for one in figures if self._plain(one) and self._placed(one.cell)]

    def _plain(self, one: Figure) -> bool:
        return (
            (self.measure is None or one.measure == self.measure)
            and (self.variable is None or one.variable == self.variable)
            and (self.horizon is None or one.statistic == f"{self.statistic}@{self.horizon}")
            and (self.bands is None or one.band in self.bands)
        )

    def _placed(self, cell: Cell) -> bool:
        if self.view is not None and tuple(dimension for dimension, _ in cell) != self.view:
            return False
        return all(pair in cell for pair in self.within)
