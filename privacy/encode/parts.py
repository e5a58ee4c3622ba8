"""What each kind of measure puts into the vector: parts, their sensitivity, their values.

A part is a table of numbers for each view cell. `unit_d1`, `unit_d2_squared` bound what one
person adds at multiplier 1, exactly; a new kind of measure is one more entry in `parts_of`
and `values_of`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from privacy.encode.population import durable_match, values
from schemas.questionnaire import Questionnaire
from schemas.record import Trajectory
from schemas.statistic import Horizon, Mean, Measure, Share, Statistic, View

Role = Literal["count", "outcome", "sum", "answered", "square"]
Values = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """One block of an ask before its multiplier is known. `lanes`: numbers for each cell."""

    role: Role
    view: View
    lanes: int
    rho_share: Fraction
    unit_d1: Fraction
    unit_d2_squared: Fraction
    unit_entry: Fraction


def _one_hot(role: Role, view: View, lanes: int, share: Fraction) -> Part:
    one = Fraction(1)
    return Part(role, view, lanes, share, one, one, one)


def _mean_parts(measure: Mean, views: Sequence[View]) -> list[Part]:
    norm = Fraction(measure.norm, 1000)
    entry = min(norm, Fraction(max(-measure.lower, measure.upper), 1000))
    k = len(measure.variables)
    l1 = min(k * entry, norm * (math.isqrt(k - 1) + 1))  # |x|_1 <= sqrt(k) |x|_2
    sums, counts, squares = (Fraction(part, 1000) for part in measure.rho_shares)
    parts: list[Part] = []
    for view in views:
        parts.append(Part("sum", view, k, sums / len(views), l1, norm**2, entry))
        parts.append(_one_hot("answered", view, 2, counts / len(views)))
    parts.append(Part("square", (), k, squares, norm**2, norm**4, entry**2))
    return parts


def parts_of(statistic: Statistic) -> list[Part]:
    """Return the parts of a statistic; their shares of rho add up to 1."""
    measure, views = statistic.measure, statistic.views
    each = Fraction(1, len(views))
    if isinstance(measure, Mean):
        return _mean_parts(measure, views)
    if isinstance(measure, Share):
        return [_one_hot("outcome", view, 3, each) for view in views]
    return [_one_hot("count", view, 1, each) for view in views]


@dataclass(frozen=True, slots=True)
class People:
    """The records of one population and what they answered.

    `answers` has shape (people, variables) in points, centre subtracted and clipped, zero
    where `answered` is False; for shares `outcome` is 0 yes, 1 no, 2 not answered.
    """

    count: int
    outcome: Values
    answered: NDArray[np.bool_]
    answers: NDArray[np.float64]


def clip_to_norm(points: NDArray[np.float64], norm: float) -> NDArray[np.float64]:
    """Scale each row down to L2 norm `norm` when it is longer."""
    lengths = np.sqrt((points**2).sum(axis=1, keepdims=True))
    factors: NDArray[np.float64] = np.minimum(1.0, norm / np.maximum(lengths, 1e-300))
    return points * factors


def clipped(measure: Mean, rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Subtract the centres, clip each entry, then each person's vector; shape (n, k)."""
    raw = np.asarray(rows, dtype=np.float64).reshape(-1, len(measure.variables))
    points = raw - np.asarray(measure.centres) / 1000
    points = np.clip(points, measure.lower / 1000, measure.upper / 1000)
    return clip_to_norm(points, measure.norm / 1000)


def ask_people(
    records: Sequence[Trajectory],
    measure: Measure,
    horizon: Horizon,
    questionnaires: dict[str, Questionnaire],
) -> People:
    """Read the answers of a population."""
    n = len(records)
    none = np.zeros((n, 0))
    if isinstance(measure, Share):
        code = {True: 0, False: 1, None: 2}
        outcome = np.array([code[durable_match(r, horizon)] for r in records], dtype=np.int64)
        return People(n, outcome, outcome < 2, none)
    if not isinstance(measure, Mean):
        return People(n, np.zeros(n, np.int64), np.ones(n, np.bool_), none)
    found = [values(r, measure, horizon, questionnaires.get(r.questionnaire)) for r in records]
    answered = np.array([row is not None for row in found], dtype=np.bool_)
    answers = np.zeros((n, len(measure.variables)))
    if answered.any():
        answers[answered] = clipped(measure, [row for row in found if row is not None])
    return People(n, np.zeros(n, np.int64), answered, answers)


def values_of(part: Part, people: People, multiplier: int) -> Values:
    """Return integers, shape (people, lanes), one row for each person's own cell.

    Row norms obey the part's bounds times the multiplier, exactly.
    """
    if part.role == "sum":
        return _whole_within(people.answers * multiplier, part.unit_d2_squared * multiplier**2)
    if part.role == "square":
        return np.trunc(people.answers**2 * multiplier).astype(np.int64)
    lanes = np.zeros((people.count, part.lanes), dtype=np.int64)
    lane = {
        "count": np.zeros(people.count, np.int64),
        "outcome": people.outcome,
        "answered": np.where(people.answered, 0, 1),
    }[part.role]
    lanes[np.arange(people.count), lane] = multiplier
    return lanes


def _whole_within(rows: NDArray[np.float64], most_squared: Fraction) -> Values:
    """Round toward zero; where a float was an ulp too long, take one off its largest entry."""
    whole = np.trunc(rows).astype(np.int64)
    most = int(most_squared)
    for row in np.flatnonzero((whole**2).sum(axis=1) > most):
        while int((whole[row] ** 2).sum()) > most:
            largest = int(np.argmax(np.abs(whole[row])))
            whole[row, largest] -= np.sign(whole[row, largest])
    return whole
