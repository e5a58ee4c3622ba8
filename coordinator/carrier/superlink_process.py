"""The SuperLink's own process: Flower's command, listening on a Unix socket instead of a port.

    python -m coordinator.carrier.superlink_process SOCKET [options of flower-superlink]

Flower's command has no option for a socket; the server it uses has one. Before Flower's
application stands ours, which answers the frequent calls with Flower's own handlers.
"""

import os
import sys
from importlib.metadata import entry_points
from typing import Any

import uvicorn

from coordinator.carrier.flower_calls import FrequentCalls

_OF_A_PORT = ("host", "port", "ssl_keyfile", "ssl_certfile")


def main() -> None:
    """Serve until a signal."""
    path, *words = sys.argv[1:]
    os.umask(0o077)
    serve = uvicorn.run

    def on_socket(app: Any, **options: Any) -> None:
        kept = {name: value for name, value in options.items() if name not in _OF_A_PORT}
        serve(FrequentCalls(app), **{**kept, "uds": path, "access_log": False})

    uvicorn.run = on_socket
    (command,) = entry_points(group="console_scripts", name="flower-superlink")
    sys.argv = ["flower-superlink", *words]
    command.load()()


if __name__ == "__main__":
    main()
