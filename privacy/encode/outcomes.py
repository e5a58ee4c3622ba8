"""What became of one person: outcomes, choices and numbers.

Each is None when the record does not say.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from privacy.encode.observation import whole_months
from privacy.encode.population import durable_match, known_at_work
from schemas.record import Trajectory
from schemas.statistic import Horizon

_YES_NO: Mapping[str | None, bool] = MappingProxyType({"yes": True, "no": False})


def _completed(record: Trajectory, _: Horizon) -> bool | None:
    """Completed against stopped; who is still running has no outcome yet."""
    return None if record.status == "running" else record.status == "completed"


def _employer_involved(record: Trajectory, _: Horizon) -> bool | None:
    return _YES_NO.get(record.employer_involved)


OUTCOMES: Mapping[str, Callable[[Trajectory, Horizon], bool | None]] = MappingProxyType(
    {
        "durable_match": durable_match,
        "at_work": known_at_work,
        "completed": _completed,
        "employer_involved": _employer_involved,
    }
)
"""By the outcome of a share."""


def _reorientation(record: Trajectory, horizon: Horizon) -> str | None:
    """The furthest step: another sector, else another employer, else another role, else none.

    Not known when either sector is not, or what decides after that.
    """
    before, after = record.sector_before, getattr(record, f"sector_{horizon}")
    if before is None or after is None:
        return None
    if before != after:
        return "new_sector"
    employer = _YES_NO.get(getattr(record, f"employer_changed_{horizon}"))
    role = _YES_NO.get(getattr(record, f"role_changed_{horizon}"))
    if employer:
        return "new_employer"
    if employer is None or role is None:
        return None
    return "new_role" if role else "stayed"


def _training(record: Trajectory, _: Horizon) -> str | None:
    """A training that was started and is not known to be completed counts as started."""
    started = _YES_NO.get(record.training_started)
    if record.training_completed == "yes":
        return "completed"
    return None if started is None else "started" if started else "not_started"


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
    """Whole months from the end to the first job; below 0 when the job came first."""
    if record.ended_on is None or record.job_started_on is None:
        return None
    return whole_months(record.ended_on, record.job_started_on)


NUMBERS: Mapping[str, Callable[[Trajectory], int | None]] = MappingProxyType(
    {"wage_change": _wage_change, "months_to_job": _months_to_job}
)
"""By what a histogram is `of`."""
