"""A TCP relay on 127.0.0.1 that keeps all bytes of both directions."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Recorded:
    """One connection."""

    client: bytearray = field(default_factory=bytearray)
    server: bytearray = field(default_factory=bytearray)


class Relay:
    """Listens on a port of its own and passes everything on to `port`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections: list[Recorded] = []
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=10)
            except OSError:
                near.close()  # the coordinator is away
                continue
            far.settimeout(None)
            kept = Recorded()
            self.connections.append(kept)
            for source, sink, seen in ((near, far, kept.client), (far, near, kept.server)):
                threading.Thread(target=_pump, args=(source, sink, seen), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket, seen: bytearray) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            seen += data
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
