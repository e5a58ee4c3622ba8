"""A port on 127.0.0.1 with an application behind it that notes what reaches it."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from coordinator.web.connections import Port, PortLimits, guarded
from coordinator.web.ports import _believed, server_tls

LARGE = b"x" * 40_000_000


@dataclass
class Heard:
    """The application behind the port: it notes what reaches it."""

    requests: int = 0
    client: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.requests += 1
        self.client = scope["client"][0]
        more = scope["method"] == "POST"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            more = message.get("more_body", False)
        body = LARGE if scope["path"] == "/large" else b"good"
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Served:
    """A running port."""

    heard: Heard
    port: int
    counted: Port

    def line(self, seconds: float = 5) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def good(self) -> None:
        """A good client is served at once."""
        began = time.monotonic()
        bare = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        bare.request("POST", "/", body=b"hello")
        assert bare.getresponse().read() == b"good"
        bare.close()
        assert time.monotonic() - began < 2


@contextmanager
def serving(
    limits: PortLimits, tls: Path | None = None, forwarders: tuple[str, ...] = ()
) -> Iterator[Served]:
    heard = Heard()
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    config = uvicorn.Config(
        heard, host="127.0.0.1", port=number, log_config=None, access_log=False, lifespan="off",
        ws="none", timeout_keep_alive=2, timeout_graceful_shutdown=1, **_believed(forwarders),
    )  # fmt: skip
    port = Port(limits, server_tls(tls) if tls else None)
    server = uvicorn.Server(guarded(config, port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield Served(heard, number, port)
    server.should_exit = True
    thread.join(10)
