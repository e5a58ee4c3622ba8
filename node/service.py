"""`run`: the centre's service. It answers the region's messages until it is asked to stop.

One process, connections outward only. A second service on the same store is refused, for two
would answer for one centre.
"""

import fcntl
import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import SystemRandom
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from node.participate.surroundings import Surroundings
from node.refusal import Refusal
from schemas import logbook
from schemas.message import MAGIC, Kind

if TYPE_CHECKING:
    from node.participate.documents import Documents
    from node.participate.flower import Line
    from node.store import NodeStore

_LOCK = "service.lock"
_CHANCE = SystemRandom()
_TIDY = 86_400.0
Answer = Callable[[bytes], bytes]


class AlreadyRunning(Refusal):
    """Another service answers for this store."""

    code = "already-running"
    exit_code = 4


class NotJoinedYet(Refusal):
    """There is no region to answer to."""

    code = "not-joined"
    exit_code = 4


def clock() -> int:
    """Unix seconds."""
    return int(time.time())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of this store; the operating system gives it back however we end."""
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(
                "Another service answers for this store already. Nothing was changed. Stop that "
                "one first."
            ) from None
        yield


class Unhurried:
    """Sends a contribution at a moment drawn before it is computed.

    Otherwise the time it takes would say how many clients a centre has.
    """

    def __init__(self, answer: Answer, seconds: float, stop: Event) -> None:
        self._answer, self._seconds, self._stop = answer, seconds, stop

    def __call__(self, request: bytes) -> bytes:
        """Answer one request."""
        if request[:5] != MAGIC + bytes([Kind.CONTRIBUTE]):
            return self._answer(request)
        due = time.monotonic() + self._seconds * _CHANCE.uniform(1, 2)
        reply = self._answer(request)
        self._stop.wait(max(0.0, due - time.monotonic()))
        return reply


def line_of(store: "NodeStore", poll: float) -> "Line":
    """Where a centre that has joined connects, and as whom. Raises NotJoinedYet."""
    from node.participate.flower import Line
    from node.participate.flower_key import load_key
    from node.store import papers

    with store.begin() as connection:
        url, ca, key = (papers.get(connection, name) for name in ("url", "ca", "flower"))
    if url is None or ca is None or key is None:
        raise NotJoinedYet("This centre has not joined a region yet. First: join INVITATION.")
    return Line(urlsplit(url.decode()).netloc, ca, load_key(key), poll)


def documents_of(store: "NodeStore") -> "Documents":
    """Where a centre that has joined fetches what a request names. Raises NotJoinedYet."""
    from node.participate.documents import Documents
    from node.store import papers

    with store.begin() as connection:
        url, ca = papers.get(connection, "url"), papers.get(connection, "ca")
    if url is None or ca is None:
        raise NotJoinedYet("This centre has not joined a region yet. First: join INVITATION.")
    return Documents.of(url.decode(), ca.decode())


def run(folder: Path, *, poll: float, unhurried: float) -> None:
    """Answer until SIGTERM or SIGINT. Raises StoreError, AlreadyRunning or NotJoinedYet.

    `poll`: seconds between questions for work; `unhurried`: least seconds that a contribution
    takes.
    """
    from node.store import NodeStore

    store, stop = NodeStore.open(folder), Event()
    line = line_of(store, poll)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logbook.start()
    with _alone(folder):
        _serve(store, line, unhurried, stop)


def _tidy(tidy: Callable[[], None], stop: Event) -> None:
    """Now and once a day, whether or not the region asks anything."""
    tidy()
    while not stop.wait(_TIDY):
        tidy()


def _serve(store: "NodeStore", line: "Line", unhurried: float, stop: Event) -> None:
    from node.participate.answer import Participant
    from node.participate.flower import serve
    from node.store import papers

    log = logging.getLogger("wegwijs.service")

    def note(state: str) -> None:
        ahead = line.clock.ahead
        log.info("%s; the clock of this computer is %+d s ahead of the region's", state, ahead)
        body = json.dumps({"state": state, "at": clock(), "ahead": ahead}).encode()
        with store.begin() as connection:
            papers.put(connection, "connection", body)

    around = Surroundings(clock, os.urandom, fetch=documents_of(store).fetch)
    participant = Participant(store, around)
    Thread(target=_tidy, args=(participant.tidy, stop), name="tidy", daemon=True).start()
    serve(line, Unhurried(participant.answer, unhurried, stop), stop, note)
    note("stopped")
