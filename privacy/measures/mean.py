"""Means: clipped sums and who has each variable in every view, national squares beside them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.inference.intervals import Ratio
from privacy.inference.published import Named, Scale, count_figure, ratio_figure, spread_figure
from privacy.measures import calibration
from privacy.measures.adjusted import AskTables
from privacy.measures.cost_share import cost_shares
from privacy.measures.gaps import gap_figures
from privacy.measures.parts import Floats, Part, Role, one_hot
from privacy.measures.split import Bounds, Split, split_of
from privacy.measures.spread import Deviation, deviation, in_units
from privacy.measures.weighting import weighted_means
from privacy.measures.worst_case import bounds_of_mean
from privacy.people.population import Asked
from privacy.people.values import values
from schemas.measures import Mean
from schemas.release import Cell, Figure
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """Sums and counts for each view, squares nationally; in units of the measure's scale.

    Whoever has fewer variables moves less: her sums are 0 there, and +1 or -1 is as far from 0.
    """
    measure = statistic.measured_by(Mean)
    bounds, split, counted = _bounds(measure), split_for(measure), Fraction(measure.counted)
    found: list[Part] = []
    for view in statistic.views:
        share = statistic.share_of(view)
        found.append(
            Part(
                "sum", view, bounds.lanes, split.sums * share,
                bounds.longest, bounds.d2_squared, bounds.entry,
            )
        )  # fmt: skip
        found.append(one_hot("people", view, 1, split.people * share))
        found.append(
            Part(
                "known", view, measure.counted, split.known * share,
                counted, counted, Fraction(1),
            )
        )  # fmt: skip
    if split.squares:
        found.append(_squares(bounds, split.squares))
    return calibration.beside(found, bounds) if measure.calibrate else found


def split_for(measure: Mean) -> Split:
    """How a price is split over the parts, calibration apart."""
    return split_of(measure, _bounds(measure))


def _bounds(measure: Mean) -> Bounds:
    """For a row x with |x_i| <= e and |x|_2 <= c: |x|_1 <= min(k e, c ceil(sqrt k))."""
    k = len(measure.variables)
    norm = Fraction(measure.norm, measure.scale)
    entry = min(norm, Fraction(max(-measure.lower, measure.upper), measure.scale))
    longest = min(k * entry, norm * (math.isqrt(k - 1) + 1))
    return Bounds(k, longest, min(norm**2, k * entry**2), entry)


def _squares(bounds: Bounds, rho_share: Fraction) -> Part:
    """The squares of a row have L1 norm <= c^2 and squared L2 norm sum x_i^4 <= e^2 c^2."""
    most, largest = bounds.d2_squared, bounds.entry**2
    return Part("square", (), bounds.lanes, rho_share, most, largest * most, largest)


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Beyond the centres, their squares, and whether each is known; zeros where it is not."""
    measure = asked.statistic.measured_by(Mean)
    found = [
        values(r, measure, asked.horizon, asked.questionnaires.get(r.questionnaire))
        for r in asked.records
    ]
    known = np.array([[value is not None for value in row] for row in found], dtype=np.bool_)
    known = known.reshape(len(found), len(measure.variables))
    points = clipped(measure, found) * (1000 / measure.scale)
    table: dict[Role, Floats] = {
        "sum": points,
        "people": np.ones((len(found), 1)),
        "known": np.where(known[:, : measure.counted], 1.0, -1.0),
    }
    if not measure.flags:
        table["square"] = points**2
    if measure.calibrate:
        table |= _calibrated(asked, known, points)
    return table


def _calibrated(asked: Asked, known: NDArray[np.bool_], points: Floats) -> dict[Role, Floats]:
    """Weights are made of those who have every variable."""
    everything: Floats = np.asarray(known.all(axis=1), dtype=np.float64)
    return calibration.rows(asked, everything, points * everything[:, None])


def clipped(measure: Mean, scores: Sequence[Sequence[Fraction | None]]) -> Floats:
    """Subtract the centres, clip each entry, then shrink each person's vector to the norm.

    0 where a value is not known.
    """
    raw = np.array([[np.nan if value is None else float(value) for value in row] for row in scores])
    points = raw.reshape(-1, len(measure.variables)) - np.asarray(measure.centres) / 1000
    points = np.nan_to_num(np.clip(points, measure.lower / 1000, measure.upper / 1000))
    lengths = np.sqrt((points**2).sum(axis=1, keepdims=True))
    factors: Floats = np.minimum(1.0, measure.norm / 1000 / np.maximum(lengths, 1e-300))
    return points * factors


def figures(tables: AskTables) -> Iterator[Figure]:
    """Means of every cell and variable and their standard deviations, or parts of a cost.

    Then what a declaration asks beside them: gaps, weighted means with bounds.
    """
    measure = tables.statistic.measured_by(Mean)
    tables = in_units(tables)
    if measure.value == "employer_cost":
        yield from cost_shares(tables)
        return
    spreads = [deviation(tables, lane) for lane in range(len(measure.variables))]
    scales = [
        Scale(
            centre / 1000, spread.sd, resolution(tables),
            ((centre + measure.lower) / 1000, (centre + measure.upper) / 1000),
        )
        for centre, spread in zip(measure.centres, spreads, strict=True)
    ]  # fmt: skip
    yield from _means(tables, measure, scales)
    yield from _spreads(tables, measure, spreads)
    if measure.gaps:
        yield from gap_figures(tables, measure.variables, scales)
    if measure.calibrate:
        yield from weighted_means(tables, scales)
        yield from bounds_of_mean(tables, scales)


def resolution(tables: AskTables) -> float | None:
    """The smallest difference that matters; None for money."""
    if tables.statistic.unit == "euro":
        return None
    return tables.statistic.smallest_difference


def _means(tables: AskTables, measure: Mean, scales: list[Scale]) -> Iterator[Figure]:
    sums, counts = tables.roles["sum"], tables.roles["answered"]
    for index, k, cell in tables.names():
        (table, var_sum), (_, var_count) = sums.view(index), counts.view(index)
        excess = max(sums.excess_of(index, k), counts.excess_of(index, k))
        for lane, variable in enumerate(measure.variables):
            answered, silent = tables.people(index, k, lane)
            ratio = Ratio(
                float(table[k, lane]), answered, float(var_sum[k]), float(var_count[k]),
                excess=excess,
            )  # fmt: skip
            named = Named(tables.ask, "mean", cell, variable)
            yield ratio_figure(named, ratio, scales[lane], silent)
        yield from answered_figures(tables, measure, (index, k), cell)


def answered_figures(
    tables: AskTables, measure: Mean, place: tuple[int, int], cell: Cell
) -> Iterator[Figure]:
    """How many have each variable; one figure where all are known or none is."""
    counts = tables.roles["answered"]
    se = math.sqrt(counts.view(place[0])[1][place[1]])
    names = measure.variables if counts.table.shape[1] > 2 else ("",)
    for lane, variable in enumerate(names):
        named = Named(tables.ask, "answered", cell, variable)
        answered, _ = tables.people(*place, lane)
        yield count_figure(named, answered, se, half=counts.half_width(*place))


def _spreads(tables: AskTables, measure: Mean, spreads: list[Deviation]) -> Iterator[Figure]:
    for variable, found in zip(measure.variables, spreads, strict=True):
        named = Named(tables.ask, "sd", variable=variable)
        yield spread_figure(named, found.measured, resolution(tables))
