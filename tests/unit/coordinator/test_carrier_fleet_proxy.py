"""The public port's share of Flower, before a SuperLink of the test."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from coordinator.enrol.certificates import make_tls_authority
from coordinator.serve.fleet_proxy import FLEET_CALLS, FleetRoute, fleet_routes

PULL = "/v1/fleet/pull-messages"


class Upstream:
    """Stands where the SuperLink stands, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[httpx.Request] = []
        self.fails: httpx.TransportError | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        if self.fails:
            raise self.fails
        headers = {"content-type": "application/protobuf", "flwr-note": "1", "set-cookie": "a=b"}
        return httpx.Response(200, content=b"ok:" + request.content, headers=headers)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def public(upstream: Upstream, tmp_path: Path) -> Iterator[TestClient]:
    make_tls_authority(tmp_path, "test", 1_700_000_000)
    routes = fleet_routes("127.0.0.1:9", (tmp_path / "ca.pem").read_bytes(), 1000)
    route = routes[0]
    assert isinstance(route, FleetRoute)
    route._client = httpx.AsyncClient(
        base_url="https://upstream", transport=httpx.MockTransport(upstream.answer)
    )
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    def page(path: str) -> str:
        return f"page {path}"

    app.router.routes[:0] = routes
    with TestClient(app, base_url="https://region.example") as client:
        yield client


@pytest.mark.parametrize("call", FLEET_CALLS)
def test_each_fleet_call_is_forwarded_with_its_bytes(
    public: TestClient, upstream: Upstream, call: str
) -> None:
    answer = public.post(f"/v1/fleet/{call}", content=b"\x00\xff")
    assert (answer.status_code, answer.content) == (200, b"ok:\x00\xff")
    assert upstream.heard[0].url.path == f"/v1/fleet/{call}"


def test_only_flowers_own_headers_pass_in_either_direction(
    public: TestClient, upstream: Upstream
) -> None:
    sent = {
        "flwr-signature": "s", "content-type": "application/protobuf", "cookie": "session=1",
        "authorization": "Bearer x", "x-forwarded-for": "1.2.3.4", "content-encoding": "gzip",
    }  # fmt: skip
    answer = public.post(PULL, content=b"", headers=sent)
    heard = upstream.heard[0].headers
    assert heard["flwr-signature"] == "s"
    assert heard["content-type"] == "application/protobuf"
    for name in ("cookie", "authorization", "x-forwarded-for", "content-encoding"):
        assert name not in heard
    assert answer.headers["flwr-note"] == "1"
    assert "set-cookie" not in answer.headers


def test_a_body_over_the_cap_is_refused_and_goes_no_further(
    public: TestClient, upstream: Upstream
) -> None:
    assert public.post(PULL, content=b"x" * 1000).status_code == 200
    assert public.post(PULL, content=b"x" * 1001).status_code == 413
    assert public.post(PULL, content=iter([b"x" * 600, b"x" * 600])).status_code == 413
    assert len(upstream.heard) == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ReadTimeout("late")])
def test_while_the_superlink_is_away_nodes_are_told_to_try_again(
    public: TestClient, upstream: Upstream, failure: httpx.TransportError
) -> None:
    upstream.fails = failure
    answer = public.post(PULL, content=b"")
    assert (answer.status_code, answer.content) == (503, b"")


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
