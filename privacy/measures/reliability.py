"""Reliability: Cronbach's alpha and item-rest correlations from moments of the items."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np

from privacy.inference.intervals import clearly_above
from privacy.inference.moments import noise_se, propagated, symmetric
from privacy.inference.published import Measured, Named, People, count_figure, measured_figure
from privacy.measures.adjusted import AskTables
from privacy.measures.parts import Floats, Part, Role
from privacy.people.population import Asked
from privacy.people.values import moment
from schemas.measures import Reliability
from schemas.questionnaire import Questionnaire
from schemas.record import Answers, Dimension
from schemas.release import Figure
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


def figures(tables: AskTables) -> Iterator[Figure]:
    """Alpha of each dimension, then each of its items as `dimension.k`; then who answered them."""
    measure = tables.statistic.measured_by(Reliability)
    moments = tables.roles["moment"]
    table, variance = moments.view(0)
    resolution = tables.statistic.smallest_difference
    width = 1 + len(pairs(measure.items))
    for place, dimension in enumerate(measure.variables):
        lanes = table[0, place * width : (place + 1) * width]
        scale = _Scale(measure.items, lanes, math.sqrt(variance[0]), moments.excess_of(0, 0))
        numbers = scale.measured()
        people = People(float(lanes[0]), 0.0)
        for k, found in enumerate(numbers):
            name = dimension if k == 0 else f"{dimension}.{k}"
            named = Named(tables.ask, "item_rest" if k else "alpha", variable=name)
            figure = measured_figure(named, found, resolution, people)
            yield figure.model_copy(update={"response": None})
    half = moments.half_width(0, 0)
    for place, dimension in enumerate(measure.variables):
        named = Named(tables.ask, "answered", variable=dimension)
        answered = float(table[0, place * width])
        yield count_figure(named, answered, math.sqrt(variance[0]), half=half)


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """One dimension: lanes are people, items and products, all with noise of one SE and excess."""

    items: int
    lanes: Floats = field(repr=False)
    se: float
    excess: float = 0.0

    def covariance(self, lanes: Floats) -> Floats:
        """Of the items, shape (..., items, items), divided by n."""
        packed = symmetric(lanes, ((0, 0), *pairs(self.items)), self.items + 1)
        moments = packed / packed[..., :1, :1]
        means = moments[..., 0, 1:]
        return np.asarray(moments[..., 1:, 1:] - means[..., :, None] * means[..., None, :])

    def variances(self, lanes: Floats) -> Floats:
        """Of the sum score, then of each item, then of the sum of the others."""
        matrix = self.covariance(lanes)
        total = matrix.sum(axis=(-2, -1))
        own = np.diagonal(matrix, axis1=-2, axis2=-1)
        rest = total[..., None] - 2 * matrix.sum(axis=-1) + own
        return np.concatenate([total[..., None], own, rest], axis=-1)

    def divisors(self, lanes: Floats) -> Floats:
        """What alpha, and then each item-rest correlation, is divided by; 0 where it is no root."""
        found, k = self.variances(lanes), self.items
        own, rest = found[..., 1 : k + 1], found[..., k + 1 :]
        roots = np.sqrt(np.clip(own, 0.0, None) * np.clip(rest, 0.0, None))
        return np.concatenate([found[..., :1], roots], axis=-1)

    def numbers(self, lanes: Floats) -> Floats:
        """Alpha, then the item-rest correlations; without meaning where a divisor is 0."""
        k, matrix, divided = self.items, self.covariance(lanes), self.divisors(lanes)
        own = np.diagonal(matrix, axis1=-2, axis2=-1)
        total, roots = divided[..., :1], np.where(divided > 0, divided, np.inf)[..., 1:]
        alpha = k / (k - 1) * (1 - own.sum(axis=-1, keepdims=True) / total)
        return np.concatenate([alpha, (matrix.sum(axis=-1) - own) / roots], axis=-1)

    def measured(self) -> list[Measured | None]:
        """None where the noise hides what a figure is divided by.

        That is the variance of the sum score for alpha, and for each correlation the root of the
        product of its own two variances. An item that hardly varies takes its own correlation
        away, and nothing else.
        """
        errors = np.full(len(self.lanes), self.se)
        n = float(self.lanes[0])
        if not clearly_above(n, self.se**2):
            return [None] * (self.items + 1)
        divided, spread = self.divisors(self.lanes), noise_se(self.divisors, self.lanes, errors)
        clear = list(map(clearly_above, divided, spread**2))
        values = self.numbers(self.lanes)
        noise = propagated(self.numbers, self.lanes, errors, self.excess)
        sampling = [self._alpha_sampling(), *(_correlation_sampling(r) for r in values[1:])]
        return [
            Measured.symmetric(float(value), float(se), one / math.sqrt(n), float(excess))
            if told
            else None
            for told, value, se, one, excess in zip(
                clear, values, noise.se, sampling, noise.excess, strict=True
            )
        ]

    def _alpha_sampling(self) -> float:
        """SE x sqrt(n), for normal items. Source: van Zyl, Neudecker, Nel 2000, theorem 1."""
        matrix, k = self.covariance(self.lanes), self.items
        total, trace = float(matrix.sum()), float(np.trace(matrix))
        if total <= 0:
            return 0.0
        square = matrix @ matrix
        inner = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
        return math.sqrt(max(0.0, 2 * k**2 / (k - 1) ** 2 * inner / total**3))


def _correlation_sampling(correlation: float) -> float:
    """SE x sqrt(n) of a correlation, for normal items."""
    return max(0.0, 1 - float(correlation) ** 2)
