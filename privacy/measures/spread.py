"""How widely one variable's clipped values spread, from the national sum of squares."""

import math
from dataclasses import dataclass, replace

from privacy.inference.intervals import clearly_above
from privacy.inference.published import Rooted
from privacy.inference.reach import reach, together
from privacy.measures.adjusted import Adjusted, AskTables
from privacy.measures.parts import Floats, Role
from schemas.measures import Mean

_BOTH: tuple[Role, Role] = ("sum", "answered")


@dataclass(frozen=True, slots=True)
class Deviation:
    """The standard deviation of one variable's clipped values.

    `sd` is what sampling errors use; `measured` what the figure says, None when it says nothing.
    """

    sd: float
    measured: Rooted | None


def in_units(tables: AskTables) -> AskTables:
    """Return the tables of a mean in its unit: sums are kept in units of the scale."""
    scale = tables.statistic.measured_by(Mean).scale / 1000
    if scale == 1:
        return tables
    powers = {"sum": 1, "cross": 1, "square": 2}
    roles = {
        role: _times(table, scale ** powers[role]) if role in powers else table
        for role, table in tables.roles.items()
    }
    return replace(tables, roles=roles)


def _times(table: Adjusted, factor: float) -> Adjusted:
    return replace(
        table,
        table=table.table * factor,
        variance=table.variance * factor**2,
        unit=table.unit * factor**2,
    )


def deviation(tables: AskTables, lane: int) -> Deviation:
    """By the delta method; of values that are 0 or 1, from their mean.

    A variance that may be 0 is not published. With one that is not clearly above its noise,
    sampling errors use one SE more, never more than half the clipping range (no variable spreads
    wider).
    """
    measure = tables.statistic.measured_by(Mean)
    most = (measure.upper - measure.lower) / 2000
    n, _ = tables.people(tables.views.index(()), 0, lane)
    if not clearly_above(n, _national(tables)[1][1]):
        return Deviation(most, None)
    variance, parts = (_of_flags if measure.flags else _of_squares)(tables, lane, n)
    se = math.sqrt(sum(part for part, _ in parts)) / n
    measured = Rooted.of(variance, se, reach(together(parts)) * se)
    if not clearly_above(variance, se**2):
        return Deviation(min(most, math.sqrt(max(variance, 0.0) + se)), measured)
    return Deviation(math.sqrt(variance), measured)


_Found = tuple[float, list[tuple[float, float]]]
"""A variance, and what noise adds to n times it: each (variance, excess kurtosis)."""


def _of_squares(tables: AskTables, lane: int, n: float) -> _Found:
    """Q / n - (S / n)^2."""
    (sums, var_sum, of_sums), (_, var_count, of_counts) = _national(tables)
    squares, var_square = tables.roles["square"].view(0)
    r, q = float(sums[lane]) / n, float(squares[0, lane]) / n
    return q - r * r, [
        (float(var_square[0]), tables.roles["square"].excess_of(0, 0)),
        (4 * r * r * var_sum, of_sums),
        ((2 * r * r - q) ** 2 * var_count, of_counts),
    ]


def _of_flags(tables: AskTables, lane: int, n: float) -> _Found:
    """p (1 - p) with p = centre + S / n; near a half, where the slope is 0, the square counts."""
    measure = tables.statistic.measured_by(Mean)
    (sums, var_sum, of_sums), (_, var_count, of_counts) = _national(tables)
    r = float(sums[lane]) / n
    p = measure.centres[lane] / 1000 + r
    slope = (1 - 2 * p) ** 2
    curved = 3 * ((var_sum + r * r * var_count) / n) ** 2
    return p * (1 - p), [
        (slope * var_sum, of_sums),
        (slope * r * r * var_count, of_counts),
        (curved, of_sums),
    ]


def _national(tables: AskTables) -> tuple[tuple[Floats, float, float], ...]:
    """(numbers, variance, excess kurtosis) of the national sums, and of the national counts."""
    index, found = tables.views.index(()), []
    for role in _BOTH:
        table = tables.roles[role]
        numbers, variance = table.view(index)
        found.append((numbers[0], float(variance[0]), table.excess_of(index, 0)))
    return tuple(found)
