"""How a node waits for its coordinator: which failures pass, and how long between tries."""

import time
from collections.abc import Callable
from secrets import SystemRandom
from threading import Event

import httpx

_CHANCE = SystemRandom()
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_SOON = 0.4  # seconds; the first question after an answer
_DOUBT = 90.0  # a new coordinator knows everybody after seconds, a killed node after a minute
_FASTEST_HEARTBEAT, _SLOWEST_HEARTBEAT = 10.0, 30.0  # the first is Flower's least

CONNECTIONS = httpx.Limits(keepalive_expiry=25.0)
"""A connection outlives the time between two questions for work, so that not each of them begins
with a handshake; the coordinator closes what says nothing for 30 seconds."""


def jitter(seconds: float) -> float:
    """About so many seconds, so that centres do not all call at the same moment."""
    return seconds * _CHANCE.uniform(0.8, 1.2)


def promised_heartbeat(idle_seconds: float) -> float:
    """The interval that the coordinator is told; a killed node may come back after twice it."""
    return min(_SLOWEST_HEARTBEAT, max(_FASTEST_HEARTBEAT, 2 * idle_seconds))


def unauthorized(failure: BaseException) -> bool:
    """Whether the coordinator was reached and did not accept this node."""
    return _status(failure) == httpx.codes.UNAUTHORIZED


def turned_away(failure: BaseException) -> bool:
    """Whether the coordinator was reached and does not let this node in: now, or ever."""
    return unauthorized(failure) or _status(failure) == httpx.codes.PRECONDITION_FAILED


def away(failure: BaseException) -> bool:
    """Whether the coordinator was not reached at all, so that the same call may succeed later."""
    return isinstance(failure, httpx.TransportError) or _status(failure) in (429, 502, 503, 504)


def _status(failure: BaseException) -> int | None:
    return failure.response.status_code if isinstance(failure, httpx.HTTPStatusError) else None


class Pause:
    """Waits longer after each failure in a row, up to five seconds; a stop ends the wait."""

    def __init__(self, stop: Event) -> None:
        self.stop = stop
        self.over()

    def over(self) -> None:
        """Something succeeded: the next wait is short again."""
        self._seconds = _FIRST_PAUSE

    def take(self) -> None:
        """Wait, and double the next wait."""
        self.stop.wait(jitter(self._seconds))
        self._seconds = min(2 * self._seconds, _LONGEST_PAUSE)


class Asking:
    """How long to wait before the next question for work, in seconds.

    After an answer, and when a session begins, another request often follows soon: the waits
    grow from under half a second, twice as long each time, up to the usual one.
    """

    def __init__(self, usual: float) -> None:
        self._usual = usual
        self.soon()

    def soon(self) -> None:
        """Something was answered."""
        self._next = min(_SOON, self._usual)

    def wait(self) -> float:
        """There was nothing to do: how long until the next question."""
        now, self._next = self._next, min(2 * self._next, self._usual)
        return jitter(now)


class OnChange:
    """Passes a state on when it, or what goes with it, differs from the one before."""

    def __init__(
        self, say: Callable[[str], None], beside: Callable[[], object] = lambda: None
    ) -> None:
        self._say, self._beside = say, beside
        self._last: tuple[str, object] = ("", None)

    def __call__(self, state: str) -> None:
        now = (state, self._beside())
        if now != self._last:
            self._last = now
            self._say(state)


class Doubting:
    """Passes states on, and `refused` as `waiting` until nothing else was heard for a while.

    A coordinator that was started again knows nobody for some seconds; that frightens no owner.
    """

    def __init__(
        self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say, self._clock = say, clock
        self._since: float | None = None

    def __call__(self, state: str) -> None:
        if state != "refused":
            self._since = None
        elif self._since is None:
            self._since = self._clock()
        lasts = self._since is not None and self._clock() - self._since >= _DOUBT
        self._say("waiting" if state == "refused" and not lasts else state)
