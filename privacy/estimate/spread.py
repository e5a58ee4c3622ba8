"""How widely one variable's clipped values spread, from the national sum of squares."""

import math
from dataclasses import dataclass, replace

from privacy.estimate.intervals import clearly_above
from privacy.estimate.published import Rooted
from privacy.estimate.reach import reach, together
from privacy.estimate.tables import Adjusted, AskTables
from schemas.measures import Mean


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
    """By the delta method.

    A variance that may be 0 is not published. With one that is not clearly above its noise,
    sampling errors use one SE more, never more than half the clipping range (no variable spreads
    wider).
    """
    measure = tables.statistic.measured_by(Mean)
    national = tables.views.index(())
    table, var_sum = tables.roles["sum"].view(national)
    count, var_count = tables.roles["answered"].view(national)
    squares, var_square = tables.roles["square"].view(0)
    n, most = float(count[0, 0]), (measure.upper - measure.lower) / 2000
    if not clearly_above(n, float(var_count[0])):
        return Deviation(most, None)
    r, q = float(table[0, lane]) / n, float(squares[0, lane]) / n
    variance = q - r * r
    parts = [
        (float(var_square[0]), tables.roles["square"].excess_of(0, 0)),
        (4 * r * r * float(var_sum[0]), tables.roles["sum"].excess_of(national, 0)),
        (
            (2 * r * r - q) ** 2 * float(var_count[0]),
            tables.roles["answered"].excess_of(national, 0),
        ),
    ]
    se = math.sqrt(sum(part for part, _ in parts)) / n
    measured = Rooted.of(variance, se, reach(together(parts)) * se)
    if not clearly_above(variance, se**2):
        return Deviation(min(most, math.sqrt(max(variance, 0.0) + se)), measured)
    return Deviation(math.sqrt(variance), measured)
