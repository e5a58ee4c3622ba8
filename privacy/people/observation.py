"""Until when somebody was watched, and what was seen of her first job by then.

A centre that looks longer sees more jobs end. So everything that is followed in time is cut at
the moment until which the centre looked, whatever became of it: only then are people alike, and
only then does Kaplan-Meier (1958) hold.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from privacy.people.population import AT_WORK, months_after
from schemas.record import Trajectory

_FOLLOW_UPS = (6, 12)
"""Months after the end of guidance at which a centre asks again."""


def whole_months(first: date, second: date) -> int:
    """The most months that can be added to `first` without passing `second`; may be negative.

    31 January plus one month is the last day of February.
    """
    months = (second.year - first.year) * 12 + second.month - first.month
    return months - (months_after(first, months) > second)


def last_seen(record: Trajectory) -> date | None:
    """Until when the centre looked: the day it says, else that of the last answered follow-up.

    A follow-up is answered when the labour status then is known. Sectors, wages and workplaces
    do not count: only who works has them, so that whoever lost a job would be watched shorter.
    """
    if record.last_seen_on is not None:
        return record.last_seen_on
    return max((day for day, _ in _answered(record)), default=None)


def job_held(record: Trajectory) -> tuple[int, Literal["ended", "held"]] | None:
    """How many whole months the first job was held, and whether it then ended or was held still.

    An end up to the day on which she was last seen is an end; any other job, whatever became of
    it later, was held until that day. None without a first job, or when nobody knows until when
    she was watched, or she was last seen before it began.
    """
    started, seen = record.job_started_on, last_seen(record)
    if started is None or seen is None or seen < started:
        return None
    ended = _job_ended(record, started)
    if ended is not None and ended <= seen:
        return whole_months(started, ended), "ended"
    return whole_months(started, seen), "held"


def _job_ended(record: Trajectory, started: date) -> date | None:
    """The day that was told; else the first follow-up that found her out of work.

    Leaving that job out, or taking it for held, would count fewer ends than there were. When an
    end is only known to lie before a visit, it is dated at the visit, as trials do.
    """
    if record.job_ended_on is not None:
        return record.job_ended_on
    idle = (day for day, status in _answered(record) if status not in AT_WORK and day > started)
    return min(idle, default=None)


def _answered(record: Trajectory) -> Iterator[tuple[date, str]]:
    """The day and the labour status of each answered follow-up."""
    for months in _FOLLOW_UPS:
        status = getattr(record, f"labour_status_{months}m")
        if status is not None and record.ended_on is not None:
            yield months_after(record.ended_on, months), status
