"""Reliability: first and second moments of the items of each dimension, listwise."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np

from privacy.encode.parts import Floats, Part, Role
from privacy.encode.population import Asked
from privacy.encode.values import moment
from schemas.measures import Reliability
from schemas.questionnaire import Questionnaire
from schemas.record import Trajectory, When
from schemas.statistic import Statistic


def pairs(items: int) -> tuple[tuple[int, int], ...]:
    """The products kept of one dimension; index 0 is the constant, so (0, k) is an item."""
    return tuple(combinations_with_replacement(range(items + 1), 2))[1:]


def parts(statistic: Statistic) -> list[Part]:
    """One national table: people, then items and products of each dimension.

    Items lie in [-1, 1], so each of the numbers does, and answers at the ends reach them all.
    Raises ValueError when other tables than the national one are asked.
    """
    measure = statistic.measured_by(Reliability)
    if statistic.views != ((),):
        raise ValueError(f"{statistic.id}: reliability is measured nationally only")
    lanes = 1 + len(measure.variables) * len(pairs(measure.items))
    most, one = Fraction(lanes), Fraction(1)
    return [Part("moment", (), lanes, one, most, most, one)]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Zeros unless every item of every dimension is answered, on the declared questionnaire."""
    measure = asked.statistic.measured_by(Reliability)
    form = asked.questionnaires.get(measure.questionnaire)
    when = moment(asked.horizon)
    first, second = np.array(pairs(measure.items)).T
    table = np.zeros((len(asked.records), 1 + len(measure.variables) * len(first)))
    for place, record in enumerate(asked.records):
        items = None if form is None else _items(record, when, measure, form)
        if items is not None:
            with_constant = np.hstack([np.ones((len(items), 1)), items])
            table[place, 0] = 1
            table[place, 1:] = (with_constant[:, first] * with_constant[:, second]).ravel()
    return {"moment": table}


def _items(
    record: Trajectory, when: When, measure: Reliability, form: Questionnaire
) -> Floats | None:
    """Answers turned the same way and brought to [-1, 1], shape (dimensions, items)."""
    if record.questionnaire != form.id or when not in record.wellbeing:
        return None
    found = []
    for dimension in measure.variables:
        answers = record.wellbeing[when].get(dimension, ())
        items = form.items_of(dimension)
        given = [answer for answer in answers if answer is not None]
        if not len(items) == len(answers) == len(given) == measure.items:
            return None
        signs = np.array([-1.0 if item.reversed else 1.0 for item in items])
        middle, reach = (form.lowest + form.highest) / 2, (form.highest - form.lowest) / 2
        found.append(np.clip((np.array(given) - middle) / reach * signs, -1.0, 1.0))
    return np.array(found)
