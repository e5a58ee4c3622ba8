"""The public port's share of Flower, before a SuperLink of the test."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from coordinator.enrolment.fleet_login import FleetLogin
from coordinator.web.fleet_bodies import SMALL
from coordinator.web.fleet_proxy import FLEET_CALLS, fleet_routes
from node.enrolment.flower_key import new_key, public_line
from node.rounds.flower import _Signing

PULL, PUSH = "/v1/fleet/pull-messages", "/v1/fleet/push-object"
KEY = new_key()


@dataclass
class Upstream:
    """Stands where the SuperLink stands, on a socket, and keeps what it heard."""

    socket: Path
    heard: list[tuple[str, dict[bytes, bytes], bytes]] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    slow: float = 0.0

    async def answer(self, request: Request) -> Response:
        import asyncio

        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        body = await request.body()
        await asyncio.sleep(self.slow)
        self.busy -= 1
        self.heard.append((request.url.path, dict(request.scope["headers"]), body))
        headers = {"content-type": "application/protobuf", "flwr-note": "1", "set-cookie": "a=b"}
        return Response(b"ok:" + body, headers=headers)

    def serve(self) -> uvicorn.Server:
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])
        server = uvicorn.Server(uvicorn.Config(app, uds=str(self.socket), log_level="warning"))
        threading.Thread(target=server.run, daemon=True).start()
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        return server


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with TemporaryDirectory() as folder:
        made = Upstream(Path(folder) / "link.sock")
        server = made.serve()
        yield made
        server.should_exit = True


def app_before(socket: Path) -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    def page(path: str) -> str:
        return f"page {path}"

    app.router.routes[:0] = fleet_routes(socket, FleetLogin(lambda: [public_line(KEY)]))
    return app


@pytest.fixture
def public(upstream: Upstream) -> Iterator[TestClient]:
    with TestClient(app_before(upstream.socket), base_url="https://region.example") as client:
        yield client


def signed(key: ec.EllipticCurvePrivateKey = KEY, minutes: float = 0) -> dict[str, str]:
    """The headers by which a node logs in, made by the node's own code."""
    context = type("Context", (), {"request": httpx.Request("POST", "https://a/")})
    _Signing(key).intercept(context, lambda _: httpx.Response(200))
    headers = dict(context.request.headers)  # type: ignore[attr-defined]
    if minutes:
        from base64 import b64encode

        stamp = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
        made = key.sign(stamp.encode(), ec.ECDSA(hashes.SHA256()))
        headers |= {"flwr-timestamp": stamp, "flwr-signature": b64encode(made).decode()}
    return {name: value for name, value in headers.items() if name.startswith("flwr-")}


@pytest.mark.parametrize("call", FLEET_CALLS)
def test_each_fleet_call_is_forwarded_with_its_bytes(
    public: TestClient, upstream: Upstream, call: str
) -> None:
    answer = public.post(f"/v1/fleet/{call}", content=b"\x00\xff")
    assert (answer.status_code, answer.content) == (200, b"ok:\x00\xff")
    assert upstream.heard[0][0] == f"/v1/fleet/{call}"


def test_only_flowers_own_headers_pass_in_either_direction(
    public: TestClient, upstream: Upstream
) -> None:
    sent = {
        "flwr-signature": "s", "content-type": "application/protobuf", "cookie": "session=1",
        "authorization": "Bearer x", "x-forwarded-for": "1.2.3.4", "content-encoding": "gzip",
    }  # fmt: skip
    answer = public.post(PULL, content=b"", headers=sent)
    heard = upstream.heard[0][1]
    assert heard[b"flwr-signature"] == b"s"
    assert heard[b"content-type"] == b"application/protobuf"
    for name in (b"cookie", b"authorization", b"x-forwarded-for", b"content-encoding"):
        assert name not in heard
    assert answer.headers["flwr-note"] == "1"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("call", [call for call in FLEET_CALLS if not call.startswith("push")])
def test_a_call_that_brings_nothing_large_takes_nothing_large(
    public: TestClient, upstream: Upstream, call: str
) -> None:
    path = f"/v1/fleet/{call}"
    assert public.post(path, content=b"x" * SMALL, headers=signed()).status_code == 200
    assert public.post(path, content=b"x" * (SMALL + 1), headers=signed()).status_code == 413
    halves = iter([b"x" * SMALL, b"x"])
    assert public.post(path, content=halves, headers=signed()).status_code == 413
    assert len(upstream.heard) == 1


def test_a_large_body_is_taken_from_who_signed_and_from_nobody_else(
    public: TestClient, upstream: Upstream
) -> None:
    large = b"x" * (SMALL + 1)
    torn = signed() | {"flwr-signature": signed()["flwr-signature"][:-8] + "AAAAAAA="}
    other = signed() | {"flwr-timestamp": datetime.now(UTC).isoformat()}
    for headers in (
        {}, signed(new_key()), torn, other, signed(minutes=-6), signed(minutes=1),
        {"flwr-public-key": "%%%", "flwr-signature": "", "flwr-timestamp": ""},
        signed() | {"flwr-timestamp": "yesterday"},
    ):  # fmt: skip
        assert public.post(PUSH, content=large, headers=headers).status_code == 401
    assert upstream.heard == []
    assert public.post(PUSH, content=large, headers=signed()).content == b"ok:" + large
    assert public.post(PUSH, content=large, headers=signed(minutes=-4)).status_code == 200


def test_a_body_over_the_cap_is_refused_and_goes_no_further(
    public: TestClient, upstream: Upstream
) -> None:
    most = 16 * 2**20
    assert public.post(PUSH, content=b"x" * most, headers=signed()).status_code == 200
    assert public.post(PUSH, content=b"x" * (most + 1), headers=signed()).status_code == 413
    pieces = iter([b"x" * 2**20] * 17)
    assert public.post(PUSH, content=pieces, headers=signed()).status_code == 413
    assert len(upstream.heard) == 1


@pytest.mark.parametrize("value", ["é", "snow ☃", "\x7f", "\x01"])
def test_a_header_that_is_not_plain_ascii_is_refused_and_goes_no_further(
    public: TestClient, upstream: Upstream, value: str
) -> None:
    headers = {"flwr-signature": value.encode()}
    assert public.post(PULL, content=b"", headers=headers).status_code == 400
    assert upstream.heard == []


def test_few_requests_are_in_flight_however_many_nodes_ask(upstream: Upstream) -> None:
    import asyncio

    upstream.slow = 0.02
    transport = httpx.ASGITransport(app_before(upstream.socket))

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="https://region") as client:
            asked = [
                client.post(PULL, content=b"%d" % k, headers={"flwr-public-key": f"k{k}"})
                for k in range(100)
            ]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == [200] * 100
    assert upstream.busiest <= 8
    assert {body for _, _, body in upstream.heard} == {b"%d" % k for k in range(100)}


def test_one_node_may_have_a_few_calls_at_once_and_others_are_served_meanwhile(
    upstream: Upstream,
) -> None:
    import asyncio

    upstream.slow = 0.3
    transport = httpx.ASGITransport(app_before(upstream.socket))

    async def ask() -> tuple[list[int], int]:
        async with httpx.AsyncClient(transport=transport, base_url="https://region") as client:
            greedy = [
                client.post(PULL, content=b"", headers={"flwr-public-key": "greedy"})
                for _ in range(40)
            ]
            good = client.post(PULL, content=b"", headers={"flwr-public-key": "good"})
            *codes, last = await asyncio.gather(*greedy, good)
            return [answer.status_code for answer in codes], last.status_code

    codes, good = asyncio.run(ask())
    assert good == 200
    assert sorted(codes) == [200] * 8 + [429] * 32


def test_while_the_superlink_is_away_nodes_are_told_to_try_again(tmp_path: Path) -> None:
    with TestClient(app_before(tmp_path / "nobody.sock")) as client:
        answer = client.post(PULL, content=b"")
        assert (answer.status_code, answer.content) == (503, b"")


def test_a_superlink_that_was_away_is_found_again_by_the_same_proxy() -> None:
    with TemporaryDirectory() as folder:
        made = Upstream(Path(folder) / "link.sock")
        with TestClient(app_before(made.socket)) as client:
            assert client.post(PULL, content=b"").status_code == 503
            server = made.serve()
            assert client.post(PULL, content=b"").status_code == 200
            server.should_exit = True


@pytest.mark.parametrize(
    "path",
    [
        "/v1", "/v1/", "/v1/control/list-runs", "/V1/fleet/pull-messages",
        "/v1/fleet/pull-messages/",
        "/v1/fleet/pull-messages?x=1", "//v1/fleet/pull-messages", "/%76%31/fleet/pull-messages",
        "/v1%2ffleet/pull-messages", "/v1/fleet/%70ull-messages", "/./v1/control/list-runs",
        "/%2e%2e/v1/control/list-runs", "/v1\\control\\list-runs", "/v1/runtime/acquire-task",
        "/v1/fleet/register-node",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_exactly_a_fleet_call_is_found_by_neither_flower_nor_a_page(
    public: TestClient, upstream: Upstream, method: str, path: str
) -> None:
    url = httpx.URL("https://region.example").copy_with(raw_path=path.encode())
    assert public.request(method, url).status_code == 404
    assert upstream.heard == []


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS", "DELETE"])
def test_a_fleet_call_takes_no_other_method(
    public: TestClient, upstream: Upstream, method: str
) -> None:
    assert public.request(method, PULL).status_code == 404
    assert upstream.heard == []


def test_pages_beside_it_are_still_found(public: TestClient) -> None:
    assert public.get("/api/v1/releases").json() == "page api/v1/releases"
    assert public.get("/v12").json() == "page v12"
