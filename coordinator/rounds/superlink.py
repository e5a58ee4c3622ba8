"""Flower's SuperLink as a child process: node authentication, no database, and no port.

It listens on a Unix socket in a folder that only this user may enter, so no other user of the
machine can drive it: its Control API has no login of its own.

It dies with the coordinator, and is started again with it. It keeps what it knows in memory: a
run, its messages and who is connected can all be had again, and what matters of a round is in
the coordinator's own database.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

_PR_SET_PDEATHSIG = 1
_MOST_LOG = 20_000_000
_IN_MEMORY = ":flwr-in-memory:"
_SOCKET, _LONGEST = "link.sock", 100  # Linux takes paths of sockets up to 107 bytes


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

    def __init__(self, files: Files) -> None:
        self._files = files
        self._process: subprocess.Popen[bytes] | None = None
        self._short: str | None = None
        self.starts = 0
        """How often it was started; each time it knows no node, no run and no message."""

    @property
    def socket(self) -> Path:
        """Where it listens: in its own folder, or where that path is too long for a socket."""
        near = self._files.folder / _SOCKET
        if len(os.fsencode(near)) <= _LONGEST:
            return near
        if self._short is None:
            self._short = tempfile.mkdtemp(prefix="wegwijs-")  # readable by this user alone
        return Path(self._short) / _SOCKET

    def start(self, *, seconds: float = 180) -> Self:
        """Start and wait until it listens. Raises SuperLinkFailed."""
        deadline = time.monotonic() + seconds
        files = self._files
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.folder.chmod(0o700)
        words = [
            sys.executable, "-m", "coordinator.rounds.superlink_process", str(self.socket),
            "--database", _IN_MEMORY,
            "--isolation", "process",
            "--superexec-auth-secret-file", str(files.secret),
            "--enable-supernode-auth", "--disable-runtime-dependency-installation",
            "--ssl-ca-certfile", str(files.ca),
            "--ssl-certfile", str(files.certificate),
            "--ssl-keyfile", str(files.key),
        ]  # fmt: skip
        quiet = {
            "FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1",
            "FLWR_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        with _log(files.folder / "superlink.log") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                words,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**os.environ, **quiet, "FLWR_HOME": str(files.folder / "home")},
                preexec_fn=_dying_with(os.getpid()),  # noqa: PLW1509 - two system calls, no locks
            )
        self._wait(deadline)
        self.starts += 1
        return self

    def _wait(self, deadline: float) -> None:
        while time.monotonic() < deadline and self.alive:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.1)
        self.stop()
        raise SuperLinkFailed(f"the SuperLink did not start; see {self._files.folder}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def megabytes(self) -> float:
        """Memory that the process takes now; 0 when it does not run."""
        if self._process is None or not self.alive:
            return 0.0
        pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def kill(self) -> None:
        """SIGKILL: there is nothing that it would write down."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, *, seconds: float = 5) -> None:
        """SIGTERM, then SIGKILL."""
        if self._process is not None and self.alive:
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._short is not None:
            shutil.rmtree(self._short, ignore_errors=True)
            self._short = None
