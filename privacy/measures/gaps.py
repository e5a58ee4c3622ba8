"""Gaps: each cell of a one-way view against everybody else."""

import math
from collections.abc import Iterator, Sequence

from privacy.inference.intervals import Ratio
from privacy.inference.published import Measured, Named, People, Scale, measured_figure
from privacy.measures.adjusted import Adjusted, AskTables, cells
from schemas.release import Figure

_Cell = tuple[int, int]


def gap_figures(
    tables: AskTables, variables: Sequence[str], scales: Sequence[Scale]
) -> Iterator[Figure]:
    """The mean of each cell less that of the rest, in the order of views, cells and variables."""
    national = (tables.views.index(()), 0)
    for index, view in enumerate(tables.views):
        if len(view) != 1:
            continue
        for k, cell in enumerate(cells(view)):
            for lane, variable in enumerate(variables):
                found = _gap(tables, ((index, k), national), lane, scales[lane].sd)
                named = Named(tables.ask, "gap", cell, variable)
                people = People(*tables.people(index, k, lane))
                yield measured_figure(named, found, scales[lane].resolution, people)


def _split(table: Adjusted, places: tuple[_Cell, _Cell], lane: int) -> tuple[float, ...]:
    """(here, elsewhere, their variances, their covariance) of one lane; elsewhere = all - here."""
    here, everywhere = places
    numbers = [float(table.view(view)[0][cell, lane]) for view, cell in places]
    own, joint = table.covariance(here, here), table.covariance(here, everywhere)
    whole = table.covariance(everywhere, everywhere)
    return numbers[0], numbers[1] - numbers[0], own, whole - 2 * joint + own, joint - own


def _gap(tables: AskTables, places: tuple[_Cell, _Cell], lane: int, sd: float) -> Measured | None:
    """None unless both groups stand clearly above their noise.

    The interval puts the two groups' own intervals together, with the covariance of their
    noise. Source: Zou, Donner 2008 (square-and-add), with correlation.
    """
    counts = tables.roles["answered"]
    counted = counts.table.shape[1] // 2
    top, rest_top, v_top, v_rest_top, c_top = _split(tables.roles["sum"], places, lane)
    n, rest_n, v_n, v_rest_n, c_n = _split(counts, places, min(lane, counted - 1))
    excess = max(tables.roles[role].excess_of(*places[0]) for role in ("sum", "answered"))
    here = Ratio(top, n, v_top, v_n, excess=excess)
    rest = Ratio(rest_top, rest_n, v_rest_top, v_rest_n, excess=excess)
    one, other = here.interval(), rest.interval()
    if one is None or other is None:
        return None
    a, b = top / n, rest_top / rest_n
    covariance = (c_top + a * b * c_n) / (n * rest_n)
    se, rest_se = here.se or 0.0, rest.se or 0.0
    correlation = max(-1.0, min(1.0, covariance / (se * rest_se))) if se * rest_se else 0.0
    low = _apart(a - one[0], other[1] - b, correlation)
    high = _apart(one[1] - a, b - other[0], correlation)
    return Measured(
        a - b,
        _apart(se, rest_se, correlation),
        (a - b - low, a - b + high),
        sd * math.sqrt(1 / n + 1 / rest_n),
    )


def _apart(one: float, other: float, correlation: float) -> float:
    """The error of a difference of two numbers with these errors."""
    return math.sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))
