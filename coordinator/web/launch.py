"""The web process, for the coordinator that starts it: readers never wait for a round's sums.

Pages, API, enrolment and the fleet calls are answered by a process of their own; what it shares
with the rounds is the database and the SuperLink's socket.
"""

import select
import subprocess
import time
from pathlib import Path
from threading import Event

from chassis.errors import NotYet
from coordinator.child_process import Child

MODULE = "coordinator.web.process"
LISTENING, TAKEN = "listening", "taken"


class PortTaken(NotYet):
    """Something else listens on the public port."""

    code = "port-taken"


class WebFailed(NotYet):
    """The web process did not start. Rounds wait; nothing of them was lost."""

    code = "web-failed"


class Web:
    """The child process. `start` it from the main thread, then `wait` until it listens."""

    def __init__(self, folder: Path, superlink: Path, pages_port: int | None) -> None:
        self._words = [MODULE, str(folder), str(superlink)]
        self._words += [] if pages_port is None else [str(pages_port)]
        self._child: Child | None = None

    def start(self) -> None:
        """Start it. What it logs joins the log of this process."""
        self._child = Child(self._words, output=subprocess.PIPE)

    def wait(self, stop: Event, seconds: float = 120) -> None:
        """Wait until every port listens, or `stop`. Raises PortTaken or WebFailed, and ends it."""
        said = self._said(stop, time.monotonic() + seconds)
        if said == LISTENING or stop.is_set():
            return
        self.stop()
        what, _, port = said.partition(" ")
        if what == TAKEN:
            raise PortTaken("port {port} is taken already", port=port)
        raise WebFailed("the pages did not start; the log says why")

    def _said(self, stop: Event, deadline: float) -> str:
        """The first line that it writes; nothing when it ends or is late."""
        output = self._child.output if self._child is not None else None
        while output is not None and not stop.is_set() and time.monotonic() < deadline:
            if select.select([output], [], [], 0.1)[0]:
                return output.readline().decode("ascii", "replace").strip()
        return ""

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.alive

    def stop(self, seconds: float = 8) -> None:
        """Let it finish what it answers, then end it."""
        if self._child is not None:
            self._child.stop(seconds)
            if self._child.output is not None:
                self._child.output.close()
