"""Regression: ordinary least squares from noisy products, without any ridge.

With X'X that is not clearly positive definite above its noise nothing is given: a ridge would
give numbers that mean something else.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from privacy.encode.covariates import GAIN_SCALE, TERMS
from privacy.encode.measures.regression import pairs
from privacy.estimate.tables import AskTables
from privacy.inference.intervals import clearly_above
from privacy.inference.moments import Floats, clearly_positive, mean_square, propagated, symmetric
from privacy.inference.published import Measured, Named, People, count_figure, measured_figure
from schemas.measures import Regression
from schemas.release import Figure

_CLEAR = 3.0
"""Less than elsewhere: in simulations intervals of coefficients hold as often as they say."""


def figures(tables: AskTables) -> Iterator[Figure]:
    """A coefficient for each term, in points per unit of the term; R2; how many had all.

    R2 is less what noise adds to it on average.
    """
    measure = tables.statistic.measured_by(Regression)
    table, variance = tables.roles["moment"].view(0)
    count, var_count = tables.roles["answered"].view(0)
    people = People(float(count[0, 0]), float(count[0, 1]))
    resolution = tables.statistic.resolution_in_units(0.25)
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
        if not clearly_positive(whole, kept * self.se**2, _CLEAR):
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
