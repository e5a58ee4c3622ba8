"""The region's time as its own answers tell it, so that a clock that is minutes off shuts nobody
out.

Flower accepts a call that was stamped at most five seconds ahead of its clock and five minutes
behind it. Every answer of the region says the time (RFC 9110, Date) over the TLS that the
invitation vouches for. A node follows it within minutes and no further: a signed time far away
could be used by somebody else later.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MOST = 300.0
"""Seconds by which a clock may differ."""

_EARLIER = 2.0  # a stamp that is somewhat old is accepted, one from the future is not
_TICK = 1.0  # the region tells whole seconds, up to a second old
_LONGEST = 10.0  # an answer that took longer says too little about now


@dataclass
class RegionClock:
    """Own clock and its difference to the region's. Used by a session's two threads."""

    own: Callable[[], float] = time.time
    _ahead: float | None = None

    @property
    def ahead(self) -> int:
        """Seconds by which this computer's clock is ahead of the region's; 0 below three."""
        found = round(self._ahead or 0.0)
        return found if abs(found) >= 3 else 0

    @property
    def off(self) -> bool:
        """Whether it differs by more than a node follows."""
        return abs(self.ahead) > MOST

    def stamp(self) -> datetime:
        """The time to sign a call with."""
        ahead = 0.0 if self.off else self._ahead or 0.0
        return datetime.fromtimestamp(self.own(), UTC) - timedelta(seconds=ahead + _EARLIER)

    def now(self) -> float:
        """The region's time in Unix seconds."""
        return self.own() - (0.0 if self.off else self._ahead or 0.0)

    def hear(self, date: str | None, asked_at: float) -> bool:
        """Learn from an answer's Date; True when the stamp of its call was far off.

        `asked_at`: what the own clock said when the call was sent.
        """
        now = self.own()
        if date is None or not 0 <= now - asked_at <= _LONGEST:
            return False
        try:
            told = parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            return False
        before = self._ahead or 0.0
        least, most = asked_at - told - 2 * _TICK, now - told
        if self._ahead is None or not least <= self._ahead <= most:
            self._ahead = (least + most) / 2 if not least <= 0.0 <= most else 0.0
        return abs(self._ahead - before) > _TICK
