"""How this process drives the SuperLink: over a Unix socket that no other user can reach.

Nodes are registered, runs are opened and their tasks claimed here; what a run carries is in
`flower`.
"""

import hashlib
import os
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from flwr.cli.build import build_fab_from_disk
from flwr.common.serde import fab_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    RegisterNodeRequest,
    StartRunRequest,
    StopRunRequest,
)
from flwr.proto.runtime_pb2 import AcquireTaskRequest
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.fab import Fab
from flwr.supercore.inflatable.inflatable_utils import ObjectPushError
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supercore.runtime import RuntimeHttpClient

from coordinator.carrier.delivery import LinkAway, RunLost

TASK = "flwr-serverapp"
_SECONDS = 30.0
_PYPROJECT = """[project]
name = "carrier"
version = "1.0.0"
dependencies = ["flwr>=1.41.0,<1.42"]
[tool.flwr.app]
publisher = "wegwijs"
[tool.flwr.app.components]
serverapp = "carrier.app:app"
clientapp = "carrier.app:app"
"""


@dataclass(frozen=True, slots=True)
class Link:
    """The socket at which the SuperLink listens, and the secret that claims its tasks."""

    socket: Path
    secret: bytes = field(repr=False)


class _OnSocket:
    """A client of Flower's, on the socket; without its retries, which end the process on a 401."""

    def __init__(self, link: Link, interceptors: list[Any]) -> None:
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # else one is made with all authorities
        super().__init__("http://superlink", interceptors=interceptors, verify=unused)  # type: ignore[call-arg]
        transport = httpx.HTTPTransport(uds=str(link.socket))
        self._client = httpx.Client(transport=transport, timeout=_SECONDS)


class Control(_OnSocket, ControlHttpClient):  # type: ignore[misc] # Flower ships no strict types
    """Flower's Control API."""


class Runtime(_OnSocket, RuntimeHttpClient):  # type: ignore[misc] # Flower ships no strict types
    """Flower's Runtime API."""


@contextmanager
def named() -> Iterator[None]:
    """Give Flower's failures the two names that matter: gone for ever, or away for now."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        if code in (401, 403, 404):
            raise RunLost(f"the SuperLink answered {code}") from error
        raise LinkAway(f"the SuperLink answered {code}") from error
    except (httpx.TransportError, ObjectPushError) as error:
        raise LinkAway("the SuperLink does not answer") from error


def control(link: Link) -> Control:
    """A client of the Control API."""
    return Control(link, [RuntimeVersionHttpInterceptor(component_name="flwr-cli")])


def runtime(link: Link, token: str) -> Runtime:
    """A client of the Runtime API, for the run that the token was given for."""
    version = RuntimeVersionHttpInterceptor(component_name=TASK)
    return Runtime(link, [version, RuntimeTokenHttpInterceptor(token)])


def start_run(link: Link) -> tuple[int, str]:
    """Open a run and claim its task. Returns (run id, token). Raises RunLost or LinkAway."""
    with named():
        with control(link) as client:
            request = StartRunRequest(fab=fab_to_proto(stub_app()), federation="")
            run_id = int(client.StartRun(request).run_id)
        return run_id, _claim(link, run_id)


def stop_run(link: Link, run_id: int) -> None:
    """End a run; its messages and their objects are let go of. Raises RunLost or LinkAway."""
    with named(), control(link) as client:
        client.StopRun(StopRunRequest(run_id=run_id))


def stub_app() -> Fab:
    """An app package that builds and is never run."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
        (root / "carrier").mkdir()
        (root / "carrier" / "__init__.py").write_text("", encoding="utf-8")
        (root / "carrier" / "app.py").write_text("app = None\n", encoding="utf-8")
        body = build_fab_from_disk(root)
    return Fab(hashlib.sha256(body).hexdigest(), body, {})


def _claim(link: Link, run_id: int) -> str:
    """Claim this run's task; older tasks, of runs that were lost, are claimed and left to end."""
    version = RuntimeVersionHttpInterceptor(component_name="SuperExec")
    login = SuperExecAuthHttpInterceptor(
        master_secret=link.secret, protected_methods={"/flwr.proto.Runtime/AcquireTask"}
    )
    with Runtime(link, [version, login]) as boss:
        for _ in range(50):
            got = boss.AcquireTask(AcquireTaskRequest(supported_task_types=[TASK]))
            if got.token and got.task.run_id == run_id:
                return str(got.token)
            if not got.token:
                time.sleep(0.1)
    raise RunLost("the task of the run could not be claimed")


def _public(line: bytes) -> ec.EllipticCurvePublicKey:
    key = load_ssh_public_key(line)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not an elliptic-curve key")  # noqa: TRY004 - the bytes are wrong
    return key


def register(link: Link, keys: Mapping[int, bytes]) -> dict[int, int]:
    """Let these centres connect. Returns roster id -> Flower node id; safe to repeat.

    Raises RunLost or LinkAway.
    """
    with named(), control(link) as client:
        known = {
            bytes(node.public_key): int(node.node_id)
            for node in client.ListNodes(ListNodesRequest()).nodes_info
        }
        ids: dict[int, int] = {}
        for centre, line in keys.items():
            key = public_key_to_bytes(_public(line))
            if key not in known:
                name = f"centre-{centre}"
                made = client.RegisterNode(RegisterNodeRequest(public_key=key, name=name))
                known[key] = int(made.node_id)
            ids[centre] = known[key]
    return ids
