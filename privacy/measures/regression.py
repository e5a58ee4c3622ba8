"""Regression: ordinary least squares from noisy products of bounded columns, without any ridge.

With X'X that is not clearly positive definite above its noise nothing is given: a ridge would
give numbers that mean something else.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from privacy.inference.intervals import clearly_above
from privacy.inference.moments import clearly_positive, mean_square, propagated, symmetric
from privacy.inference.published import Measured, Named, People, count_figure, measured_figure
from privacy.measures.adjusted import AskTables
from privacy.measures.covariates import GAIN_SCALE, TERMS, row
from privacy.measures.parts import Floats, Part, Role, hot, one_hot
from privacy.people.population import Asked
from schemas.measures import Regression
from schemas.release import Figure
from schemas.statistic import Statistic

_ANSWERED = Fraction(1, 10)


def pairs(terms: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """The products kept: X'X, X'y and y'y, the outcome last; codes of one group never meet."""
    groups = [TERMS[name].group for name in terms] + ["outcome"]
    return tuple(
        (i, j)
        for i in range(len(groups))
        for j in range(i, len(groups))
        if i == j or groups[i] != groups[j]
    )


def parts(statistic: Statistic) -> list[Part]:
    """One national table of products, and who had all columns.

    A row v has |v_i| <= 1, at most one code of each group and |v|_2 <= c. The squared norm of
    its products i <= j is (|v|^4 + sum v_i^4) / 2, at most (c^4 + [c^2] + frac(c^2)^2) / 2: the
    fourth powers are largest when as many entries as fit are 1. With g groups |v|_1 <= c sqrt g.
    Raises ValueError on another table than the national one, or an unknown term.
    """
    measure = statistic.measured_by(Regression)
    if statistic.views != ((),):
        raise ValueError(f"{statistic.id}: a regression is national only")
    if measure.terms[0] != "constant" or not set(measure.terms) <= TERMS.keys():
        raise ValueError(f"{statistic.id}: terms are a constant and known columns")
    groups = len({TERMS[name].group for name in measure.terms}) + 1
    square = min(Fraction(groups), Fraction(measure.norm, 1000) ** 2)
    whole = math.floor(square)
    d2_squared = (square**2 + whole + (square - whole) ** 2) / 2
    d1 = (groups * square + square) / 2
    lanes = len(pairs(measure.terms))
    return [
        Part(
            "moment",
            (),
            lanes,
            1 - _ANSWERED,
            d1,
            d2_squared,
            min(square, Fraction(1)),
            min(lanes, groups * (groups + 1) // 2),
        ),
        one_hot("answered", (), 2, _ANSWERED),
    ]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Products of each person's row, clipped to the norm; zeros unless she has all columns."""
    measure = asked.statistic.measured_by(Regression)
    forms = asked.questionnaires
    found = [
        row(r, measure.terms, asked.horizon, forms.get(r.questionnaire)) for r in asked.records
    ]
    there = np.array([one is not None for one in found], dtype=np.bool_)
    columns = np.zeros((len(found), len(measure.terms) + 1))
    if there.any():
        columns[there] = [one for one in found if one is not None]
    lengths = np.sqrt((columns**2).sum(axis=1, keepdims=True))
    columns *= np.minimum(1.0, measure.norm / 1000 / np.maximum(lengths, 1e-300))
    first, second = np.array(pairs(measure.terms)).T
    return {
        "moment": columns[:, first] * columns[:, second],
        "answered": hot(np.where(there, 0, 1).astype(np.int64), 2),
    }


def figures(tables: AskTables) -> Iterator[Figure]:
    """A coefficient for each term, in points per unit of the term; R2; how many had all.

    R2 is less what noise adds to it on average.
    """
    measure = tables.statistic.measured_by(Regression)
    table, variance = tables.roles["moment"].view(0)
    count, var_count = tables.roles["answered"].view(0)
    people = People(float(count[0, 0]), float(count[0, 1]))
    resolution = tables.statistic.smallest_difference
    known = clearly_above(people.answered, float(var_count[0]))
    noise = math.sqrt(variance[0]), tables.roles["moment"].excess_of(0, 0)
    found = _Fit(measure.terms, table[0], *noise).measured(people) if known else []
    for k, name in enumerate((*measure.terms, "")):
        named = Named(tables.ask, "coefficient" if name else "r2", variable=name)
        yield measured_figure(named, found[k] if found else None, resolution, people)
    se = math.sqrt(var_count[0])
    half = tables.roles["answered"].half_width(0, 0)
    yield count_figure(Named(tables.ask, "answered"), people.answered, se, half=half)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """Products of the columns and the outcome (last), with noise of one SE and excess."""

    terms: tuple[str, ...]
    lanes: Floats = field(repr=False)
    se: float
    excess: float = 0.0

    def matrix(self, lanes: Floats) -> Floats:
        """(X, y)'(X, y), shape (..., terms + 1, terms + 1)."""
        return symmetric(lanes, pairs(self.terms), len(self.terms) + 1)

    @property
    def units(self) -> Floats:
        """Points per unit of each term, of a coefficient between scaled columns."""
        return np.array([GAIN_SCALE / TERMS[name].scale for name in self.terms])

    def numbers(self, lanes: Floats) -> Floats:
        """Coefficients, then R2 about the mean, shape (..., terms + 1)."""
        whole = self.matrix(lanes)
        products, cross = whole[..., :-1, :-1], whole[..., :-1, -1]
        beta = np.linalg.solve(products, cross[..., None])[..., 0]
        left = whole[..., -1, -1] - (cross * beta).sum(axis=-1)
        about = whole[..., -1, -1] - cross[..., 0] ** 2 / products[..., 0, 0]
        return np.concatenate([beta * self.units, (1 - left / about)[..., None]], axis=-1)

    def measured(self, people: People) -> list[Measured]:
        """Empty unless X'X, and y'y about the fit, stand clearly above their noise."""
        whole = self.matrix(self.lanes)
        kept = symmetric(np.ones(len(self.lanes)), pairs(self.terms), len(whole))
        if not clearly_positive(whole, kept * self.se**2):
            return []
        errors = np.full(len(self.lanes), self.se)
        values = self.numbers(self.lanes)
        noise = propagated(self.numbers, self.lanes, errors, self.excess)
        values[-1] -= self._optimism(whole, kept[:-1, :-1] * self.se**2)
        sampling = self._sampling(people.answered, float(values[-1]))
        return [
            Measured.symmetric(float(value), float(se), float(one), float(excess))
            for value, se, one, excess in zip(values, noise.se, sampling, noise.excess, strict=True)
        ]

    def _optimism(self, whole: Floats, variance: Floats) -> float:
        """What noise adds to R2 on average: fits follow noise in X'y, and noise in X'X bends them.

        E[(b + e)'(A + E)^-1 (b + e)] - b'A^-1 b, to second order.
        """
        inverse: Floats = np.asarray(np.linalg.inv(whole[:-1, :-1]), dtype=np.float64)
        beta = inverse @ whole[:-1, -1]
        bent = float(beta @ (mean_square(inverse, variance) @ beta))
        about = whole[-1, -1] - whole[0, -1] ** 2 / whole[0, 0]
        return float((self.se**2 * np.trace(inverse) + bent) / about)

    def _sampling(self, n: float, r2: float) -> Floats:
        """Classical: s2 (X'X)^-1 with s2 = RSS / (n - p); of R2, 2 R (1 - R2) / sqrt n."""
        whole = self.matrix(self.lanes)
        products, cross = whole[:-1, :-1], whole[:-1, -1]
        left = whole[-1, -1] - cross @ np.linalg.solve(products, cross)
        spread = left / max(1.0, n - len(self.terms))
        own = np.sqrt(spread * np.diag(np.linalg.inv(products))) * self.units
        within = min(1.0, max(0.0, r2))
        return np.append(own, 2 * math.sqrt(within) * (1 - within) / math.sqrt(n))
