"""Many draws of noise at once: every figure of an ask by the formula of its estimator.

Tables have shape (cells of all views, lanes, draws). `test_errors_realised` checks these figures
against those of the product, which makes them one draw at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.estimate.margins import margins
from privacy.estimate.tables import cell_variance, roles_of
from privacy.inference.kaplan_meier import Followed
from privacy.inference.quantiles import Binned
from privacy.measures.adjusted import cells
from privacy.measures.parts import Role
from privacy.measures.regression import _Fit
from privacy.measures.reliability import _Scale
from schemas.measures import (
    Choice,
    Count,
    Histogram,
    Mean,
    Measure,
    Regression,
    Reliability,
    Share,
    Survival,
)
from schemas.programme import Ask
from schemas.release import Cell
from schemas.statistic import Statistic

Floats = NDArray[np.float64]
Key = tuple[str, str, str, Cell]


@dataclass(frozen=True, eq=False)
class Noisy:
    """One ask in many draws; `variance`: of the noise of an entry of the integer sum."""

    layout: Layout
    ask: Ask
    tables: Mapping[Role, Floats] = field(repr=False)
    variance: float

    @classmethod
    def of(cls, layout: Layout, ask: Ask, totals: NDArray[np.int64], variance: float) -> "Noisy":
        """`totals`: shape (entries of the ask, draws), its blocks in their order."""
        first = layout.blocks_of(ask)[0].start
        found: dict[Role, Floats] = {}
        for role, blocks in roles_of(layout, ask).items():
            flat = np.concatenate([
                (totals[b.start - first : b.start - first + b.size] / b.multiplier)
                .reshape(b.cells, -1)
                for b in blocks
            ])  # fmt: skip
            if len(blocks) > 1:
                weights = tuple((b.multiplier / blocks[0].multiplier) ** 2 for b in blocks)
                flat = margins(tuple(b.part.view for b in blocks), weights).adjust(flat)
            found[role] = flat.reshape(len(flat), blocks[0].part.lanes, -1)
        return cls(layout, ask, found, variance)

    @property
    def statistic(self) -> Statistic:
        return self.layout.statistic(self.ask)

    def figures(self) -> Iterator[tuple[Key, Floats]]:
        """Each figure in all draws, but deviations, R2, and how many answered."""
        match self.statistic.measure:
            case Mean() as measure if measure.value == "employer_cost":
                yield from self._cost_shares(measure)
            case Mean() as measure:
                yield from self._means(measure)
            case Share():
                yield from self._options(("",))
            case Choice() as measure:
                yield from self._options(measure.options)
            case other:
                yield from self._others(other)

    def _others(self, measure: Measure) -> Iterator[tuple[Key, Floats]]:
        match measure:
            case Count():
                yield from self._counts(diagonal=measure.diagonal)
            case Histogram():
                yield from self._quantiles(measure)
            case Survival():
                yield from self._survival(measure)
            case Reliability():
                yield from self._reliability(measure)
            case Regression():
                yield from self._coefficients(measure)

    def _key(self, measure: str, variable: str = "", cell: Cell = ()) -> Key:
        return self.ask.key, measure, variable, cell

    def _cells(self) -> Iterator[tuple[int, Cell]]:
        yield from enumerate(cell for view in self.statistic.views for cell in cells(view))

    def _counts(self, *, diagonal: bool) -> Iterator[tuple[Key, Floats]]:
        for k, cell in self._cells():
            yield self._key("count", cell=cell), self.tables["count"][k, 0]
        square = self.statistic.square
        if diagonal and square is not None:
            views = self.statistic.views
            start = sum(len(list(cells(v))) for v in views[: views.index(square)])
            codes = len(list(cells(square[:1])))
            table = self.tables["count"][start : start + codes**2, 0].reshape(codes, codes, -1)
            known = table[:-1, :-1]
            on = np.einsum("iid->id", known)
            yield self._key("share"), on.sum(axis=0) / known.sum(axis=(0, 1))
            for cell, top, row in zip(cells(square[:1]), on, known, strict=False):
                yield self._key("share", cell=cell), top / row.sum(axis=0)

    def _options(self, names: tuple[str, ...]) -> Iterator[tuple[Key, Floats]]:
        for k, cell in self._cells():
            table = self.tables["outcome"][k, :-1]
            for lane, name in enumerate(names):
                yield self._key("share", name, cell), table[lane] / table.sum(axis=0)

    def _means(self, measure: Mean) -> Iterator[tuple[Key, Floats]]:
        sums = self.tables["sum"] * measure.scale / 1000
        for lane, name in enumerate(measure.variables):
            answered = (self.tables["people"][:, 0] + self.tables["known"][:, lane]) / 2
            centre, national = measure.centres[lane] / 1000, self.statistic.views.index(())
            for k, cell in self._cells():
                yield self._key("mean", name, cell), centre + sums[k, lane] / answered[k]
                if measure.gaps and len(cell) == 1:
                    rest = sums[national, lane] - sums[k, lane]
                    others = rest / (answered[national] - answered[k])
                    yield self._key("gap", name, cell), sums[k, lane] / answered[k] - others

    def _cost_shares(self, measure: Mean) -> Iterator[tuple[Key, Floats]]:
        sums = self.tables["sum"] * measure.scale / 1000
        answered = (self.tables["people"][:, 0] + self.tables["known"][:, 0]) / 2
        lanes = [measure.variables.index(name) for name in ("employer", "total")]
        for k, cell in self._cells():
            top, bottom = (sums[k, i] + measure.centres[i] / 1000 * answered[k] for i in lanes)
            yield self._key("ratio", "employer", cell), top / bottom

    def _quantiles(self, measure: Histogram) -> Iterator[tuple[Key, Floats]]:
        draws = self.tables["outcome"][0, :-1].T
        for name, percentile in zip(measure.variables, measure.percentiles, strict=True):
            found = [Binned.of(measure.edges, row, 1.0).quantile(percentile / 100) for row in draws]
            yield self._key("quantile", name), np.array(found)

    def _survival(self, measure: Survival) -> Iterator[tuple[Key, Floats]]:
        """Nationally, at the months until which enough people are followed."""
        months, first = measure.months, roles_of(self.layout, self.ask)["outcome"]
        variance = float(cell_variance(first, self.variance)[0])
        for name, month in zip(measure.variables, measure.at, strict=True):
            judged = [
                Followed(row[:months], row[months:-1], variance).survival(month)
                for row in self.tables["outcome"][0].T
            ]
            values = [one.value for one in judged if one is not None]
            if len(values) == len(judged):
                yield self._key("survival", name), np.array(values)

    def _reliability(self, measure: Reliability) -> Iterator[tuple[Key, Floats]]:
        lanes = self.tables["moment"][0].T
        width = lanes.shape[1] // len(measure.variables)
        for place, name in enumerate(measure.variables):
            here = lanes[:, place * width : (place + 1) * width]
            numbers = _Scale(measure.items, here, 1.0).numbers(here)
            yield self._key("alpha", name), numbers[:, 0]
            for item in range(1, measure.items + 1):
                yield self._key("item_rest", f"{name}.{item}"), numbers[:, item]

    def _coefficients(self, measure: Regression) -> Iterator[tuple[Key, Floats]]:
        lanes = self.tables["moment"][0].T
        numbers = _Fit(measure.terms, lanes[0], 1.0).numbers(lanes)
        for column, name in enumerate(measure.terms):
            yield self._key("coefficient", name), numbers[:, column]
