"""SuperLink, TLS, the public port, and nodes on it that answer with their bytes turned round."""

import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from coordinator.carrier.flower import FlowerCarrier
from coordinator.carrier.flower_link import Link
from coordinator.carrier.superlink import Files, SuperLink, free_port
from coordinator.certificates import ensure_server_certificate, make_tls_authority
from coordinator.enrolment.fleet_login import FleetLogin
from coordinator.web.connections import Port, guarded
from coordinator.web.fleet_proxy import fleet_routes
from coordinator.web.ports import limits_of, server_tls
from node.enrolment.flower_key import new_key, private_pem, public_line

HERE = Path(__file__).parent


class Counted:
    """Notes which key asked for which path, and passes the request on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.calls: dict[bytes, list[str]] = defaultdict(list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            key = dict(scope["headers"]).get(b"flwr-public-key", b"")
            self.calls[key].append(scope["path"])
        await self._app(scope, receive, send)


@dataclass
class Edge:
    """SuperLink, public port and echo nodes, by number."""

    folder: Path
    superlink: SuperLink
    port: int
    link: Link
    carrier: FlowerCarrier
    server: uvicorn.Server
    seen: Counted
    keys: dict[int, bytes]
    nodes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, numbers: tuple[int, ...]) -> Self:
        """Start all but the nodes, and let these numbers connect."""
        tls = folder / "tls"
        make_tls_authority(tls, "test", int(time.time()))
        ensure_server_certificate(tls, [], int(time.time()))
        (folder / "secret").write_bytes(os.urandom(32))
        files = Files(folder / "link", tls / "ca.pem", tls / "server.pem", tls / "server.key",
                      folder / "secret")  # fmt: skip
        superlink = SuperLink(files).start()
        link = Link(superlink.socket, (folder / "secret").read_bytes())
        keys = {}
        for number in numbers:
            key = new_key()
            (folder / f"node-{number}.key").write_bytes(private_pem(key))
            keys[number] = public_line(key)
        port, seen = free_port(), Counted(_fleet(superlink, keys))
        carrier = FlowerCarrier(link)
        carrier.know(keys)
        server = _serve(seen, tls, port)
        return cls(folder, superlink, port, link, carrier, server, seen, keys)

    @property
    def ca(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def key_file(self, number: int) -> Path:
        return self.folder / f"node-{number}.key"

    def start_node(self, number: int) -> None:
        words = [sys.executable, str(HERE / "echo_node.py"), f"127.0.0.1:{self.port}",
                 str(self.ca), str(self.key_file(number))]  # fmt: skip
        with (self.folder / f"node-{number}.log").open("ab") as sink:
            self.nodes[number] = subprocess.Popen(words, stdout=sink, stderr=sink)

    def wait_online(self, wanted: set[int], seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not wanted <= self.carrier.online():
            assert time.monotonic() < deadline, f"only {self.carrier.online()} came online"
            time.sleep(0.3)

    def ask(self, text: bytes, nodes: set[int], seconds: float = 90) -> dict[int, bytes]:
        return dict(self.carrier.exchange(dict.fromkeys(nodes, text), seconds=seconds))

    def close(self) -> None:
        for process in self.nodes.values():
            process.kill()
            process.wait()
        self.carrier.close()
        self.server.should_exit = True
        self.superlink.stop()


def _fleet(superlink: SuperLink, keys: dict[int, bytes]) -> ASGIApp:
    login = FleetLogin(lambda: list(keys.values()))
    return Starlette(routes=fleet_routes(superlink.socket, login))


def _serve(app: ASGIApp, folder: Path, port: int) -> uvicorn.Server:
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(guarded(config, Port(limits_of(()), server_tls(folder))))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server
