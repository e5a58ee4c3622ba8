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
from datetime import datetime
from pathlib import Path
from secrets import SystemRandom
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chassis import logs
from chassis.clock import unix_seconds
from chassis.errors import Refusal
from chassis.store.errors import StoreBusy
from node.console import texts
from node.rounds.context import Context
from schemas.message import MAGIC, Kind

if TYPE_CHECKING:
    from node.rounds.flower import Line
    from node.rounds.public_documents import Documents
    from node.store import NodeStore

_LOCK = "service.lock"
_CHANCE = SystemRandom()
_TIDY, _TIDY_LATER = 86_400.0, 60.0
Answer = Callable[[bytes], bytes]


class AlreadyRunning(Refusal):
    """Another service answers for this store."""

    code = "already-running"
    exit_code = 4


class NotJoinedYet(Refusal):
    """There is no region to answer to."""

    code = "not-joined"
    exit_code = 4


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


def _joined(store: "NodeStore") -> tuple[str, bytes, bytes]:
    """(address, authority, Flower key) of a centre that has joined. Raises NotJoinedYet."""
    from chassis.store import settings

    with store.begin() as connection:
        url, ca, key = (settings.get(connection, name) for name in ("url", "ca", "flower"))
    if url is None or ca is None or key is None:
        raise NotJoinedYet("This centre has not joined a region yet. First: join INVITATION.")
    return url.decode(), ca, key


def line_of(store: "NodeStore", poll: float) -> "Line":
    """Where a centre that has joined connects, and as whom. Raises NotJoinedYet."""
    from node.enrolment.flower_key import load_key
    from node.rounds.flower import Line

    url, ca, key = _joined(store)
    return Line(urlsplit(url).netloc, ca, load_key(key), poll)


def documents_of(store: "NodeStore") -> "Documents":
    """Where it fetches what a request names. Raises NotJoinedYet."""
    from node.rounds.public_documents import Documents

    url, ca, _ = _joined(store)
    return Documents.of(url, ca.decode())


def run(folder: Path, *, poll: float, unhurried: float) -> None:
    """Answer until SIGTERM or SIGINT. Raises StoreError, AlreadyRunning or NotJoinedYet.

    `poll`: seconds between questions for work; `unhurried`: least seconds that a contribution
    takes.
    """
    from node.store import NodeStore

    store, stop = NodeStore.open(folder), Event()
    line, documents = line_of(store, poll), documents_of(store)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logs.start()
    with _alone(folder):
        _serve(store, line, documents, unhurried, stop)


def _tidy(tidy: Callable[[], None], stop: Event) -> None:
    """Now and once a day, whether or not the region asks anything; later if the store is busy."""
    again = 0.0
    while not stop.wait(again):
        try:
            tidy()
            again = _TIDY
        except StoreBusy:
            again = _TIDY_LATER


def _serve(
    store: "NodeStore", line: "Line", documents: "Documents", unhurried: float, stop: Event
) -> None:
    from chassis.store import settings
    from node.importing.watching import Watcher, keep_looking
    from node.rounds.answer import Participant
    from node.rounds.ending import Endings
    from node.rounds.flower import serve

    log = logging.getLogger("wegwijs.service")

    def note(state: str) -> None:
        ahead = line.clock.ahead
        log.info("%s; the clock of this computer is %+d s ahead of the region's", state, ahead)
        body = json.dumps({"state": state, "at": unix_seconds(), "ahead": ahead}).encode()
        with store.begin() as connection:
            settings.put(connection, "connection", body)

    around = Context(unix_seconds, os.urandom, fetch=documents.fetch)
    participant = Participant(store, around)
    endings = Endings(store, around, documents.ending, line.idle_seconds)
    Thread(target=_tidy, args=(participant.tidy, stop), name="tidy", daemon=True).start()
    Thread(target=endings.run, args=(stop,), name="endings", daemon=True).start()
    folders = Watcher(store, texts(), lambda: datetime.now().astimezone(), os.urandom)
    Thread(target=keep_looking, args=(folders, stop), name="watching", daemon=True).start()
    serve(line, Unhurried(participant.answer, unhurried, stop), stop, note)
    note("stopped")
