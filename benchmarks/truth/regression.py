"""What explains a gain: the exact fit by statsmodels, and a trusted curator's from noisy products.

Both look at what the declaration counts: numbers brought to [-1, 1] by public bounds, then each
person's row, her gain with it, shortened to the declared norm. A row that is shortened to a part f
of itself weighs f^2 in least squares.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.truth.questions import Coefficients, Key, Query
from schemas.measures import Regression

if TYPE_CHECKING:
    from benchmarks.truth.curator import Desk

Floats = NDArray[np.float64]
BOUNDS: Mapping[str, tuple[float, float]] = {"hours": (5.5, 4.0), "baseline": (3.2, 1.25)}
"""Middle and half-width of the numbers among the terms; the others are True or False."""

GAIN = 1.5
"""Points to each side of 0 beyond which a gain counts as so many."""


def bounded(kind: Coefficients, people: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return (terms, gain) in [-1, 1], shapes (people, terms) and (people,)."""
    known = people.dropna(subset=[kind.outcome])
    columns = [np.ones(len(known))]
    for term in kind.columns:
        middle, half = BOUNDS.get(term, (0.0, 1.0))
        column = known[kind.columns[term]].to_numpy(dtype=float)
        columns.append(np.clip((column - middle) / half, -1, 1))
    gain = np.clip(known[kind.outcome].to_numpy(dtype=float) / GAIN, -1, 1)
    return np.stack(columns, axis=1), gain


def kept(query: Query, terms: Floats, gain: Floats) -> Floats:
    """How much of each row the declared norm leaves, shape (people,)."""
    norm = query.statistic.measured_by(Regression).norm / 1000
    lengths: Floats = np.sqrt((terms**2).sum(axis=1) + gain**2)
    return np.minimum(1.0, norm / lengths)


def units(kind: Coefficients) -> Floats:
    """Points per unit of each term, of a coefficient between what lies in [-1, 1]."""
    return np.array([GAIN / BOUNDS.get(term, (0.0, 1.0))[1] for term in ("", *kind.columns)])


def fitted(kind: Coefficients, query: Query, people: pd.DataFrame) -> tuple[Floats, Floats, float]:
    """Return (coefficients, their standard errors, R2), the constant first."""
    from statsmodels.api import WLS

    terms, gain = bounded(kind, people)
    fit = WLS(gain, terms, weights=kept(query, terms, gain) ** 2).fit()
    return fit.params * units(kind), fit.bse * units(kind), float(fit.rsquared)


def by_curator(
    kind: Coefficients, query: Query, people: pd.DataFrame, desk: "Desk"
) -> Iterator[tuple[Key, Floats]]:
    """Products of each row with itself are no longer than its squared norm."""
    terms, gain = bounded(kind, people)
    rows = np.column_stack([terms, gain]) * kept(query, terms, gain)[:, None]
    pairs = _pairs(rows)
    norm = query.statistic.measured_by(Regression).norm / 1000
    table, _ = desk.noisy([float(rows[:, i] @ rows[:, j]) for i, j in pairs], norm**2)
    whole = np.zeros((desk.draws, rows.shape[1], rows.shape[1]))
    for place, (i, j) in enumerate(pairs):
        whole[:, i, j] = whole[:, j, i] = table[:, place]
    told = np.full((desk.draws, terms.shape[1]), math.nan)
    for draw, products in enumerate(whole):
        if np.linalg.eigvalsh(products[:-1, :-1])[0] > 0:
            told[draw] = np.linalg.solve(products[:-1, :-1], products[:-1, -1]) * units(kind)
    for place, term in enumerate(("constant", *kind.columns)):
        yield ("coefficient", term, ()), told[:, place]


def _pairs(rows: Floats) -> list[tuple[int, int]]:
    """Without those that are 0 for everybody, as two ages of one person."""
    every = combinations_with_replacement(range(rows.shape[1]), 2)
    return [(i, j) for i, j in every if np.any(rows[:, i] * rows[:, j])]
