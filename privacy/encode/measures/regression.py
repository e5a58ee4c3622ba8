"""Regression: products of bounded columns and the outcome, of people who have them all."""

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from privacy.encode.covariates import TERMS, row
from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.people.population import Asked
from schemas.measures import Regression
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
