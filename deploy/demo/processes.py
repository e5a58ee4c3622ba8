"""Real processes on 127.0.0.1, started and ended by id; nothing else is ever touched."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.demo.commands import StepFailed, environment

_BIN = Path(sys.executable).parent


class Service:
    """A long-running process of the demo, its output in a file."""

    def __init__(self, words: list[str], log: Path) -> None:
        self.words, self.log = words, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Service":
        """Start it, or start it again after `kill`."""
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own executables, no shell
                [str(_BIN / self.words[0]), *self.words[1:]],
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                env=environment({}),
            )
        return self

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id. Raises StepFailed when it was never started."""
        if self._process is None:
            raise StepFailed(f"{self.words[0]} was not started")
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no time to say goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def ask_to_stop(self) -> None:
        """SIGTERM, without waiting."""
        if self.alive and self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, seconds: float = 8) -> None:
        """SIGTERM, then SIGKILL after a while."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()


def wait_until(what: str, ready: Callable[[], bool], *, seconds: float, every: float = 0.3) -> None:
    """Poll until `ready()`. Raises StepFailed after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise StepFailed(f"waited {seconds:.0f} s for {what}")
        time.sleep(every)
