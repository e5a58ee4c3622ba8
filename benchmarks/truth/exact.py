"""The exact pooled truth by pandas, lifelines and statsmodels, from a study and nothing else."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import lifelines
import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from benchmarks.truth.questions import (
    Alphas,
    Cell,
    Choices,
    Coefficients,
    CostPer,
    CostShare,
    Counts,
    Diagonal,
    Flags,
    Key,
    Means,
    Quantiles,
    Query,
    Shares,
    Survival,
    groups,
)
from benchmarks.truth.regression import fitted
from schemas.measures import Histogram, Mean
from schemas.measures import Survival as SurvivalMeasure
from schemas.statistic import View


@dataclass(frozen=True)
class Exact:
    """One true figure; `sampling`: its standard error were the study a sample.

    `asked`: whether it is what was asked, or only stands beside it.
    """

    value: float
    sampling: float = 0.0
    asked: bool = True


Found = Iterator[tuple[Key, Exact]]


def exact(query: Query, study: pd.DataFrame) -> dict[Key, Exact]:
    """Return the true figures of every view, of cells that have people."""
    people = query.of(study)
    answer = _ANSWERS[type(query.kind)]
    return {
        key: one
        for view in query.statistic.views
        for key, one in answer(query.kind, query, people, view)
    }


def _share(flags: "pd.Series[Any]") -> Exact:
    """Of True among True and False."""
    p = float(flags.astype(float).mean())
    return Exact(p, math.sqrt(p * (1 - p) / len(flags)))


def _answered(cell: Cell, number: int) -> tuple[Key, Exact]:
    return ("answered", "", cell), Exact(float(number), asked=False)


def _counts(kind: Counts, _: Query, people: pd.DataFrame, view: View) -> Found:
    for cell, here in groups(people, view):
        yield ("count", "", cell), Exact(float(len(here)))


def _shares(kind: Shares, query: Query, people: pd.DataFrame, view: View) -> Found:
    for cell, here in groups(people, view):
        known = here[kind.column].dropna()
        yield _answered(cell, len(known))
        if len(known):
            yield ("share", "", cell), _share(known)


def _choices(kind: Choices, query: Query, people: pd.DataFrame, view: View) -> Found:
    for cell, here in groups(people, view):
        known = here[kind.column].dropna()
        yield _answered(cell, len(known))
        for option in kind.options if len(known) else ():
            yield ("share", option, cell), _share(known == option)


def _diagonal(kind: Diagonal, query: Query, people: pd.DataFrame, view: View) -> Found:
    """The table itself; with it the share of each row, and of all, that is on the diagonal."""
    row, column = kind.row, kind.column
    yield from _counts(Counts(), query, people, view)
    if len(view) == 2:
        known = people.dropna(subset=[row, column])
        same = known[row] == known[column]
        yield ("share", "", ()), _share(same)
        for code, here in same.groupby(known[row]):
            yield ("share", "", ((row, str(code)),)), _share(here)


def _means(kind: Means, query: Query, people: pd.DataFrame, view: View) -> Found:
    """Of values within the public bounds of the declaration: what lies beyond counts as those."""
    measure = query.statistic.measured_by(Mean)
    centres = dict(zip(measure.variables, measure.centres, strict=True))
    for cell, here in groups(people, view):
        for variable, column in kind.columns.items():
            ends = [(centres[variable] + bound) / 1000 for bound in (measure.lower, measure.upper)]
            known = here[column].dropna().clip(*ends)
            if len(known) == 0:
                continue
            spread = float(known.std(ddof=0))
            n = math.sqrt(len(known))
            asked = not kind.deviations
            yield ("mean", variable, cell), Exact(float(known.mean()), spread / n, asked)
            if not view:
                yield ("sd", variable, cell), Exact(spread, asked=kind.deviations)


def _flags(kind: Flags, query: Query, people: pd.DataFrame, view: View) -> Found:
    for cell, here in groups(people, view):
        for variable, column in kind.columns.items():
            known = here[column].dropna()
            rest = people[column].drop(here.index).dropna()
            if len(known):
                one = _share(known)
                key: Key = ("mean", variable, cell)
                yield key, Exact(one.value, one.sampling, not kind.gaps)
            if kind.gaps and view and len(known) and len(rest):
                here_, there = _share(known), _share(rest)
                both = math.hypot(here_.sampling, there.sampling)
                yield ("gap", variable, cell), Exact(here_.value - there.value, both)


def _cost(kind: CostShare, query: Query, people: pd.DataFrame, view: View) -> Found:
    for cell, here in groups(people, view):
        part, whole = here[kind.part], here[kind.whole]
        ratio = float(part.sum() / whole.sum())
        spread = float((part - ratio * whole).std(ddof=0)) / math.sqrt(len(here))
        yield _answered(cell, len(here))
        yield ("ratio", "employer", cell), Exact(ratio, spread / float(whole.mean()))


def _cost_per(kind: CostPer, _: Query, people: pd.DataFrame, __: View) -> Found:
    cost, result = people[kind.cost], people[kind.result].astype(float)
    ratio = float(cost.sum() / result.sum())
    spread = float((cost - ratio * result).std(ddof=0)) / math.sqrt(len(people))
    yield ("ratio", "euro_per_match", ()), Exact(ratio, spread / float(result.mean()))


def _quantiles(kind: Quantiles, query: Query, people: pd.DataFrame, view: View) -> Found:
    """Sampling: from the quantiles one standard error up and down (Woodruff 1952)."""
    measure = query.statistic.measured_by(Histogram)
    for cell, here in groups(people, view):
        known = here[kind.column].dropna()
        yield _answered(cell, len(known))
        for percentile in measure.percentiles:
            q = percentile / 100
            reach = math.sqrt(q * (1 - q) / len(known))
            ends = known.quantile([max(0.0, q - reach), min(1.0, q + reach)])
            sampling = float(ends.iloc[1] - ends.iloc[0]) / 2
            yield ("quantile", f"p{percentile}", cell), Exact(float(known.quantile(q)), sampling)


def _survival(kind: Survival, query: Query, people: pd.DataFrame, view: View) -> Found:
    """Who held a job for t whole months passed the events of months 0 to t - 1."""
    for cell, here in groups(people, view):
        months, ended = here[kind.months], here[kind.ended]
        curve = lifelines.KaplanMeierFitter().fit(months, ended)
        spread = SurvfuncRight(months.to_numpy() + 0.5, ended.to_numpy().astype(int))
        yield _answered(cell, len(here))
        for month in query.statistic.measured_by(SurvivalMeasure).at:
            if month > months.max():
                continue  # nobody was followed for so long
            before = np.flatnonzero(spread.surv_times < month)
            se = float(spread.surv_prob_se[before[-1]]) if len(before) else 0.0
            value = float(curve.predict(month - 1))
            yield ("survival", f"{month}m", cell), Exact(value, se)


def _alphas(kind: Alphas, query: Query, people: pd.DataFrame, _: View) -> Found:
    """Sampling by 100 bootstrap samples."""
    for dimension, columns in kind.items.items():
        items = people[list(columns)].dropna().to_numpy(dtype=float)
        yield ("answered", dimension, ()), Exact(float(len(items)), asked=False)
        rng = np.random.default_rng(1)
        again = np.std(
            [_of_items(items[rng.integers(0, len(items), len(items))]) for _ in range(100)], axis=0
        )
        for place, value in enumerate(_of_items(items)):
            name = f"{dimension}.{place}" if place else dimension
            measure = "item_rest" if place else "alpha"
            yield (measure, name, ()), Exact(float(value), float(again[place]))


def _of_items(items: "np.ndarray[Any, Any]") -> list[float]:
    """Alpha, then each item's correlation with the sum of the others."""
    k, total = items.shape[1], items.sum(axis=1)
    alpha = k / (k - 1) * (1 - items.var(axis=0).sum() / total.var())
    rest = [np.corrcoef(items[:, j], total - items[:, j])[0, 1] for j in range(k)]
    return [float(alpha), *map(float, rest)]


def _coefficients(kind: Coefficients, query: Query, people: pd.DataFrame, _: View) -> Found:
    values, errors, r2 = fitted(kind, query, people)
    yield _answered((), int(people[kind.outcome].notna().sum()))
    for term, value, error in zip(("constant", *kind.columns), values, errors, strict=True):
        yield ("coefficient", term, ()), Exact(float(value), float(error))
    yield ("r2", "", ()), Exact(r2, asked=False)


_ANSWERS: Mapping[type, Callable[[Any, Query, pd.DataFrame, View], Found]] = {
    Counts: _counts,
    Shares: _shares,
    Choices: _choices,
    Diagonal: _diagonal,
    Means: _means,
    Flags: _flags,
    CostShare: _cost,
    CostPer: _cost_per,
    Quantiles: _quantiles,
    Survival: _survival,
    Alphas: _alphas,
    Coefficients: _coefficients,
}
