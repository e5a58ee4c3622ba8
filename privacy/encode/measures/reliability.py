"""Reliability: people, first and second moments of the items of each dimension by itself."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np

from privacy.encode.parts import Floats, Part, Role
from privacy.people.population import Asked
from privacy.people.values import moment
from schemas.measures import Reliability
from schemas.questionnaire import Questionnaire
from schemas.record import Answers, Dimension
from schemas.statistic import Statistic


def pairs(items: int) -> tuple[tuple[int, int], ...]:
    """The products kept of one dimension; index 0 is the constant, so (0, k) is an item."""
    return tuple(combinations_with_replacement(range(items + 1), 2))[1:]


def parts(statistic: Statistic) -> list[Part]:
    """One national table: for each dimension its people, items and products.

    Items lie in [-1, 1], so each of the numbers does, and answers at the ends reach them all.
    Raises ValueError when other tables than the national one are asked.
    """
    measure = statistic.measured_by(Reliability)
    if statistic.views != ((),):
        raise ValueError(f"{statistic.id}: reliability is measured nationally only")
    lanes = len(measure.variables) * (1 + len(pairs(measure.items)))
    most, one = Fraction(lanes), Fraction(1)
    return [Part("moment", (), lanes, one, most, most, one)]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """Zeros in a dimension unless each of its items is answered, on the declared questionnaire."""
    measure = asked.statistic.measured_by(Reliability)
    form = asked.questionnaires.get(measure.questionnaire)
    when = moment(asked.horizon)
    first, second = np.array(((0, 0), *pairs(measure.items))).T
    table = np.zeros((len(asked.records), len(measure.variables), len(first)))
    for place, record in enumerate(asked.records):
        if form is None or record.questionnaire != form.id or when not in record.wellbeing:
            continue
        for k, dimension in enumerate(measure.variables):
            items = _items(form, dimension, record.wellbeing[when].get(dimension, ()))
            if len(items) == measure.items:
                with_constant = np.concatenate([[1.0], items])
                table[place, k] = with_constant[first] * with_constant[second]
    return {"moment": table.reshape(len(asked.records), len(measure.variables) * len(first))}


def _items(form: Questionnaire, dimension: Dimension, answers: Answers) -> Floats:
    """Answers turned the same way and brought to [-1, 1]; none unless each was given."""
    items = form.items_of(dimension)
    given = [answer for answer in answers if answer is not None]
    if not len(items) == len(answers) == len(given):
        return np.zeros(0)
    signs = np.array([-1.0 if item.reversed else 1.0 for item in items])
    middle, reach = (form.lowest + form.highest) / 2, (form.highest - form.lowest) / 2
    return np.asarray(np.clip((np.array(given) - middle) / reach * signs, -1.0, 1.0))
