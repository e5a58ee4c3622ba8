"""The two ports: the public one over TLS, and the pages in plain HTTP on loopback alone.

The second is for a reverse proxy or a browser on the same machine; nothing of Flower is there.
Who stands before them is believed about a reader's address only when it was named.
"""

import gc
import resource
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from fastapi import FastAPI

from coordinator.enrolment.fleet_login import FleetLogin
from coordinator.home import Address, Home
from coordinator.store import CoordinatorStore, centres
from coordinator.web.application import public_app
from coordinator.web.connections import Port, PortLimits, guarded
from coordinator.web.fleet_proxy import fleet_routes

_KEEP_ALIVE = 30  # seconds; a node asks every ten, and need not shake hands again
_SHARED: dict[str, Any] = {
    "log_config": None, "access_log": False, "server_header": False, "ws": "none",
    "timeout_graceful_shutdown": 3, "timeout_keep_alive": _KEEP_ALIVE,
}  # fmt: skip
_OWN_FILES, _MOST_FILES = 200, 65_536


def public_port(
    home: Home,
    store: CoordinatorStore,
    clock: Callable[[], int],
    address: Address,
    superlink: Path,
) -> uvicorn.Server:
    """Pages, API, enrolment and the fleet calls, over TLS. `superlink`: its socket."""

    def lines() -> list[bytes]:
        with store.read() as connection:
            return list(centres.flower_keys(connection).values())

    app = public_app(store, clock, fleet_routes(superlink, FleetLogin(lines)), address.url)
    _warm(app)
    config = uvicorn.Config(
        app, host=address.host, port=address.port, **_SHARED, **_believed(address.forwarders)
    )
    limits = limits_of(address.forwarders)
    return uvicorn.Server(guarded(config, Port(limits, server_tls(home.tls))))


def pages_port(
    store: CoordinatorStore, clock: Callable[[], int], address: Address, port: int
) -> uvicorn.Server:
    """Pages and API on 127.0.0.1."""
    app = public_app(store, clock, [], address.url)
    _warm(app)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, **_SHARED, **_believed(address.forwarders)
    )
    return uvicorn.Server(guarded(config, Port(limits_of(address.forwarders))))


def _warm(app: FastAPI) -> None:
    """Read every release, and let the garbage collector pass over what then stays for good."""

    def warm() -> None:
        app.state.release_cache.warm()
        gc.collect()
        gc.freeze()

    Thread(target=warm, name="warm", daemon=True).start()


def server_tls(folder: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with the certificate in this folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.set_alpn_protocols(["http/1.1"])
    return context


def limits_of(forwarders: tuple[str, ...]) -> PortLimits:
    """As many connections as this process may have files, for that is what each of them is."""
    usual = PortLimits()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return replace(
        usual,
        connections=max(50, min(usual.connections, (files - _OWN_FILES) // 2)),
        spared=usual.spared | set(forwarders),
    )


def _believed(forwarders: tuple[str, ...]) -> dict[str, Any]:
    """Whose X-Forwarded-For counts: nobody's, unless it was named."""
    return {"proxy_headers": bool(forwarders), "forwarded_allow_ips": list(forwarders)}
