"""Who is asked, and what became of them: populations and outcomes of one record."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from schemas.questionnaire import Questionnaire
from schemas.record import Trajectory
from schemas.statistic import Horizon, Population, Statistic

AT_WORK = frozenset({"employed", "self_employed"})
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
    match population:
        case "all":
            return True
        case "ended":
            return record.status != "running"
        case "completed":
            return record.status == "completed"
        case "in_work_after":
            return record.status == "completed" and at_work(record, horizon)
        case "in_work_both":
            before = record.labour_status_before in AT_WORK
            return record.status == "completed" and before and at_work(record, horizon)


def at_work(record: Trajectory, horizon: Horizon) -> bool:
    """Whether she is known to work at the horizon."""
    return known_at_work(record, horizon) is True


def known_at_work(record: Trajectory, horizon: Horizon) -> bool | None:
    """Whether she works at the horizon, in whatever job; None when not known."""
    status = getattr(record, f"labour_status_{horizon}")
    return None if status is None else status in AT_WORK


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
    return status in AT_WORK and not lost
