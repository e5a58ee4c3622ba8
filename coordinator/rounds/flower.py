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
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import httpx
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.cli.build import build_fab_from_disk
from flwr.common.constant import SUPERLINK_NODE_ID, SubStatus
from flwr.common.serde import fab_to_proto, run_from_proto
from flwr.proto.control_pb2 import ListNodesRequest, RegisterNodeRequest, StartRunRequest
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    PullTaskInputRequest,
    PushTaskOutputRequest,
    SendTaskHeartbeatRequest,
)
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.fab import Fab
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.superlink.grid import HttpGrid

log = logging.getLogger("wegwijs.flower")

RECORD, FIELD = "w", "b"
_POLL = 0.25
_FRESH = 60.0
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


class RunLost(ConnectionError):
    """The run is gone or the SuperLink does not answer. What was open is sent again."""


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


class _Run:
    """One Flower run with its claimed task, kept alive by a heartbeat every ten seconds."""

    def __init__(self, link: Link) -> None:
        with _control(link) as control:
            request = StartRunRequest(fab=fab_to_proto(_stub()), federation="")
            self.run_id = int(control.StartRun(request).run_id)
        self._grid = _Grid(link.address, False, link.ca, token=_claim(link, self.run_id))
        given = self._grid.runtime.PullTaskInput(PullTaskInputRequest())
        self._grid.set_run(run_from_proto(given.run))
        self._over = threading.Event()
        self._lost = threading.Event()
        threading.Thread(target=self._beat, name="flower-run", daemon=True).start()

    def _beat(self) -> None:
        while not self._over.wait(10):
            try:
                alive = self._grid.runtime.SendTaskHeartbeat(SendTaskHeartbeatRequest()).success
            except httpx.TransportError:
                continue  # the SuperLink may come back within the minute a token lives
            except httpx.HTTPStatusError:
                alive = False
            if not alive:
                self._lost.set()
                return

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def online(self) -> frozenset[int]:
        return frozenset(self._grid.get_node_ids())

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
            ttl=600.0,
            message_type="query",
        )
        content = RecordDict({RECORD: ConfigRecord({FIELD: body})})
        return make_message(metadata=metadata, content=content)

    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | None]:
        """Return answers by message id; None where the message came to nothing."""
        found: dict[str, bytes | None] = {}
        for reply in self._grid.pull_messages(list(message_ids)):
            found[reply.metadata.reply_to_message_id] = (
                None if reply.has_error() else _bytes_of(reply)
            )
        return found

    def close(self) -> None:
        self._over.set()
        try:
            done = PushTaskOutputRequest(sub_status=SubStatus.COMPLETED, details="")
            self._grid.runtime.PushTaskOutput(done)
        except httpx.HTTPError:
            log.info("the run was gone already")
        self._grid.close()


def _bytes_of(message: Message) -> bytes | None:
    record = message.content.get(RECORD) if message.has_content() else None
    body = record.get(FIELD) if isinstance(record, ConfigRecord) else None
    return body if isinstance(body, bytes) else None


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


def register(link: Link, keys: Mapping[int, bytes]) -> dict[int, int]:
    """Let these centres connect. Returns roster id -> Flower node id; safe to repeat."""
    with _control(link) as control:
        known = {
            bytes(node.public_key): int(node.node_id)
            for node in control.ListNodes(ListNodesRequest()).nodes_info
        }
        ids: dict[int, int] = {}
        for centre, key in keys.items():
            if key not in known:
                name = f"centre-{centre}"
                made = control.RegisterNode(RegisterNodeRequest(public_key=key, name=name))
                known[key] = int(made.node_id)
            ids[centre] = known[key]
    return ids


@dataclass(slots=True)
class _Pending:
    body: bytes
    message_id: str
    since: float


class FlowerCarrier:
    """Carries bytes over Flower. Used from one thread; `close` it at the end."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._nodes: dict[int, int] = {}
        self._run: _Run | None = None
        self._pending: dict[int, _Pending] = {}

    def know(self, keys: Mapping[int, bytes]) -> None:
        """Register centres by their public key lines (roster id -> OpenSSH line)."""
        try:
            self._nodes.update(register(self._link, keys))
        except httpx.HTTPError:
            log.warning("the SuperLink does not answer; centres are registered later")

    def online(self) -> frozenset[int]:
        """Centres whose node is connected; empty while the SuperLink is away."""
        try:
            here = self._open().online()
        except (httpx.HTTPError, RunLost):
            self._drop()
            return frozenset()
        return frozenset(centre for centre, node in self._nodes.items() if node in here)

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        """Send and gather. A message that is still under way is not sent again for a minute."""
        waiting = {centre: body for centre, body in requests.items() if centre in self._nodes}
        deadline = time.monotonic() + seconds
        while waiting and time.monotonic() < deadline:
            try:
                self._push({c: b for c, b in waiting.items() if not self._under_way(c, b)})
                answered = self._pull(waiting)
            except (httpx.HTTPError, RunLost):
                self._drop()
                return
            for centre, body in answered.items():
                del waiting[centre]
                yield centre, body
            if waiting:
                time.sleep(_POLL)

    def _open(self) -> _Run:
        if self._run is not None and self._run.lost:
            self._drop()
        if self._run is None:
            self._run = _Run(self._link)
        return self._run

    def _drop(self) -> None:
        run, self._run = self._run, None
        self._pending.clear()
        if run is not None:
            run.close()

    def _under_way(self, centre: int, body: bytes) -> bool:
        pending = self._pending.get(centre)
        return (
            pending is not None
            and pending.body == body
            and time.monotonic() - pending.since < _FRESH
        )

    def _push(self, requests: Mapping[int, bytes]) -> None:
        if not requests:
            return
        taken = self._open().push({self._nodes[c]: body for c, body in requests.items()})
        for centre, body in requests.items():
            name = taken.get(self._nodes[centre])
            if name:
                self._pending[centre] = _Pending(body, name, time.monotonic())

    def _pull(self, waiting: Mapping[int, bytes]) -> dict[int, bytes]:
        """Answers of centres that are online: a pull for one that is away destroys its answer."""
        run = self._open()
        here = run.online()
        asked = {
            self._pending[c].message_id: c
            for c in waiting
            if c in self._pending and self._nodes[c] in here
        }
        if not asked:
            return {}
        answered: dict[int, bytes] = {}
        for name, body in run.pull(asked).items():
            centre = asked.get(name)
            if centre is None:
                continue
            self._pending.pop(centre, None)
            if body is not None:
                answered[centre] = body
        return answered

    def close(self) -> None:
        """End the run."""
        self._drop()
