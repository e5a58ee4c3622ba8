"""What became of one person: outcomes, choices and numbers.

Each is None when the record does not say.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from privacy.people.observation import last_seen, whole_months
from privacy.people.population import durable_match, known_at_work
from schemas.record import Trajectory
from schemas.statistic import Horizon

YEAR = 12
"""Months after the end of guidance within which a first job is looked for."""

_YES_NO: Mapping[str | None, bool] = MappingProxyType({"yes": True, "no": False})


def _completed(record: Trajectory, _: Horizon) -> bool | None:
    """Completed against stopped; who is still running has no outcome yet."""
    return None if record.status == "running" else record.status == "completed"


def _employer_involved(record: Trajectory, _: Horizon) -> bool | None:
    return _YES_NO.get(record.employer_involved)


def _changed_sector(record: Trajectory, horizon: Horizon) -> bool | None:
    before, after = record.sector_before, _sector(record, horizon)
    return None if before is None or after is None else before != after


def _reached_sector(record: Trajectory, horizon: Horizon) -> bool | None:
    """Whether she works in the sector she wanted. Who has no work did not reach it: leaving her
    out would count the more who reached it, the fewer found work."""
    working, after = known_at_work(record, horizon), _sector(record, horizon)
    if record.sector_desired is None or working is None:
        return None
    if not working:
        return False
    return None if after is None else after == record.sector_desired


def _sector(record: Trajectory, horizon: Horizon) -> str | None:
    code: str | None = getattr(record, f"sector_{horizon}")
    return code


OUTCOMES: Mapping[str, Callable[[Trajectory, Horizon], bool | None]] = MappingProxyType(
    {
        "durable_match": durable_match,
        "at_work": known_at_work,
        "completed": _completed,
        "employer_involved": _employer_involved,
        "changed_sector": _changed_sector,
        "reached_sector": _reached_sector,
    }
)
"""By the outcome of a share."""


def _reorientation(record: Trajectory, horizon: Horizon) -> str | None:
    """The furthest step: another sector, else another employer, else another role, else none.

    Of those alone of whom all three are known. Whoever changed sector needs no more to be told
    so, but would then count where somebody who stayed, as little known, does not.
    """
    sector = _changed_sector(record, horizon)
    employer = _YES_NO.get(getattr(record, f"employer_changed_{horizon}"))
    role = _YES_NO.get(getattr(record, f"role_changed_{horizon}"))
    if sector is None or employer is None or role is None:
        return None
    steps = ((sector, "new_sector"), (employer, "new_employer"), (role, "new_role"))
    return next((name for taken, name in steps if taken), "stayed")


def _training(record: Trajectory, _: Horizon) -> str | None:
    """Of those of whom it is known whether they started one.

    A training that was started and is not known to be completed counts as started. Who is only
    known to have completed one does not count, as who is only known not to have does not.
    """
    started = _YES_NO.get(record.training_started)
    if started is None:
        return None
    if record.training_completed == "yes":
        return "completed"
    return "started" if started else "not_started"


CHOICES: Mapping[str, Callable[[Trajectory, Horizon], str | None]] = MappingProxyType(
    {"reorientation": _reorientation, "training": _training}
)
"""By what a choice is `of`; each gives one of its options."""


def _wage_change(record: Trajectory) -> int | None:
    """Gross euro per month, 12 months after the end less before guidance."""
    if record.wage_before is None or record.wage_12m is None:
        return None
    return record.wage_12m - record.wage_before


def _months_to_job(record: Trajectory) -> int | None:
    """Whole months from the end to the first job; below 0 when the job came first.

    Of those alone who were watched for a year after the end. Who began no job by then took at
    least 12 months; counting only those who found one would tell how soon the quick are.
    """
    ended, seen = record.ended_on, last_seen(record)
    if ended is None or seen is None or whole_months(ended, seen) < YEAR:
        return None
    if record.job_started_on is None:
        return YEAR
    return min(YEAR, whole_months(ended, record.job_started_on))


NUMBERS: Mapping[str, Callable[[Trajectory], int | None]] = MappingProxyType(
    {"wage_change": _wage_change, "months_to_job": _months_to_job}
)
"""By what a histogram is `of`."""
