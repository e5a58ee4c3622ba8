"""A trusted curator who holds the pooled study and answers the same question at the same rho.

Everybody would have to hand it their files; nothing is masked and nobody may collude. It works
as a textbook tells: the sufficient statistics of the question in one vector, each entry brought
to [-1, 1] by the public bounds of the declaration, Gaussian noise of variance D2^2 / (2 rho) on
all of it, where D2 is the most that one person's vector can be long (add or remove one person),
and then the ordinary formula. So that neither side has a better question:

- it knows what we know: code lists, bins, centres and bounds, and nobody's number of clients;
- of several views each gets the part of rho that the declaration gives it: how much the total is
  worth beside tables is part of the question (asked for one table alone, that table gets all);
- counts, shares, choices, flags: a one-hot table, D2 = 1 (sqrt(k) for k flags a person);
- means of k variables, each of whoever has it: k values and k counts, D2 = sqrt(2k); deviations
  have k squares beside them, D2 = sqrt(3k); k is what the declaration asks, as nobody knows
  beforehand which variables files turn out to have;
- gaps: a value and a count for the gain, a table for each share;
- a share of cost, a cost per result: two sums, D2 = sqrt(2); durations, bins: one-hot, D2 = 1;
  alpha: count, items and products of the dimensions that were asked, D2 = sqrt(their number);
  coefficients: products of rows that are shortened to the declared norm, D2 = its square.

It does not adjust tables to each other, and gives nothing over people who are fewer than four
standard errors. Its error is that of its answer against the exact truth, over many draws.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.truth.questions import (
    Alphas,
    Choices,
    Coefficients,
    CostPer,
    CostShare,
    Counts,
    Diagonal,
    Flags,
    Key,
    Kind,
    Means,
    Quantiles,
    Query,
    Shares,
    Survival,
    groups,
)
from benchmarks.truth.regression import by_curator
from schemas.measures import Histogram, Mean
from schemas.measures import Survival as SurvivalMeasure
from schemas.statistic import View

Floats = NDArray[np.float64]
MOST_COST = 1500.0
"""Euro that a price counts for at the most, as the declarations say."""


@dataclass(frozen=True)
class Desk:
    """Who draws: `rho` is of one view."""

    rho: float
    draws: int
    rng: np.random.Generator

    def noisy(self, numbers: "NDArray[Any] | list[float]", d2: float) -> tuple[Floats, float]:
        """Return (numbers with noise, shape (draws, numbers); standard error of each)."""
        exact = np.asarray(numbers, dtype=np.float64)
        se = d2 / math.sqrt(2 * self.rho)
        return exact + self.rng.normal(0, se, (self.draws, exact.size)), se

    @staticmethod
    def over(top: Floats, bottom: Floats, se: float) -> Floats:
        """A ratio, NaN where the bottom is not four standard errors above 0."""
        ratio: Floats = np.where(bottom >= 4 * se, top / np.where(bottom == 0, 1, bottom), np.nan)
        return ratio


Answers = Iterator[tuple[Key, Floats]]


def answers(
    query: Query, study: pd.DataFrame, rho: float, draws: int, rng: np.random.Generator
) -> dict[Key, Floats]:
    """Return what the curator says, draw by draw."""
    people = query.of(study)
    say = _SAY[type(query.kind)]
    found: dict[Key, Floats] = {}
    for view in query.statistic.views:
        desk = Desk(rho * float(query.statistic.share_of(view)), draws, rng)
        found.update(say(query.kind, query, people, view, desk))
    return found


def _counts(kind: Counts, _: Query, people: pd.DataFrame, view: View, desk: Desk) -> Answers:
    for cell, here in groups(people, view):
        yield ("count", "", cell), desk.noisy([len(here)], 1)[0][:, 0]


def _options(kind: Kind) -> tuple[str, list[tuple[str, Any]]]:
    """(column, (variable, value) of each option)."""
    match kind:
        case Choices():
            return kind.column, [(option, option) for option in kind.options]
        case Shares():
            return kind.column, [("", True), ("", False)]
    raise TypeError(kind)


def _shares(
    kind: Choices | Shares, query: Query, people: pd.DataFrame, view: View, desk: Desk
) -> Answers:
    column, options = _options(kind)
    asked = options if isinstance(kind, Choices) else options[:1]
    for cell, here in groups(people, view):
        table, se = desk.noisy([(here[column] == value).sum() for _, value in options], 1)
        bottom, wide = table.sum(axis=1), se * math.sqrt(len(options))
        for place, (variable, _) in enumerate(asked):
            yield ("share", variable, cell), desk.over(table[:, place], bottom, wide)


def _diagonal(
    kind: Diagonal, query: Query, people: pd.DataFrame, view: View, desk: Desk
) -> Answers:
    """The shares come from the same noisy table."""
    if len(view) < 2:
        yield from _counts(Counts(), query, people, view, desk)
        return
    table = pd.crosstab(people[kind.row], people[kind.column])
    codes = sorted(set(table.index) | set(table.columns))
    table = table.reindex(index=codes, columns=codes, fill_value=0)
    noisy, se = desk.noisy(table.to_numpy().ravel(), 1)
    cells = noisy.reshape(desk.draws, len(codes), len(codes))
    for i, row in enumerate(codes):
        for j, column in enumerate(codes):
            if table.iloc[i, j]:
                yield ("count", "", ((view[0], row), (view[1], column))), cells[:, i, j]
        here = desk.over(cells[:, i, i], cells[:, i].sum(axis=1), se * math.sqrt(len(codes)))
        yield ("share", "", ((kind.row, row),)), here
    on = np.einsum("dii->d", cells)
    yield ("share", "", ()), desk.over(on, cells.sum(axis=(1, 2)), se * len(codes))


def _means(kind: Means, query: Query, people: pd.DataFrame, view: View, desk: Desk) -> Answers:
    measure = query.statistic.measured_by(Mean)
    reach = max(-measure.lower, measure.upper) / 1000
    centres = dict(zip(measure.variables, np.array(measure.centres) / 1000, strict=True))
    d2 = math.sqrt((3 if kind.deviations else 2) * len(measure.variables))
    for cell, here in groups(people, view):
        for variable, column in kind.columns.items():
            n, wide = desk.noisy([here[column].notna().sum()], d2)
            scaled = ((here[column].dropna() - centres[variable]) / reach).clip(-1, 1)
            (sums, squares), _ = _columns(desk, [scaled.sum(), (scaled**2).sum()], d2)
            mean = desk.over(sums, n[:, 0], wide)
            yield ("mean", variable, cell), centres[variable] + reach * mean
            if kind.deviations and not view:
                variance = desk.over(squares, n[:, 0], wide) - mean**2
                yield ("sd", variable, cell), reach * np.sqrt(np.maximum(variance, 0))


def _columns(desk: Desk, numbers: list[float], d2: float) -> tuple[list[Floats], float]:
    table, se = desk.noisy(numbers, d2)
    return list(table.T), se


def _flags(kind: Flags, query: Query, people: pd.DataFrame, view: View, desk: Desk) -> Answers:
    asked = query.statistic.measured_by(Mean).variables
    d2 = math.sqrt(sum(2 if variable == "gain" else 1 for variable in asked))
    for variable, column in kind.columns.items():
        told = {}
        for cell, here in groups(people, view):
            known = here[column].dropna().astype(bool)
            (yes, no), se = _columns(desk, [known.sum(), (~known).sum()], d2)
            told[cell] = yes, yes + no
            yield ("mean", variable, cell), desk.over(yes, yes + no, se * math.sqrt(2))
        for cell, (yes, both) in told.items() if kind.gaps and view else ():
            rest = [other for place, other in told.items() if place != cell]
            top, bottom = (np.sum([other[k] for other in rest], axis=0) for k in (0, 1))
            wide = se * math.sqrt(2 * len(rest))
            gap = desk.over(yes, both, se * math.sqrt(2)) - desk.over(top, bottom, wide)
            yield ("gap", variable, cell), gap


def _cost(kind: CostShare, query: Query, people: pd.DataFrame, view: View, desk: Desk) -> Answers:
    for cell, here in groups(people, view):
        sums = [here[name].clip(upper=MOST_COST).sum() / MOST_COST for name in _both(kind)]
        (part, whole), se = _columns(desk, sums, math.sqrt(2))
        yield ("ratio", "employer", cell), desk.over(part, whole, se)


def _both(kind: CostShare) -> tuple[str, str]:
    return kind.part, kind.whole


def _cost_per(kind: CostPer, _: Query, people: pd.DataFrame, __: View, desk: Desk) -> Answers:
    sums = [people[kind.cost].clip(upper=MOST_COST).sum() / MOST_COST, people[kind.result].sum()]
    (cost, results), se = _columns(desk, sums, math.sqrt(2))
    yield ("ratio", "euro_per_match", ()), MOST_COST * desk.over(cost, results, se)


def _quantiles(
    kind: Quantiles, query: Query, people: pd.DataFrame, view: View, desk: Desk
) -> Answers:
    """Where the running sum of noisy bins first passes, people spread evenly within a bin."""
    measure = query.statistic.measured_by(Histogram)
    edges = np.array(measure.edges, dtype=float)
    for cell, here in groups(people, view):
        known = here[kind.column].dropna().clip(edges[0], edges[-1] - 1e-9)
        counts, _ = desk.noisy(np.histogram(known, edges)[0], 1)
        for percentile in measure.percentiles:
            places = [_crossing(row, percentile / 100) for row in counts]
            told = np.interp(places, np.arange(len(edges)), edges)
            yield ("quantile", f"p{percentile}", cell), told


def _crossing(counts: Floats, q: float) -> float:
    total = np.concatenate([[0.0], np.cumsum(counts)])
    want = q * total[-1]
    k = int(np.flatnonzero(total[1:] >= want)[0]) if total[-1] > 0 else 0
    return k + min(1.0, max(0.0, float(want - total[k]) / max(float(counts[k]), 1e-9)))


def _survival(
    kind: Survival, query: Query, people: pd.DataFrame, view: View, desk: Desk
) -> Answers:
    measure = query.statistic.measured_by(SurvivalMeasure)
    last = measure.months
    for cell, here in groups(people, view):
        months = here[kind.months].clip(upper=last)
        over = here[kind.ended] & (here[kind.months] < last)
        ended = np.bincount(months[over], minlength=last + 1)
        held = np.bincount(months[~over], minlength=last + 1)
        table, _ = desk.noisy(np.concatenate([ended[:last], held]), 1)
        both = table[:, last:].copy()
        both[:, :last] += table[:, :last]
        risk = np.maximum(both[:, ::-1].cumsum(axis=1)[:, ::-1], 1.0)
        curve = np.cumprod(1 - table[:, :last] / risk[:, :last], axis=1)
        for month in measure.at:
            yield ("survival", f"{month}m", cell), np.clip(curve[:, month - 1], 0, 1)


def _alphas(kind: Alphas, query: Query, people: pd.DataFrame, _: View, desk: Desk) -> Answers:
    middle, reach = (kind.lowest + kind.highest) / 2, (kind.highest - kind.lowest) / 2
    k = len(next(iter(kind.items.values())))
    pairs = list(combinations_with_replacement(range(k + 1), 2))
    d2 = math.sqrt(1 + len(kind.items) * (len(pairs) - 1))
    for dimension, columns in kind.items.items():
        items = (people[list(columns)].dropna().to_numpy(dtype=float) - middle) / reach
        whole = np.hstack([np.ones((len(items), 1)), items])
        table, _se = desk.noisy([(whole[:, i] * whole[:, j]).sum() for i, j in pairs], d2)
        for place, told in enumerate(_of_moments(table, pairs, k)):
            measure = "item_rest" if place else "alpha"
            yield (measure, f"{dimension}.{place}" if place else dimension, ()), told


def _of_moments(table: Floats, pairs: list[tuple[int, int]], k: int) -> list[Floats]:
    whole = np.empty((len(table), k + 1, k + 1))
    for place, (i, j) in enumerate(pairs):
        whole[:, i, j] = whole[:, j, i] = table[:, place]
    whole /= whole[:, :1, :1]
    cov = whole[:, 1:, 1:] - whole[:, 0, 1:, None] * whole[:, 0, None, 1:]
    own, rows, total = np.einsum("dii->di", cov), cov.sum(axis=2), cov.sum(axis=(1, 2))
    rest = np.maximum(total[:, None] - 2 * rows + own, 1e-9)
    alpha = k / (k - 1) * (1 - own.sum(axis=1) / total)
    return [alpha, *((rows - own) / np.sqrt(np.maximum(own, 1e-9) * rest)).T]


_SAY: Mapping[type, Callable[[Any, Query, pd.DataFrame, View, Desk], Answers]] = {
    Counts: _counts,
    Shares: _shares,
    Choices: _shares,
    Diagonal: _diagonal,
    Means: _means,
    Flags: _flags,
    CostShare: _cost,
    CostPer: _cost_per,
    Quantiles: _quantiles,
    Survival: _survival,
    Alphas: _alphas,
    Coefficients: lambda kind, query, people, _, desk: by_curator(kind, query, people, desk),
}
