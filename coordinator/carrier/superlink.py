"""Flower's SuperLink as a child process: node authentication, no database, and no port.

It listens on a Unix socket in a folder that only this user may enter, so no other user of the
machine can drive it: its Control API has no login of its own.

It dies with the coordinator, and is started again with it. It keeps what it knows in memory: a
run, its messages and who is connected can all be had again, and what matters of a round is in
the coordinator's own database.
"""

import os
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from chassis.files import private_folder
from coordinator.child_process import Child

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
        self._child: Child | None = None
        self._short: tempfile.TemporaryDirectory[str] | None = None
        self.starts = 0
        """How often it was started; each time it knows no node, no run and no message."""

    @property
    def socket(self) -> Path:
        """Where it listens: in its own folder, or where that path is too long for a socket."""
        near = self._files.folder / _SOCKET
        if len(os.fsencode(near)) <= _LONGEST:
            return near
        if self._short is None:
            # readable by this user alone, and the same place each time it is started again
            self._short = tempfile.TemporaryDirectory(prefix="wegwijs-")
        return Path(self._short.name) / _SOCKET

    def start(self, *, seconds: float = 180) -> Self:
        """Start and wait until it listens. Raises SuperLinkFailed."""
        deadline = time.monotonic() + seconds
        files = self._files
        private_folder(files.folder)
        words = [
            "coordinator.carrier.superlink_process", str(self.socket),
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
            environment = {**quiet, "FLWR_HOME": str(files.folder / "home")}
            self._child = Child(words, output=sink, errors=sink, environment=environment)
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
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int | None:
        """Its process id, if it was started."""
        return self._child.pid if self._child is not None else None

    @property
    def megabytes(self) -> float:
        """Memory that the process takes now; 0 when it does not run."""
        if not self.alive:
            return 0.0
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def kill(self) -> None:
        """SIGKILL: there is nothing that it would write down."""
        if self._child is not None:
            self._child.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, *, seconds: float = 5) -> None:
        """SIGTERM, then SIGKILL."""
        if self._child is not None:
            self._child.stop(seconds)
