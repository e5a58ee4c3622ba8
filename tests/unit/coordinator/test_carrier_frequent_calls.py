"""The frequent calls answer exactly as Flower's own application, whoever calls with whatever."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.common.constant import NOOP_ACCOUNT_NAME, NOOP_FLWR_AID, TIMESTAMP_HEADER
from flwr.common.serde import fab_to_proto
from flwr.proto import control_pb2, fleet_pb2, heartbeat_pb2, message_pb2, runtime_pb2
from flwr.proto.node_pb2 import Node
from flwr.supercore import constant as flower
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supercore.version import package_name, package_version
from flwr.superlink.main import create_app

from coordinator.carrier.flower_calls import FREQUENT, FrequentCalls
from coordinator.carrier.flower_link import TASK, stub_app

FLEET = sorted(path for path in FREQUENT if path.startswith("/v1/fleet/"))
RUNTIME = sorted(path for path in FREQUENT if path.startswith("/v1/runtime/"))
TYPE = {"content-type": "application/protobuf"}
VERSION = {
    flower.FLWR_PACKAGE_NAME_METADATA_KEY: package_name,
    flower.FLWR_PACKAGE_VERSION_METADATA_KEY: package_version,
    flower.FLWR_COMPONENT_NAME_METADATA_KEY: "flwr-serverapp",
}


@dataclass
class Counting:
    """Flower's application, and how many calls came so far."""

    app: Any
    calls: int = 0

    @property
    def state(self) -> Any:
        return self.app.state

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls += 1
        await self.app(scope, receive, send)


@dataclass
class Link:
    """A SuperLink with one node that is online and one run that goes on."""

    plain: Any
    behind: Counting
    ours: FrequentCalls
    key: ec.EllipticCurvePrivateKey
    node: int
    run: int
    token: str

    def ask(self, app: Any, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://link") as client:
                return await client.post(path, content=body, headers=headers)

        return asyncio.run(call())

    def signed(
        self, key: ec.EllipticCurvePrivateKey | None = None, age: float = 2
    ) -> dict[str, str]:
        key = key or self.key
        stamp = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        signature = key.sign(stamp.encode(), ec.ECDSA(hashes.SHA256()))
        named = public_key_to_bytes(key.public_key())
        return {
            **TYPE, TIMESTAMP_HEADER: stamp,
            flower.FLEET_HTTP_SIGNATURE_HEADER: b64encode(signature).decode(),
            flower.FLEET_HTTP_PUBLIC_KEY_HEADER: b64encode(named).decode(),
        }  # fmt: skip

    def of_run(self) -> dict[str, str]:
        return {**TYPE, **VERSION, flower.TASK_TOKEN_HEADER: self.token}

    def right(self, path: str) -> bytes:
        """A message that this call can carry out without changing anything."""
        node, superlink = Node(node_id=self.node), Node(node_id=1)
        run, name = self.run, "0" * 64
        asks: dict[str, Any] = {
            "/v1/fleet/send-node-heartbeat": heartbeat_pb2.SendNodeHeartbeatRequest(
                node=node, heartbeat_interval=20
            ),
            "/v1/fleet/pull-messages": fleet_pb2.PullMessagesRequest(node=node),
            "/v1/fleet/pull-object": message_pb2.PullObjectRequest(
                node=node, run_id=run, object_id=name
            ),
            "/v1/fleet/push-object": message_pb2.PushObjectRequest(
                node=node, run_id=run, object_id=name, object_content=b"x"
            ),
            "/v1/fleet/confirm-message-received": message_pb2.ConfirmMessageReceivedRequest(
                node=node, run_id=run, message_object_id=name
            ),
            "/v1/runtime/get-nodes": runtime_pb2.GetNodesRequest(),
            "/v1/runtime/pull-messages": runtime_pb2.PullAppMessagesRequest(),
            "/v1/runtime/pull-object": message_pb2.PullObjectRequest(
                node=superlink, run_id=run, object_id=name
            ),
            "/v1/runtime/push-object": message_pb2.PushObjectRequest(
                node=superlink, run_id=run, object_id=name, object_content=b"x"
            ),
            "/v1/runtime/confirm-message-received": message_pb2.ConfirmMessageReceivedRequest(
                node=superlink, run_id=run, message_object_id=name
            ),
        }
        return bytes(asks[path].SerializeToString())


def parsed(link: Link, path: str, message: Any, kind: Any, headers: dict[str, str]) -> Any:
    answer = link.ask(link.plain, path, message.SerializeToString(), headers)
    assert answer.status_code == 200, answer.content
    found = kind()
    found.ParseFromString(answer.content)
    return found


@pytest.fixture(scope="module")
def link() -> Link:
    app = create_app()
    state = app.state.linkstate_factory.state()
    key = ec.generate_private_key(ec.SECP256R1())
    public = public_key_to_bytes(key.public_key())
    node = state.create_node(NOOP_FLWR_AID, NOOP_ACCOUNT_NAME, public, 30)
    assert state.activate_node(node, 30)
    behind = Counting(app)
    made = Link(app, behind, FrequentCalls(behind), key, node, 0, "")
    asked = control_pb2.StartRunRequest(fab=fab_to_proto(stub_app()), federation="")
    headers = {**TYPE, **VERSION}
    made.run = parsed(
        made, "/v1/control/start-run", asked, control_pb2.StartRunResponse, headers
    ).run_id
    given = parsed(
        made, "/v1/runtime/acquire-task",
        runtime_pb2.AcquireTaskRequest(supported_task_types=[TASK]),
        runtime_pb2.AcquireTaskResponse, headers,
    )  # fmt: skip
    made.token = given.token
    parsed(made, "/v1/runtime/pull-task-input", runtime_pb2.PullTaskInputRequest(),
           runtime_pb2.PullTaskInputResponse, made.of_run())  # fmt: skip
    return made


def both(link: Link, path: str, body: bytes, headers: dict[str, str]) -> tuple[Any, Any]:
    said = [link.ask(app, path, body, headers) for app in (link.plain, link.ours)]
    first, second = (
        (one.status_code, one.headers.get("content-type"), one.content) for one in said
    )
    return first, second


def test_all_twelve_frequent_calls_are_among_those_that_flower_serves(link: Link) -> None:
    from flwr.supercore.protobuf.translation import PROTOBUF_REQUEST_TYPES

    assert len(FREQUENT) == 12
    assert {("POST", path) for path in FREQUENT} <= set(PROTOBUF_REQUEST_TYPES)


@pytest.mark.parametrize("path", [p for p in FLEET + RUNTIME if "push-messages" not in p])
def test_a_good_call_is_answered_alike_and_does_not_reach_flowers_application(
    link: Link, path: str
) -> None:
    headers = link.signed() if path in FLEET else link.of_run()
    before = link.behind.calls
    plain, ours = both(link, path, link.right(path), headers)
    assert (plain, ours[0]) == (ours, 200)
    assert link.behind.calls == before


Spoil = Callable[[Link], dict[str, str]]
STRANGER = ec.generate_private_key(ec.SECP256R1())
WRONG_LOGINS: dict[str, Spoil] = {
    "unsigned": lambda link: dict(TYPE),
    "stale": lambda link: link.signed(age=400),
    "from the future": lambda link: link.signed(age=-60),
    "a stranger": lambda link: link.signed(STRANGER),
    "another's name": lambda link: {
        **link.signed(STRANGER),
        flower.FLEET_HTTP_PUBLIC_KEY_HEADER: link.signed()[flower.FLEET_HTTP_PUBLIC_KEY_HEADER],
    },
    "no signature": lambda link: {**link.signed(), flower.FLEET_HTTP_SIGNATURE_HEADER: ""},
    "only a run's token": lambda link: link.of_run(),
}


@pytest.mark.parametrize("login", sorted(WRONG_LOGINS))
@pytest.mark.parametrize("path", FLEET)
def test_a_node_that_did_not_sign_is_refused_as_flower_refuses_it(
    link: Link, path: str, login: str
) -> None:
    body = link.right(path) if "push-messages" not in path else b""
    plain, ours = both(link, path, body, WRONG_LOGINS[login](link))
    assert (plain, ours[0]) == (ours, 401)


def test_a_node_speaks_for_no_other(link: Link) -> None:
    asked = fleet_pb2.PullMessagesRequest(node=Node(node_id=link.node + 1)).SerializeToString()
    plain, ours = both(link, "/v1/fleet/pull-messages", asked, link.signed())
    assert (plain, ours[0]) == (ours, 401)


@pytest.mark.parametrize("token", ["", "another", None])
@pytest.mark.parametrize("path", RUNTIME)
def test_the_runtime_calls_want_the_token_of_their_run(
    link: Link, path: str, token: str | None
) -> None:
    headers = link.of_run()
    headers.pop(flower.TASK_TOKEN_HEADER)
    if token is not None:
        headers[flower.TASK_TOKEN_HEADER] = token
    body = link.right(path) if "push-messages" not in path else b""
    plain, ours = both(link, path, body, headers)
    assert (plain, ours[0]) == (ours, 401)


def test_another_version_of_flower_is_refused_as_flower_refuses_it(link: Link) -> None:
    headers = {**link.of_run(), flower.FLWR_PACKAGE_VERSION_METADATA_KEY: "1.2.0"}
    plain, ours = both(link, "/v1/runtime/get-nodes", b"", headers)
    assert plain == ours
    assert ours[0] >= 400


@pytest.mark.parametrize("path", FLEET + RUNTIME)
def test_noise_and_other_kinds_of_body_are_refused_as_flower_refuses_them(
    link: Link, path: str
) -> None:
    headers = link.signed() if path in FLEET else link.of_run()
    noise = both(link, path, b"\xff\xff\xff\xff", headers)
    assert noise[0] == noise[1]
    other = both(link, path, b"{}", {**headers, "content-type": "application/json"})
    assert other[0] == other[1]
    assert noise[0][0] >= 400 <= other[0][0]


def test_a_call_of_a_run_that_is_over_is_refused_as_flower_refuses_it(link: Link) -> None:
    state = link.plain.state.linkstate_factory.state()
    headers = {**TYPE, **VERSION}
    asked = control_pb2.StartRunRequest(fab=fab_to_proto(stub_app()), federation="")
    over = parsed(
        link, "/v1/control/start-run", asked, control_pb2.StartRunResponse, headers
    ).run_id
    assert state.stop_run(over)
    body = message_pb2.PullObjectRequest(
        node=Node(node_id=link.node), run_id=over, object_id="0" * 64
    ).SerializeToString()
    plain, ours = both(link, "/v1/fleet/pull-object", body, link.signed())
    assert (plain, ours[0]) == (ours, 403)


def test_every_other_address_goes_to_flower(link: Link) -> None:
    before = link.behind.calls
    for path in ("/v1/control/list-runs", "/v1/fleet/pull-messages/", "/health", "/docs"):
        plain, ours = both(link, path, b"", dict(TYPE))
        assert plain[0] == ours[0]
    assert link.behind.calls == before + 4
