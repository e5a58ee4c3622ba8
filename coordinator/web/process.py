"""The web process itself: the public port over TLS, and the pages on loopback when asked.

    python -m coordinator.web.process FOLDER SOCKET [PAGES_PORT]

Writes one line when it listens, or says which port is taken. `SOCKET`: of the SuperLink.
"""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

import uvicorn

from chassis import logs
from chassis.clock import unix_seconds
from coordinator.home import Home, address_of
from coordinator.store import CoordinatorStore
from coordinator.web.launch import LISTENING, TAKEN
from coordinator.web.ports import pages_port, public_port

_THREADS_WATCHED_EVERY = 1.0
_SWITCH = 0.001  # seconds; one reader is served while a file for another is spelled


def main() -> int:
    """Serve until SIGTERM. SIGINT is left to the process that started this one."""
    folder, superlink, *ports = sys.argv[1:]
    logs.start()
    sys.setswitchinterval(_SWITCH)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    servers = _servers(Path(folder), Path(superlink), int(ports[0]) if ports else None)
    return serve(servers, stop)


def _servers(folder: Path, superlink: Path, pages: int | None) -> dict[int, uvicorn.Server]:
    home, store = Home(folder), CoordinatorStore.open(folder)
    with store.read() as connection:
        address = address_of(connection)
    servers = {address.port: public_port(home, store, unix_seconds, address, superlink)}
    if pages is not None:
        servers[pages] = pages_port(store, unix_seconds, address, pages)
    return servers


def serve(servers: Mapping[int, uvicorn.Server], stop: Event) -> int:
    """Run the servers, by their ports, until `stop`. Returns the process's exit status."""
    threads = [Thread(target=server.run, name="web", daemon=True) for server in servers.values()]
    for thread in threads:
        thread.start()
    for (port, server), thread in zip(servers.items(), threads, strict=True):
        while not server.started and not stop.is_set():
            if not thread.is_alive():
                _say(f"{TAKEN} {port}")
                return 1
            stop.wait(0.05)
    _say(LISTENING)
    while not stop.wait(_THREADS_WATCHED_EVERY) and all(thread.is_alive() for thread in threads):
        pass
    for server in servers.values():
        server.should_exit = True
    for thread in threads:
        thread.join(8)
    return 0 if stop.is_set() else 1


def _say(line: str) -> None:
    """To the process that started this one."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
