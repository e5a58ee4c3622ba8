"""The two ports: the public one over TLS, and the pages in plain HTTP on loopback alone.

The second is for a reverse proxy or a browser on the same machine; nothing of Flower is there.
"""

from collections.abc import Callable
from typing import Any

import uvicorn

from coordinator.enrol.office import Address, Office
from coordinator.serve.fleet_proxy import fleet_routes
from coordinator.serve.public import public_app
from coordinator.store import CoordinatorStore

_SHARED: dict[str, Any] = {
    "log_config": None, "access_log": False, "server_header": False,
    "timeout_graceful_shutdown": 3,
}  # fmt: skip


def public_port(
    office: Office,
    store: CoordinatorStore,
    clock: Callable[[], int],
    address: Address,
    superlink: str,
) -> uvicorn.Server:
    """Pages, API, enrolment and the fleet calls, over TLS. `superlink`: host:port."""
    tls = office.tls
    fleet = fleet_routes(superlink, (tls / "ca.pem").read_bytes())
    return uvicorn.Server(
        uvicorn.Config(
            public_app(store, clock, fleet, address.url),
            host=address.host,
            port=address.port,
            ssl_certfile=tls / "server.pem",
            ssl_keyfile=tls / "server.key",
            **_SHARED,
        )
    )


def pages_port(
    store: CoordinatorStore, clock: Callable[[], int], address: Address, port: int
) -> uvicorn.Server:
    """Pages and API on 127.0.0.1."""
    app = public_app(store, clock, [], address.url)
    return uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, **_SHARED))
