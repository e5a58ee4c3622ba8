"""Who is asked, and what became of them: populations, outcomes, scores of one record."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from schemas.questionnaire import Questionnaire
from schemas.record import Trajectory, When
from schemas.statistic import Horizon, Mean, Population, Statistic

_AT_WORK = frozenset({"employed", "self_employed"})
_MONTHS: Mapping[str, int] = {"6m": 6, "12m": 12}


@dataclass(frozen=True, slots=True)
class Asked:
    """The people of one population, and what is asked of them."""

    records: Sequence[Trajectory] = field(repr=False)
    statistic: Statistic
    horizon: Horizon
    questionnaires: Mapping[str, Questionnaire] = field(repr=False)


def belongs(record: Trajectory, population: Population, horizon: Horizon) -> bool:
    """Whether a record is in the population that a statistic asks about."""
    if population == "all":
        return True
    if record.status != "completed":
        return False
    if population == "completed":
        return True
    then = getattr(record, f"labour_status_{horizon}")
    return record.labour_status_before in _AT_WORK and then in _AT_WORK


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def durable_match(record: Trajectory, horizon: Horizon) -> bool | None:
    """In work at the horizon, no first job that ended before it; None when not known."""
    status = getattr(record, f"labour_status_{horizon}")
    if status is None or record.ended_on is None:
        return None
    due = months_after(record.ended_on, _MONTHS[horizon])
    lost = record.job_ended_on is not None and record.job_ended_on < due
    return status in _AT_WORK and not lost


def scores(
    record: Trajectory, measure: Mean, when: When, questionnaire: Questionnaire | None
) -> list[float] | None:
    """The scores at a moment, in the order of the variables; None unless all are there."""
    answers = record.wellbeing.get(when)
    if answers is None or questionnaire is None:
        return None
    found = []
    for variable in measure.variables:
        score = questionnaire.score(variable, answers.get(variable, ()))
        if score is None:
            return None
        found.append(score)
    return found


def values(
    record: Trajectory, measure: Mean, horizon: Horizon, questionnaire: Questionnaire | None
) -> list[float] | None:
    """The level at the horizon, or its change since intake; None when not answered."""
    when: When = "intake" if horizon == "start" else horizon
    then = scores(record, measure, when, questionnaire)
    if then is None or measure.value == "level":
        return then
    before = scores(record, measure, "intake", questionnaire)
    return None if before is None else [b - a for a, b in zip(before, then, strict=True)]
