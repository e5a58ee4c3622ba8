"""A carrier over runs that can be lost at any moment: what is under way, and when to send again.

    asked -> pushed -> pulled until answered; the same again is asked after some seconds at least
               |            |-> came to nothing: pushed again after a while
               |-> a minute without an answer: pushed again, both are pulled
    run lost -> everything that is still asked is pushed on the next run

Nodes give the same answer to the same bytes, so pushing twice is harmless.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from coordinator.carrier.arriving import Nothing

log = logging.getLogger("wegwijs.flower")

MESSAGE_SECONDS = 600.0
"""How long a message is kept for a node that is away."""

_POLL, _POLL_SOON, _SOON = 0.25, 0.1, 1.0  # seconds; sooner for a second after an answer
_FRESH = 60.0
_UNTIL_GIVEN_UP = 30.0
_BETWEEN_RUNS = 2.0
_NODE_FAILED = 2  # Flower: the app raised; other codes pass: message lost, node away
_HOLD, _HOLD_FAILED, _ANSWERED = 3.0, 30.0, 5.0

_SAID_AGAIN = 3_600.0
_SENTENCES = {
    "half-sent": "announced an answer and did not send it within two minutes",
    "too-many-objects": "announced an answer in far more parts than an answer has",
    "too-large": "sent an answer that is too large",
    "another-shape": "sent an answer that cannot be read",
    "failed": "could not answer, or was away when its answer was taken",
}

Delivery = tuple[int, bytes]
"""(roster id, SHA-256 of the request)."""


class RunLost(ConnectionError):
    """The run is gone. What was asked is sent again on the next one."""


class LinkAway(ConnectionError):
    """The SuperLink does not answer now. The run lives on for a minute."""


class Run(Protocol):
    """One run. All calls raise RunLost or LinkAway; nodes are Flower's ids."""

    @property
    def lost(self) -> bool:
        """Whether its heartbeat was refused."""
        ...

    def online(self) -> frozenset[int]:
        """Nodes that are connected."""
        ...

    def push(self, requests: Mapping[int, bytes]) -> dict[int, str]:
        """Return the message id for each node whose message was taken."""
        ...

    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | Nothing]:
        """Return what came for these messages, by message id."""
        ...

    def close(self) -> None:
        """End it. Raises nothing."""
        ...


@dataclass(slots=True)
class _UnderWay:
    again_at: float
    messages: set[str] = field(default_factory=set)
    pushed_at: float = 0.0


class RunCarrier:
    """Carries bytes on one run after another. `nodes` maps roster ids to Flower's node ids."""

    def __init__(
        self,
        open_run: Callable[[], Run],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[int, str], None] | None = None,
    ) -> None:
        self._open_run, self._clock, self._sleep = open_run, clock, sleep
        self._tell = tell
        self._told: dict[tuple[int, str], float] = {}
        self._nodes: dict[int, int] = {}
        self._run: Run | None = None
        self._open_at = float("-inf")
        self._away_since: float | None = None
        self._under_way: dict[Delivery, _UnderWay] = {}

    def online(self) -> frozenset[int]:
        """Centres whose node is connected; empty while the SuperLink is away."""
        try:
            return frozenset(self._reachable(self._current()))
        except (LinkAway, RunLost) as failure:
            self._consider(failure)
            return frozenset()

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        """Send to centres that are online, and gather until all answered or time is up."""
        waiting = _deliveries(requests)
        deadline, soon = self._clock() + seconds, self._clock() + _SOON
        while waiting:
            for delivery, body in self._step(waiting).items():
                del waiting[delivery]
                yield delivery[0], body
                soon = self._clock() + _SOON
            left = deadline - self._clock()
            if not waiting or left <= 0:
                return
            self._sleep(min(_POLL_SOON if self._clock() < soon else _POLL, left))

    def close(self) -> None:
        """End the run. Answers that are still out come again when they are asked for again."""
        run, self._run = self._run, None
        self._away_since = None
        self._under_way.clear()
        if run is not None:
            run.close()

    def withdraw(self) -> None:
        """End the run: Flower gives a node nothing of a run that is over."""
        self.close()

    def _step(self, waiting: Mapping[Delivery, bytes]) -> dict[Delivery, bytes]:
        try:
            run = self._current()
            here = self._reachable(run)
            reached = {delivery: body for delivery, body in waiting.items() if delivery[0] in here}
            self._push(run, reached)
            return self._pull(run, reached)
        except (LinkAway, RunLost) as failure:
            self._consider(failure)
            return {}

    def _current(self) -> Run:
        if self._run is not None and self._run.lost:
            self.close()
        if self._run is None:
            if self._clock() < self._open_at:
                raise LinkAway("a run was tried a moment ago")
            self._open_at = self._clock() + _BETWEEN_RUNS
            self._run = self._open_run()
        return self._run

    def _consider(self, failure: ConnectionError) -> None:
        """Keep the run through a short absence: its answers are still there afterwards."""
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        if isinstance(failure, RunLost) or now - self._away_since > _UNTIL_GIVEN_UP:
            log.warning("a run was lost; the next one sends again what is open")
            self.close()

    def _reachable(self, run: Run) -> frozenset[int]:
        here = run.online()
        self._away_since = None
        return frozenset(centre for centre, node in self._nodes.items() if node in here)

    def _push(self, run: Run, deliveries: Mapping[Delivery, bytes]) -> None:
        now = self._clock()
        self._forget(now)
        due = {
            delivery: body
            for delivery, body in deliveries.items()
            if delivery not in self._under_way or self._under_way[delivery].again_at <= now
        }
        if not due:
            return
        taken = run.push({self._nodes[centre]: body for (centre, _), body in due.items()})
        for delivery in due:
            sent = self._under_way.setdefault(delivery, _UnderWay(now))
            name = taken.get(self._nodes[delivery[0]])
            sent.pushed_at = now
            sent.again_at = now + (_FRESH if name else _HOLD)
            if name:
                sent.messages.add(name)

    def _forget(self, now: float) -> None:
        """Drop what nobody asked for any more and no node will be given."""
        oldest = now - MESSAGE_SECONDS
        for delivery in [one for one, sent in self._under_way.items() if sent.pushed_at < oldest]:
            del self._under_way[delivery]

    def _pull(self, run: Run, deliveries: Mapping[Delivery, bytes]) -> dict[Delivery, bytes]:
        """Only for centres that are online: a pull for one that is away destroys its answer."""
        asked = {
            name: delivery
            for delivery in deliveries
            if delivery in self._under_way
            for name in self._under_way[delivery].messages
        }
        answered: dict[Delivery, bytes] = {}
        for name, found in (run.pull(asked) if asked else {}).items():
            delivery = asked[name]
            if isinstance(found, bytes):
                self._under_way[delivery] = _UnderWay(
                    self._clock() + _ANSWERED, set(), self._clock()
                )
                answered[delivery] = found
            elif delivery in self._under_way:
                self._came_to_nothing(delivery, name, found)
        return answered

    def _came_to_nothing(self, delivery: Delivery, name: str, nothing: Nothing) -> None:
        self._name(delivery[0], nothing)
        sent = self._under_way[delivery]
        sent.messages.discard(name)
        if not sent.messages:
            passes = nothing.fault == "failed" and nothing.code != _NODE_FAILED
            sent.again_at = self._clock() + (_HOLD if passes else _HOLD_FAILED)

    def _name(self, centre: int, nothing: Nothing) -> None:
        """Name a centre to the operator, and the same fault of it at most once an hour."""
        now, said = self._clock(), (centre, nothing.fault)
        if now - self._told.get(said, float("-inf")) < _SAID_AGAIN:
            return
        self._told[said] = now
        level = logging.INFO if nothing.fault == "failed" else logging.WARNING
        words = _SENTENCES[nothing.fault]
        log.log(level, "centre %d %s (code %d)", centre, words, nothing.code)
        if self._tell is not None and nothing.fault != "failed":
            self._tell(centre, nothing.fault)


def _deliveries(requests: Mapping[int, bytes]) -> dict[Delivery, bytes]:
    """Each body is hashed once, also when it goes to everybody."""
    digests = {body: hashlib.sha256(body).digest() for body in set(requests.values())}
    return {(centre, digests[body]): body for centre, body in requests.items()}
