"""The numbers of one person that a mean is made of, in the order of the measure's variables.

All are exact: a float may miss by a hair a threshold that a number just reaches.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from privacy.people.population import durable_match
from schemas.measures import Mean, MeanValue
from schemas.questionnaire import Questionnaire
from schemas.record import DIMENSIONS, Trajectory, When
from schemas.statistic import Horizon

IMPROVED = Fraction(1, 2)
"""Points on 1 to 5 from which a change counts as an improvement."""

Scores = dict[str, Fraction]
Read = Callable[[Trajectory, Horizon, Questionnaire | None], Scores]


def values(
    record: Trajectory, measure: Mean, horizon: Horizon, questionnaire: Questionnaire | None
) -> list[Fraction | None]:
    """Return the values of one person, None where one is not known."""
    found = _READERS[measure.value](record, horizon, questionnaire)
    return [found.get(name) for name in measure.variables]


def moment(horizon: Horizon) -> When:
    """Return when the answers of a horizon were given: those of the start, at intake."""
    return "intake" if horizon == "start" else horizon


def level(record: Trajectory, horizon: Horizon, questionnaire: Questionnaire | None) -> Scores:
    """The scores that can be made of the answers at a moment, by dimension."""
    answers = record.wellbeing.get(moment(horizon))
    if answers is None or questionnaire is None:
        return {}
    made = {d: questionnaire.score(d, answers.get(d, ())) for d in DIMENSIONS}
    return {dimension: score for dimension, score in made.items() if score is not None}


def changes(record: Trajectory, horizon: Horizon, questionnaire: Questionnaire | None) -> Scores:
    """How much each score changed since intake, where both are known."""
    before = level(record, "intake", questionnaire)
    then = level(record, horizon, questionnaire)
    return {d: then[d] - before[d] for d in then.keys() & before.keys()}


def _improved(record: Trajectory, horizon: Horizon, questionnaire: Questionnaire | None) -> Scores:
    found = changes(record, horizon, questionnaire)
    return {dimension: Fraction(change >= IMPROVED) for dimension, change in found.items()}


def _outcomes(record: Trajectory, horizon: Horizon, questionnaire: Questionnaire | None) -> Scores:
    """Gain: mean change of the dimensions she has; improved: their share; durable: 0 or 1."""
    change, held = changes(record, horizon, questionnaire), durable_match(record, horizon)
    found = {} if held is None else {"durable": Fraction(held)}
    if change:
        improved = sum(value >= IMPROVED for value in change.values())
        found["gain"] = Fraction(sum(change.values())) / len(change)
        found["improved"] = Fraction(improved, len(change))
    return found


def _context_fit(record: Trajectory, horizon: Horizon, _: Questionnaire | None) -> Scores:
    marks = record.context_fit.get(moment(horizon), {})
    return {name: Fraction(mark) for name, mark in marks.items()}


def _public_price(record: Trajectory, _: Horizon, __: Questionnaire | None) -> Scores:
    return {} if record.price_public is None else {"public": Fraction(record.price_public, 100)}


def _employer_cost(record: Trajectory, _: Horizon, __: Questionnaire | None) -> Scores:
    """What the employer, the others and all paid together, euro.

    Nothing unless all three prices are known, 0 being one. A centre that notes a price only where
    it was paid would else count for whoever paid.
    """
    prices = (record.price_client, record.price_public, record.price_employer)
    known = [price for price in prices if price is not None]
    if len(known) < len(prices):
        return {}
    total, employer = sum(known), known[-1]
    return {
        "employer": Fraction(employer, 100),
        "others": Fraction(total - employer, 100),
        "total": Fraction(total, 100),
    }


_READERS: Mapping[MeanValue, Read] = MappingProxyType(
    {
        "level": level,
        "change": changes,
        "improved": _improved,
        "context_fit": _context_fit,
        "public_price": _public_price,
        "employer_cost": _employer_cost,
        "outcomes": _outcomes,
    }
)
