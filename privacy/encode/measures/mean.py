"""Means: clipped sums and who answered in every view, national sums of squares beside them."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from privacy.encode import calibration
from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.encode.population import Asked
from privacy.encode.values import values
from schemas.measures import Mean
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """Sums and counts for each view, squares nationally; in units of the measure's scale."""
    measure, views = statistic.measured_by(Mean), statistic.views
    bounds = _bounds(measure)
    sums, counts, squares = (Fraction(part, 1000) for part in measure.rho_shares)
    found: list[Part] = []
    for view in views:
        found.append(bounds.part("sum", view, sums * statistic.share_of(view)))
        found.append(one_hot("answered", view, 2, counts * statistic.share_of(view)))
    found.append(_squares(bounds, squares))
    return calibration.beside(found, bounds) if measure.calibrate else found


def _bounds(measure: Mean) -> calibration.Bounds:
    """For a row x with |x_i| <= e and |x|_2 <= c: |x|_1 <= min(k e, c ceil(sqrt k))."""
    k = len(measure.variables)
    norm = Fraction(measure.norm, measure.scale)
    entry = min(norm, Fraction(max(-measure.lower, measure.upper), measure.scale))
    longest = min(k * entry, norm * (math.isqrt(k - 1) + 1))
    return calibration.Bounds(k, longest, norm**2, entry)


def _squares(bounds: calibration.Bounds, rho_share: Fraction) -> Part:
    """The squares of a row have L1 norm <= c^2 and squared L2 norm sum x_i^4 <= e^2 c^2."""
    most, largest = bounds.d2_squared, bounds.entry**2
    return Part("square", (), bounds.lanes, rho_share, most, largest * most, largest)


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Beyond the centres, their squares, and answered or not; zeros without an answer."""
    measure = asked.statistic.measured_by(Mean)
    found = [
        values(r, measure, asked.horizon, asked.questionnaires.get(r.questionnaire))
        for r in asked.records
    ]
    answered = np.array([row is not None for row in found], dtype=np.bool_)
    points = np.zeros((len(found), len(measure.variables)))
    if answered.any():
        points[answered] = clipped(measure, [row for row in found if row is not None])
    points *= 1000 / measure.scale
    table: dict[Role, Floats] = {
        "sum": points,
        "square": points**2,
        "answered": hot(np.where(answered, 0, 1).astype(np.int64), 2),
    }
    if measure.calibrate:
        table |= calibration.rows(asked, answered.astype(np.float64), points)
    return table


def clipped(measure: Mean, scores: Sequence[Sequence[Fraction]]) -> Floats:
    """Subtract the centres, clip each entry, then shrink each person's vector to the norm."""
    raw = np.asarray(scores, dtype=np.float64).reshape(-1, len(measure.variables))
    points = raw - np.asarray(measure.centres) / 1000
    points = np.clip(points, measure.lower / 1000, measure.upper / 1000)
    lengths = np.sqrt((points**2).sum(axis=1, keepdims=True))
    factors: Floats = np.minimum(1.0, measure.norm / 1000 / np.maximum(lengths, 1e-300))
    return points * factors
