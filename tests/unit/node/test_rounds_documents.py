"""What the region tells everybody alike: fetched once, and used only when it is what was named."""

import gzip
from collections.abc import Callable, Iterator

import httpx
import pytest
from public_port import InProcess, documents_from, documents_over
from small_region import Small

from coordinator.rounds.public_documents import publish
from coordinator.web.application import public_app
from node.rounds import public_documents as module
from node.rounds.public_documents import Documents, NotFetched
from node.store import budget, egress_log
from schemas.message import Frame, Kind
from schemas.request import Mention, Request

BODY = b"roster and programme " * 400
PACKED = gzip.compress(BODY, mtime=0)
NAMED = Mention.of(BODY)
Answer = Callable[[httpx.Request], httpx.Response]


def said(body: bytes) -> httpx.Response:
    """Everything, as a network hands it over."""
    return httpx.Response(200, stream=httpx.ByteStream(body))


def answering(answer: Answer) -> tuple[Documents, list[str]]:
    """A region that answers like this, and the paths that were asked."""
    asked: list[str] = []

    def heard(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return answer(request)

    return documents_over(httpx.MockTransport(heard)), asked


def test_a_document_is_fetched_by_its_digest_and_only_once() -> None:
    found, asked = answering(lambda _: said(BODY))
    assert found.fetch(NAMED) == BODY
    assert found.fetch(NAMED) == BODY
    assert asked == ["/api/v1/documents/" + NAMED.digest.hex()]


@pytest.mark.parametrize(
    "body",
    [
        BODY[:-1] + b"!", BODY[:-1], BODY + b"!", b"",
        PACKED[:-20], PACKED, b"no gzip",
    ],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_other_bytes_than_the_ones_that_were_named_are_never_used(body: bytes, coding: str) -> None:
    headers = {"Content-Encoding": coding}

    def chunked() -> Iterator[bytes]:
        yield body

    found, _ = answering(lambda _: httpx.Response(200, headers=headers, content=chunked()))
    if coding == "gzip" and body == PACKED:
        assert found.fetch(NAMED) == BODY
    else:
        with pytest.raises(NotFetched):
            found.fetch(NAMED)
        with pytest.raises(NotFetched):  # nor kept
            found.fetch(NAMED)


@pytest.mark.heavy
def test_a_document_that_unpacks_to_more_than_was_said_is_left_at_once() -> None:
    bomb = gzip.compress(bytes(200 * 2**20), compresslevel=9)
    made = 0

    def chunks() -> Iterator[bytes]:
        nonlocal made
        for at in range(0, len(bomb), 1_000):
            made += 1
            yield bomb[at : at + 1_000]

    headers = {"Content-Encoding": "gzip"}
    found, _ = answering(lambda _: httpx.Response(200, headers=headers, content=chunks()))
    with pytest.raises(NotFetched):
        found.fetch(NAMED)
    assert made <= 2


@pytest.mark.parametrize("status", [404, 429, 301, 500, 204])
def test_a_region_that_does_not_have_it_is_left_for_later(status: int) -> None:
    elsewhere = {"Location": "http://elsewhere/x"}
    found, asked = answering(lambda _: httpx.Response(status, headers=elsewhere, content=BODY))
    with pytest.raises(NotFetched):
        found.fetch(NAMED)
    assert len(asked) == 1


def test_a_line_that_breaks_is_tried_once_more() -> None:
    calls = 0

    def broken_first(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise httpx.ReadError("gone", request=request)
        return said(BODY)

    found, _ = answering(broken_first)
    assert found.fetch(NAMED) == BODY
    calls = -10
    broken, asked = answering(lambda r: (_ for _ in ()).throw(httpx.ConnectError("", request=r)))
    with pytest.raises(NotFetched):
        broken.fetch(NAMED)
    assert len(asked) == 2


def test_a_document_that_drips_ends_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0

    def later() -> float:
        nonlocal moment
        moment += 7.0
        return moment

    monkeypatch.setattr(module, "monotonic", later)
    given = 0

    def drip() -> Iterator[bytes]:
        nonlocal given
        for byte in BODY:
            given += 1
            yield bytes([byte])

    found, _ = answering(lambda _: httpx.Response(200, content=drip()))
    with pytest.raises(NotFetched):
        found.fetch(NAMED)
    assert given < 12


def test_memory_is_bounded_and_what_was_used_last_stays() -> None:
    bodies = {Mention.of(b).digest.hex(): b for b in (b"a" * 600, b"b" * 600, b"c" * 300)}
    found, asked = answering(lambda r: said(bodies[r.url.path.rpartition("/")[2]]))
    found.most = 1_000
    first, second, small = (Mention.of(body) for body in bodies.values())
    for mention in (first, small, second, small, first):
        found.fetch(mention)
    assert len(asked) == 4  # the small one stayed; the first had to go
    assert sum(map(len, found._kept.values())) <= 1_000


def test_a_right_digest_under_a_wrong_length_is_refused() -> None:
    found, _ = answering(lambda _: said(BODY))
    with pytest.raises(NotFetched):
        found.fetch(Mention(NAMED.size + 1, NAMED.digest))
    found.fetch(NAMED)
    with pytest.raises(NotFetched):
        found.fetch(Mention(NAMED.size - 1, NAMED.digest))


def test_a_centre_that_cannot_fetch_says_so_pays_nothing_and_takes_part_later(
    opened: Small,
) -> None:
    region = opened.region
    one = opened.nodes[1]
    working = one._around.fetch
    broken = answering(lambda _: httpx.Response(404))[0]
    object.__setattr__(one._around, "fetch", broken.fetch)
    region.ticks(1)
    with region.nodes[1].begin() as connection:
        assert egress_log.departures(connection)[-1].kind == "refused: not-fetched"
        assert budget.ledger(connection, region.programme.budget).charges == {}
    assert region.status(1)["contributions"] == 6
    assert region.status(1)["refused_by"] == {1: "not-fetched"}
    object.__setattr__(one._around, "fetch", working)
    region.ticks(1)
    assert region.status(1)["contributions"] == 7


def test_a_false_document_is_never_charged_for(opened: Small) -> None:
    """The region names the true prekeys and hands over others."""
    descriptor, prekeys = opened.parts(Kind.ANNOUNCE, 1)[:2]
    asked = Request(Kind.CONTRIBUTE, (descriptor, Mention.of(prekeys))).to_bytes()
    liar = answering(lambda _: said(prekeys[:-1] + b"]"))[0]
    object.__setattr__(opened.nodes[1]._around, "fetch", liar.fetch)
    assert opened.ask(1, asked) == Frame(Kind.REFUSED, (b"not-fetched",))


def test_the_public_port_serves_a_document_for_good_and_only_by_its_digest(opened: Small) -> None:
    region = opened.region
    with region.store.begin() as connection:
        mention = publish(connection, BODY, region.clock())
    port = InProcess(public_app(region.store, region.clock, []))
    client = httpx.Client(base_url="http://region", transport=port)
    answer = client.get(f"/api/v1/documents/{mention.digest.hex()}")
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"]
    for name in ("00" * 32, mention.digest.hex().upper(), mention.digest.hex()[:-2], "x"):
        refused = client.get(f"/api/v1/documents/{name}")
        assert refused.status_code == 404
        assert refused.json()["title"].startswith("there is no document")
    assert client.get("/api/v1/documents").status_code == 404


@pytest.mark.heavy
def test_who_guesses_digests_is_told_to_wait_and_a_region_behind_one_address_is_not(
    opened: Small,
) -> None:
    region = opened.region
    with region.store.begin() as connection:
        mention = publish(connection, BODY, region.clock())
    documents = documents_from(region.store, region.clock)
    for _ in range(300):
        documents._kept.clear()
        assert documents.fetch(mention) == BODY
    path = "/api/v1/documents/"
    said = {documents.client.get(path + f"{k:064x}").status_code for k in range(130)}
    assert said == {404, 429}


@pytest.mark.heavy
def test_what_is_equal_for_all_is_asked_in_the_same_few_bytes(opened: Small) -> None:
    sent: list[bytes] = []
    carrier = opened.region.carrier
    plain = carrier.exchange

    def noted(requests: dict[int, bytes], *, seconds: float) -> Iterator[tuple[int, bytes]]:
        sent.extend(requests.values())
        return plain(requests, seconds=seconds)

    carrier.exchange = noted  # type: ignore[method-assign, assignment]
    opened.region.ticks(1)
    opened.region.ask("close", 1)
    opened.region.ticks(2)
    by_kind = {kind: {raw for raw in sent if raw[4] == kind} for kind in Kind}
    for kind in (Kind.CONTRIBUTE, Kind.CERTIFY):
        (one,) = by_kind[kind]
        assert len(one) < 200
