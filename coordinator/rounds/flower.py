"""The coordinator's one door to Flower: it drives the SuperLink in process.

A run is only a carrier: opened when there is something to say, thrown away when it is lost.
Its app package is a stub that nobody ever runs; the ServerApp's task is claimed by this
process, and its token used with Flower's grid.
"""

import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.cli.build import build_fab_from_disk
from flwr.common.constant import SUPERLINK_NODE_ID, SubStatus
from flwr.common.serde import fab_to_proto, run_from_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    RegisterNodeRequest,
    StartRunRequest,
    UnregisterNodeRequest,
)
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    PullTaskInputRequest,
    PushTaskOutputRequest,
    SendTaskHeartbeatRequest,
)
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
from flwr.superlink.grid import HttpGrid

from coordinator.rounds.errands import MESSAGE_SECONDS, LinkAway, Nothing, RunCarrier, RunLost

log = logging.getLogger("wegwijs.flower")

RECORD, FIELD = "w", "b"
_UNKNOWN = 0
_CHUNK = 25
_TASK = "flwr-serverapp"
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
    """Where the SuperLink listens and how to claim its tasks."""

    address: str
    ca: bytes
    secret: bytes


class _Grid(HttpGrid):  # type: ignore[misc] # Flower ships no types that strict mode accepts
    """Flower's grid without its retry invoker, which interrupts the process on a 401."""

    def _connect(self) -> None:
        self._client = RuntimeHttpClient.from_server_address(
            self._addr,
            self._insecure,
            self._cert,
            interceptors=[
                RuntimeVersionHttpInterceptor(component_name=_TASK),
                RuntimeTokenHttpInterceptor(self._token),
            ],
            retry_invoker=None,
        )

    @property
    def runtime(self) -> RuntimeHttpClient:
        """The client of the Runtime API."""
        return self._runtime_client


def _stub() -> Fab:
    """An app package that builds and is never run."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pyproject.toml").write_text(_PYPROJECT, encoding="utf-8")
        (root / "carrier").mkdir()
        (root / "carrier" / "__init__.py").write_text("", encoding="utf-8")
        (root / "carrier" / "app.py").write_text("app = None\n", encoding="utf-8")
        body = build_fab_from_disk(root)
    return Fab(hashlib.sha256(body).hexdigest(), body, {})


@contextmanager
def _named() -> Iterator[None]:
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


class _Run:
    """One Flower run with its claimed task, kept alive by a heartbeat every ten seconds."""

    @_named()
    def __init__(self, link: Link) -> None:
        with _control(link) as control:
            request = StartRunRequest(fab=fab_to_proto(_stub()), federation="")
            self.run_id = int(control.StartRun(request).run_id)
        self._grid = _Grid(link.address, False, link.ca, token=_claim(link, self.run_id))
        given = self._grid.runtime.PullTaskInput(PullTaskInputRequest())
        self._grid.set_run(run_from_proto(given.run))
        self._over, self._lost = threading.Event(), threading.Event()
        threading.Thread(target=self._beat, name="flower-run", daemon=True).start()

    def _beat(self) -> None:
        while not self._over.wait(10):
            try:
                alive = self._grid.runtime.SendTaskHeartbeat(SendTaskHeartbeatRequest()).success
            except (httpx.TransportError, RuntimeError):
                continue  # away, or closed just now: a token lives a minute
            except httpx.HTTPStatusError as error:
                alive = error.response.status_code >= 500
            if not alive:
                self._lost.set()
                return

    @property
    def lost(self) -> bool:
        """Whether its heartbeat was refused."""
        return self._lost.is_set()

    @_named()
    def online(self) -> frozenset[int]:
        """Flower's ids of nodes that are connected."""
        return frozenset(self._grid.get_node_ids())

    @_named()
    def push(self, requests: Mapping[int, bytes]) -> dict[int, str]:
        """Return the message id for each Flower node whose message was taken."""
        nodes = list(requests)
        ids: list[str] = []
        for start in range(0, len(nodes), _CHUNK):
            chunk = nodes[start : start + _CHUNK]
            ids += self._grid.push_messages([self._message(n, requests[n]) for n in chunk])
        return {node: name for node, name in zip(nodes, ids, strict=False) if name}

    def _message(self, node: int, body: bytes) -> Message:
        metadata = Metadata(
            run_id=self.run_id,
            message_id="",
            src_node_id=SUPERLINK_NODE_ID,
            dst_node_id=node,
            reply_to_message_id="",
            group_id="round",
            created_at=time.time(),
            ttl=MESSAGE_SECONDS,
            message_type="query",
        )
        content = RecordDict({RECORD: ConfigRecord({FIELD: body})})
        return make_message(metadata=metadata, content=content)

    @_named()
    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | Nothing]:
        """Return answers by message id, or why a message came to nothing."""
        replies = self._grid.pull_messages(list(message_ids))
        return {reply.metadata.reply_to_message_id: _found(reply) for reply in replies}

    def close(self) -> None:
        """Finish the run; if that fails it ends by itself within a minute."""
        self._over.set()
        try:
            done = PushTaskOutputRequest(sub_status=SubStatus.COMPLETED, details="")
            self._grid.runtime.PushTaskOutput(done)
        except httpx.HTTPError:
            log.info("the run was gone already")
        self._grid.close()


def _found(reply: Message) -> bytes | Nothing:
    if reply.has_error():
        return Nothing(int(reply.error.code))
    record = reply.content.get(RECORD)
    body = record.get(FIELD) if isinstance(record, ConfigRecord) else None
    return body if isinstance(body, bytes) else Nothing(_UNKNOWN)


def _control(link: Link) -> ControlHttpClient:
    version = RuntimeVersionHttpInterceptor(component_name="flwr-cli")
    return ControlHttpClient.from_server_address(
        link.address, False, link.ca, interceptors=[version]
    )


def _claim(link: Link, run_id: int) -> str:
    """Claim this run's task; older tasks, of runs that were lost, are claimed and left to end."""
    boss = RuntimeHttpClient.from_server_address(
        link.address,
        False,
        link.ca,
        interceptors=[
            RuntimeVersionHttpInterceptor(component_name="SuperExec"),
            SuperExecAuthHttpInterceptor(
                master_secret=link.secret,
                protected_methods={"/flwr.proto.Runtime/AcquireTask"},
            ),
        ],
    )
    with boss:
        for _ in range(50):
            got = boss.AcquireTask(AcquireTaskRequest(supported_task_types=[_TASK]))
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
    """Let these centres connect. Returns roster id -> Flower node id; safe to repeat."""
    with _control(link) as control:
        known = {
            bytes(node.public_key): int(node.node_id)
            for node in control.ListNodes(ListNodesRequest()).nodes_info
        }
        ids: dict[int, int] = {}
        for centre, line in keys.items():
            key = public_key_to_bytes(_public(line))
            if key not in known:
                name = f"centre-{centre}"
                made = control.RegisterNode(RegisterNodeRequest(public_key=key, name=name))
                known[key] = int(made.node_id)
            ids[centre] = known[key]
    return ids


def unregister(link: Link, nodes: Iterable[int]) -> None:
    """Let these Flower nodes connect no more."""
    with _control(link) as control:
        for node in nodes:
            control.UnregisterNode(UnregisterNodeRequest(node_id=node))


class FlowerCarrier(RunCarrier):
    """Carries bytes over Flower. Used from one thread; `close` it at the end."""

    def __init__(self, link: Link) -> None:
        super().__init__(lambda: _Run(link))
        self._link = link

    def know(self, keys: Mapping[int, bytes]) -> None:
        """Register centres by their public key lines (roster id -> OpenSSH line)."""
        try:
            self._nodes.update(register(self._link, keys))
        except httpx.TransportError:
            log.warning("the SuperLink does not answer; centres are registered later")

    def forget(self, centres: Iterable[int]) -> None:
        """Let these centres connect no more. Unknown ones are skipped."""
        gone = [centre for centre in centres if centre in self._nodes]
        unregister(self._link, [self._nodes[centre] for centre in gone])
        for centre in gone:
            del self._nodes[centre]
