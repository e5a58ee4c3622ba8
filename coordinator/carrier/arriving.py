"""Answers on their way in: taken up message by message, bounded in seconds, objects and bytes.

    announced -> its objects are asked for, each once a step -> whole, read, confirmed
        |            |-> too slow, too many bytes ------------> nothing from this centre
        |-> an error, too many objects -----------------------> nothing from this centre

No step waits for a centre: what was announced and is not there yet is asked for at the next one.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, Protocol

Fault = Literal["half-sent", "too-many-objects", "too-large", "another-shape", "failed"]
"""Why a message came to nothing; `failed`: Flower says so, with a code."""

IN_FLIGHT = 8
_OURS = 0  # where Flower gave no code


@dataclass(frozen=True, slots=True)
class Nothing:
    """A message that came to nothing, with Flower's error code if it has one."""

    code: int = _OURS
    fault: Fault = "failed"


@dataclass(frozen=True, slots=True)
class Announced:
    """The head of a reply. `name`: its own id; `asked`: that of the request it answers."""

    name: str
    asked: str
    objects: tuple[str, ...] = ()
    error: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reply may take; a request of ours is three objects, and so is its answer."""

    seconds: float = 120.0
    objects: int = 8
    total: int = 16 * 2**20


class Unreadable(ValueError):
    """The bytes of a reply are not a message of ours."""


class Gone(LookupError):
    """An object of a reply will never come."""


class Source(Protocol):
    """Where replies come from. Calls may raise RunLost or LinkAway, which end the step."""

    def announced(self, asked: Sequence[str]) -> Iterable[Announced]:
        """Heads of replies to these requests that came since; each is given once."""
        ...

    def object(self, name: str) -> bytes | None:
        """Return an object, or None when it did not come yet. Raises Gone."""
        ...

    def read(self, reply: Announced, contents: dict[str, bytes]) -> bytes:
        """Put a reply together and let go of it at the source. Raises Unreadable."""
        ...


@dataclass(slots=True)
class _Arriving:
    head: Announced
    until: float
    contents: dict[str, bytes] = field(default_factory=dict, repr=False)
    fault: Fault | None = None

    @property
    def missing(self) -> list[str]:
        return [name for name in self.head.objects if name not in self.contents]


class Arrivals:
    """The replies of one run. Used from one thread; objects are fetched by a few of its own."""

    def __init__(
        self,
        source: Source,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._limits, self._clock = source, limits or Limits(), clock
        self._arriving: dict[str, _Arriving] = {}
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="flower-pull")

    def take(self, asked: Iterable[str]) -> dict[str, bytes | Nothing]:
        """Return what came whole for these requests, or came to nothing. Waits for no centre."""
        wanted = list(asked)
        done: dict[str, bytes | Nothing] = {}
        fresh = [name for name in wanted if name not in self._arriving]
        for head in self._source.announced(fresh) if fresh else ():
            if head.error is not None:
                done[head.asked] = Nothing(head.error)
            elif len(set(head.objects)) > self._limits.objects:
                done[head.asked] = Nothing(fault="too-many-objects")
            else:
                until = self._clock() + self._limits.seconds
                self._arriving[head.asked] = _Arriving(head, until)
        here = {name: self._arriving[name] for name in wanted if name in self._arriving}
        list(self._pool.map(self._fetch, here.values()))
        for name, one in here.items():
            if (found := self._outcome(one)) is not None:
                del self._arriving[name]
                done[name] = found
        return done

    def close(self) -> None:
        """Stop fetching. What was on its way is forgotten."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _fetch(self, one: _Arriving) -> None:
        """One try for each object of a reply that is missing, until there are too many bytes."""
        size = sum(map(len, one.contents.values()))
        for name in one.missing:
            try:
                content = self._source.object(name)
            except Gone:
                one.fault = "half-sent"
                return
            size += len(content or b"")
            if size > self._limits.total:
                one.fault = "too-large"
                return
            if content is not None:
                one.contents[name] = content

    def _outcome(self, one: _Arriving) -> bytes | Nothing | None:
        if one.fault is not None:
            return Nothing(fault=one.fault)
        if one.missing:
            return Nothing(fault="half-sent") if self._clock() >= one.until else None
        try:
            return self._source.read(one.head, one.contents)
        except Unreadable:
            return Nothing(fault="another-shape")
