"""A process of our own: it dies with the thread that forked it, whatever happens to that."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO

_PR_SET_PDEATHSIG = 1
_ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}
"""Else each thread of a process fills a heap of its own, of which little is given back; one thread
at a time runs Python anyway."""


def _dying_with(parent: int) -> Callable[[], None]:
    """What the child does first. All is looked up before the fork: threads may hold locks."""
    prctl, getppid, leave = ctypes.CDLL(None).prctl, os.getppid, os._exit

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if getppid() != parent:
            leave(1)  # the parent ended before it could be asked

    return ask


class Child:
    """Starts a Python module. Use it from the main thread, for the child ends with its thread."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        output: IO[bytes] | int | None = None,
        errors: IO[bytes] | int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={**os.environ, **_ONE_HEAP, **(environment or {})},
            preexec_fn=_dying_with(os.getpid()),  # noqa: PLW1509 - two system calls, no locks
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def output(self) -> IO[bytes] | None:
        """What it writes, when that was asked for with PIPE."""
        return self._process.stdout

    def kill(self) -> None:
        """SIGKILL, and wait."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL when it still runs so many seconds later."""
        if not self.alive:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
