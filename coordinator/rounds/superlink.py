"""Flower's SuperLink as a child process on loopback: TLS, node authentication, own database.

It dies with the coordinator, and is started again with it: what matters of a round is in the
coordinator's own database.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

_PR_SET_PDEATHSIG = 1
_MOST_LOG = 20_000_000


class SuperLinkFailed(RuntimeError):
    """The SuperLink did not start. Rounds wait; nothing of them was lost."""


def free_port(wanted: int = 0) -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on now: the wanted one if it is free."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _dying_with(parent: int) -> Callable[[], None]:
    """What the child does first. All is looked up before the fork: threads may hold locks."""
    prctl, getppid, leave = ctypes.CDLL(None).prctl, os.getppid, os._exit

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if getppid() != parent:
            leave(1)  # the parent ended before it could be asked

    return ask


def _log(path: Path) -> IO[bytes]:
    """Open the log to append; one that grew large is kept once as `.old`."""
    if path.exists() and path.stat().st_size > _MOST_LOG:
        path.replace(path.with_suffix(".old"))
    return path.open("ab")


@dataclass(frozen=True, slots=True)
class Files:
    """What a SuperLink needs: TLS files, the executor's secret, and its own folder."""

    folder: Path
    ca: Path
    certificate: Path
    key: Path
    secret: Path


class SuperLink:
    """The child process. Start it from the main thread: it ends with the thread that forked it."""

    def __init__(self, files: Files, port: int | None = None) -> None:
        self._files, self.port = files, port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """host:port of all its APIs."""
        return f"127.0.0.1:{self.port}"

    def start(self, *, seconds: float = 180) -> Self:
        """Start and wait until it listens. Raises SuperLinkFailed."""
        deadline = time.monotonic() + seconds
        files = self._files
        self._wait_free(deadline)
        files.folder.mkdir(parents=True, exist_ok=True)
        words = [
            str(Path(sys.executable).parent / "flower-superlink"),
            "--host", "127.0.0.1", "--port", str(self.port),
            "--database", str(files.folder / "link.db"),
            "--isolation", "process",
            "--superexec-auth-secret-file", str(files.secret),
            "--enable-supernode-auth", "--disable-runtime-dependency-installation",
            "--ssl-ca-certfile", str(files.ca),
            "--ssl-certfile", str(files.certificate),
            "--ssl-keyfile", str(files.key),
        ]  # fmt: skip
        quiet = {"FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1"}
        with _log(files.folder / "superlink.log") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - Flower's own executable, no shell
                words,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**os.environ, **quiet, "FLWR_HOME": str(files.folder / "home")},
                preexec_fn=_dying_with(os.getpid()),  # noqa: PLW1509 - two system calls, no locks
            )
        self._wait(deadline)
        return self

    def _wait_free(self, deadline: float) -> None:
        """One that was killed may hold the port for a moment yet."""
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", self.port))
                except OSError:
                    time.sleep(0.1)
                else:
                    return
        raise SuperLinkFailed(f"port {self.port} is taken; the SuperLink was not started")

    def _wait(self, deadline: float) -> None:
        while time.monotonic() < deadline and self.alive:
            with socket.socket() as probe:
                probe.settimeout(0.5)
                taken = probe.connect_ex(("127.0.0.1", self.port)) == 0
                if taken and probe.getsockname() != probe.getpeername():  # not with itself
                    return
            time.sleep(0.1)
        self.stop()
        raise SuperLinkFailed(f"the SuperLink did not start; see {self._files.folder}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, for tests of what survives it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, *, seconds: float = 5) -> None:
        """SIGTERM, then SIGKILL."""
        if self._process is None or not self.alive:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
