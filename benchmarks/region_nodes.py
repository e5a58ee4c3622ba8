"""Many centres in one process: real stores, real fleet clients, a thread each.

    python -m benchmarks.region_nodes     # reads orders, writes answers: JSON, a line each

Each centre runs what `wegwijs-node run` runs, but for its process: a hundred Python processes
would need more memory than a small machine has. Tables of noise, which a node's process makes at
its first contribution and keeps, are made once by each of these processes: the first centre that
contributes does so alone, else every thread would make the same table at the same time.
"""

import json
import os
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.clock import unix_seconds
from node.enrolment import joining
from node.enrolment.coordinator_client import EnrolClient
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.rounds.ending import Endings
from node.rounds.flower import serve
from node.rounds.public_documents import Documents
from node.service import documents_of, line_of
from node.store import NodeStore, rounds
from schemas.message import Frame, Kind
from schemas.request import Mention, Request


@dataclass
class Traffic:
    """Bytes of requests and answers by kind, over all centres of this process."""

    received: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, request: bytes, answer: bytes) -> None:
        """Count one exchange."""
        with self.lock:
            self.received[Request.from_bytes(request).kind.name.lower()] += len(request)
            self.sent[Frame.from_bytes(answer).kind.name.lower()] += len(answer)


class Centres:
    """The centres of this process."""

    def __init__(self) -> None:
        self._folders: list[Path] = []
        self._stop, self._threads = threading.Event(), list[threading.Thread]()
        self._traffic = Traffic()
        self._first, self._made = threading.Lock(), False
        self._endings: list[Endings] = []

    def join(self, template: str, invitations: Sequence[str], root: str) -> None:
        """Each gets a copy of a store, of a centre with its clients or of a witness without any,
        and joins with its own keys."""

        def one(invitation: Path) -> Path:
            folder = Path(root) / invitation.stem
            shutil.copytree(template, folder)
            now = unix_seconds()
            read = joining.read_invitation(invitation.read_text(encoding="utf-8"), now)
            joining.join(NodeStore.open(folder), read, EnrolClient, os.urandom, now)
            return folder

        with ThreadPoolExecutor(4) as pool:
            self._folders += pool.map(one, map(Path, invitations))

    def approve(self) -> None:
        """Each centre fetches roster and programme, checks them, and agrees."""
        for folder in self._folders:
            store = NodeStore.open(folder)
            joining.agree(store, joining.fetch(store, EnrolClient, unix_seconds()), unix_seconds())

    def run(self, poll: float) -> None:
        """Start answering; `poll`: seconds between questions for work."""
        for folder in self._folders:
            store = NodeStore.open(folder)
            documents = self._fetching(store)
            around = Context(unix_seconds, os.urandom, fetch=documents.fetch)
            participant = Participant(store, around)
            self._endings.append(Endings(store, around, documents.ending, poll))
            started = threading.Thread(
                target=serve,
                args=(line_of(store, poll), self._counted(participant), self._stop, _quiet),
                daemon=True,
            )
            started.start()
            self._threads.append(started)
        asking = threading.Thread(target=self._ask_endings, args=(poll,), daemon=True)
        asking.start()
        self._threads.append(asking)

    def _ask_endings(self, poll: float) -> None:
        """What each centre does on a thread of its own, one after another on one."""
        while not self._stop.wait(poll):
            for one in self._endings:
                one.step()

    def unended(self) -> int:
        """How many centres do not know how their round ended."""
        found = 0
        for one in self._endings:
            with one.store.begin() as connection:
                found += bool(rounds.unended(connection))
        return found

    def _fetching(self, store: NodeStore) -> Documents:
        documents = documents_of(store)
        from_region, ending = documents.from_region, documents.ending

        def note(body: bytes | None) -> None:
            with self._traffic.lock:
                self._traffic.received["document"] += len(body or b"")

        def counted(mention: Mention) -> bytes:
            body = from_region(mention)
            note(body)
            return body

        def counted_ending(rid: bytes) -> bytes | None:
            body = ending(rid)
            note(body)
            return body

        documents.from_region = counted  # type: ignore[method-assign]
        documents.ending = counted_ending  # type: ignore[method-assign]
        return documents

    def _counted(self, participant: Participant) -> Any:
        def answer(request: bytes) -> bytes:
            with self._alone(request):
                said = participant.answer(request)
            self._traffic.note(request, said)
            return said

        return answer

    @contextmanager
    def _alone(self, request: bytes) -> Iterator[None]:
        """Wait for the first contribution of this process, which makes the tables."""
        if self._made or Request.from_bytes(request).kind is not Kind.CONTRIBUTE:
            yield
            return
        with self._first:
            first = not self._made
            if first:
                yield
                self._made = True
        if not first:
            yield

    def traffic(self) -> dict[str, Any]:
        """Bytes since the last time this was asked."""
        with self._traffic.lock:
            seen = {"received": dict(self._traffic.received), "sent": dict(self._traffic.sent)}
            self._traffic.received.clear()
            self._traffic.sent.clear()
        return seen

    def stop(self) -> None:
        """Say goodbye and end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(20)


def _quiet(_: str) -> None:
    """Nobody reads how a connection fares."""


def main() -> None:
    """Carry out orders until the input ends."""
    centres = Centres()
    for order in sys.stdin:
        words = json.loads(order)
        started = time.monotonic()
        said = getattr(centres, words.pop("do"))(**words)
        answer = {"said": said, "seconds": time.monotonic() - started}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    centres.stop()


if __name__ == "__main__":
    main()
