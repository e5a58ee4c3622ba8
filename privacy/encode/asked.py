"""What of a declaration can be answered: dimensions of which a questionnaire has items.

Nobody has a score of any other; entries for it would hold nothing but noise, and cost the others
a part of what the ask may spend.
"""

from collections.abc import Sequence

from schemas.measures import Mean, Measure, Reliability
from schemas.questionnaire import Questionnaire
from schemas.statistic import Statistic

_SCORED = frozenset({"level", "change", "improved"})


def answerable(statistic: Statistic, forms: Sequence[Questionnaire]) -> Statistic:
    """The declaration without variables that no form of the programme asks.

    One of which nothing would be left stays as it is: its figures say that nothing is known.
    """
    kept = _kept(statistic.measure, forms)
    if not 0 < len(kept) < len(getattr(statistic.measure, "variables", ())):
        return statistic
    return statistic.model_copy(update={"measure": _with(statistic.measure, kept)})


def _kept(measure: Measure, forms: Sequence[Questionnaire]) -> list[int]:
    """Places of the variables that some form asks; of a reliability, its own form in full."""
    if isinstance(measure, Mean) and measure.value in _SCORED:
        asked = {item.dimension for form in forms for item in form.items}
        return [k for k, name in enumerate(measure.variables) if name in asked]
    if isinstance(measure, Reliability):
        own = [form for form in forms if form.id == measure.questionnaire]
        return [
            k
            for k, name in enumerate(measure.variables)
            if any(len(form.items_of(name)) == measure.items for form in own)
        ]
    return []


def _with(measure: Measure, kept: Sequence[int]) -> Measure:
    names = ("variables", "centres") if isinstance(measure, Mean) else ("variables",)
    return measure.model_copy(
        update={name: tuple(getattr(measure, name)[k] for k in kept) for name in names}
    )
