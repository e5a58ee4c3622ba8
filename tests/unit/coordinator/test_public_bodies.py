"""Public answers are made once, compressed once, and given to whoever may read them."""

import gzip
import time
from pathlib import Path
from threading import Barrier, Thread

import brotli
import pytest
from demo_release import clock, publish, published, signing_store, the_release
from fastapi.testclient import TestClient

from chassis.present import spreadsheet
from chassis.web.answers import coding_for
from chassis.web.bodies import Bodies, Body
from coordinator.store import CoordinatorStore, releases
from coordinator.store.tables import round_
from coordinator.web.application import public_app
from coordinator.web.public.release_cache import ReleaseCache
from coordinator.web.public.selection import Selection

RELEASE = "year-2024-r1"
CSV = f"/api/v1/releases/{RELEASE}/figures.csv"
URL = "https://region.example:8443"


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(public_app(published(), clock, [], URL), raise_server_exceptions=False)


@pytest.fixture
def many(tmp_path: Path) -> CoordinatorStore:
    """Twenty releases with the figures of one; the oldest alone measured sector_flows."""
    one, store = the_release(), signing_store(tmp_path / "many")
    with store.begin() as connection:
        for number in range(1, 21):
            asks = one.asks if number == 1 else [a for a in one.asks if "sector_flows" not in a]
            connection.execute(
                round_.insert().values(
                    number=number, state="PUBLISHED", period="p", announcement="", updated_at=0
                )
            )
            changes = {"id": f"r{number}", "round": number, "asks": tuple(asks)}
            publish(connection, one.model_copy(update=changes))
    return store


@pytest.mark.parametrize(("coding", "undo"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_reader_gets_the_same_bytes_in_the_coding_it_reads(
    client: TestClient, coding: str, undo: object
) -> None:
    plain = client.get(CSV, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", CSV, headers={"Accept-Encoding": coding}) as coded:
        raw = b"".join(coded.iter_raw())
    assert coded.headers["content-encoding"] == coding
    assert len(raw) < len(plain.content) / 3
    assert undo(raw) == plain.content  # type: ignore[operator]
    assert "Accept-Encoding" in coded.headers["vary"]
    assert coded.headers["etag"] != plain.headers["etag"]
    held = {"Accept-Encoding": coding, "If-None-Match": coded.headers["etag"]}
    assert client.get(CSV, headers=held).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None), ("identity", None), ("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"),
        ("br;q=0.1, gzip;q=0.9", "gzip"), ("br;q=0, gzip;q=0", None), ("*", "br"),
        ("br;q=0, *", "gzip"), ("GZIP ; q=1.0", "gzip"), ("gzip;q=nonsense", None),
    ],
)  # fmt: skip
def test_the_coding_is_the_best_that_the_header_allows(accepted: str, coding: str | None) -> None:
    assert coding_for(accepted) == coding


def test_a_file_is_spelled_once_however_many_readers_take_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spelled, spell = [], spreadsheet.spell

    def counted(*words: object, **more: object) -> str:
        spelled.append(1)
        return spell(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(spreadsheet, "spell", counted)
    fresh = TestClient(public_app(published(), clock, []))
    readers = [Thread(target=fresh.get, args=(CSV,)) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    fresh.get(CSV)
    assert spelled == [1]


@pytest.mark.heavy
def test_a_wrong_address_reads_no_release_however_many_there_are(
    many: CoordinatorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, document_of = [], releases.document_of

    def counted(connection: object, name: str) -> bytes | None:
        read.append(name)
        return document_of(connection, name)  # type: ignore[arg-type]

    monkeypatch.setattr(releases, "document_of", counted)
    client = TestClient(public_app(many, clock, []))
    for _ in range(5):
        assert client.get("/api/v1/statistics/nothing").status_code == 404
    assert read == []
    found = client.get("/api/v1/statistics/sector_flows?limit=1").json()
    assert found["rows"][0]["release"] == "r1"
    assert (
        client.get("/api/v1/statistics/trajectories?limit=1").json()["rows"][0]["release"] == "r20"
    )
    assert read == ["r1", "r20"]
    listed = {one["id"]: one["releases"] for one in client.get("/api/v1/statistics").json()}
    assert listed["sector_flows"] == ["r1"]
    assert len(listed["trajectories"]) == 20
    assert read == ["r1", "r20"]


def test_pages_and_figures_are_read_while_somebody_writes(client: TestClient) -> None:
    with published().begin():  # SQLite lets one write; whoever else wanted to would wait 30 s
        began = time.monotonic()
        fresh = TestClient(public_app(published(), clock, []))
        for path in ("/", "/werk", "/api/v1/statistics/trajectories", CSV, "/api/v1/roster"):
            assert fresh.get(path).status_code == 200, path
        assert time.monotonic() - began < 15


@pytest.mark.heavy
def test_a_new_release_is_seen_within_a_second(many: CoordinatorStore) -> None:
    now = [100.0]
    release_cache = ReleaseCache(many, ticks=lambda: now[0])
    assert release_cache.edition() == ("r20", 20, 0, 0)
    with many.begin() as connection:
        connection.execute(
            round_.insert().values(
                number=21, state="PUBLISHED", period="p", announcement="", updated_at=0
            )
        )
        publish(connection, the_release().model_copy(update={"id": "r21", "round": 21}))
    now[0] += 1.1
    assert release_cache.edition() == ("r21", 21, 0, 0)
    newest = release_cache.newest("sector_flows")
    assert newest is not None
    assert newest.release.id == "r21"
    assert newest.release.figures == ()


@pytest.mark.heavy
def test_a_shelf_that_was_warmed_reads_no_release_for_a_first_question(
    many: CoordinatorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_cache, rests = ReleaseCache(many), []
    release_cache.warm(rests.append)
    assert len(rests) == 20
    assert sum(rests) < 20
    monkeypatch.setattr(releases, "document_of", None)  # whoever reads a release now fails
    assert [release_cache.get(f"r{k}").release.round for k in (1, 20)] == [1, 20]
    total, some = release_cache.figures(Selection("r7", "trajectories"), 5, 0)
    assert (total > 100, len(some)) == (True, 5)


@pytest.mark.heavy
def test_figures_of_a_statistic_are_unpacked_once_for_many_questions(
    many: CoordinatorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import coordinator.web.public.figures as place

    unpacked, unpack = [], place._unpack

    def counted(packed: bytes) -> object:
        unpacked.append(1)
        return unpack(packed)

    monkeypatch.setattr(place, "_unpack", counted)
    release_cache = ReleaseCache(many)
    national = release_cache.figures(Selection("r3", "trajectories", view=()), 10, 0)
    assert release_cache.figures(Selection("r3", "trajectories", view=()), 10, 0) == national
    release_cache.figures(Selection("r3", "trajectories", view=("nuts2",)), 10, 0)
    assert unpacked == [1]
    release_cache.figures(Selection("r4", "trajectories"), 10, 0)
    assert unpacked == [1, 1]


@pytest.mark.heavy
def test_the_figures_of_a_release_keep_their_order(many: CoordinatorStore) -> None:
    assert list(ReleaseCache(many).get("r3").figures) == list(the_release().figures)


def test_bodies_stay_within_their_bytes_and_forget_the_oldest() -> None:
    bodies = Bodies(most=100_000)
    made: list[int] = []

    def make(number: int) -> Body:
        made.append(number)
        return Body(b"x" * 20_000, "text/plain")

    for number in (1, 2, 3, 1, 4):
        bodies.get(number, lambda number=number: make(number))  # type: ignore[misc]
    assert made == [1, 2, 3, 4]
    bodies.get(1, lambda: make(1))  # read a moment ago, so 2 was forgotten
    bodies.get(2, lambda: make(2))
    assert made == [1, 2, 3, 4, 2]
    assert bodies._bytes <= 100_000


def test_two_that_ask_at_once_have_it_made_once() -> None:
    bodies, made, together = Bodies(), [], Barrier(2)

    def make() -> Body:
        made.append(1)
        time.sleep(0.05)
        return Body(b"x", "text/plain")

    def ask() -> None:
        together.wait(10)
        bodies.get("same", make)

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_page_is_cited_by_the_public_address_whatever_host_was_asked(client: TestClient) -> None:
    for path in ("/download?lang=en", "/"):
        page = client.get(path, headers={"Host": "evil.example"}).text
        assert "evil.example" not in page
        assert f"{URL}{path}" in page


@pytest.mark.parametrize("path", ["/werk/", "/api/v1/releases/", "/static", "//werk"])
def test_no_reader_is_sent_to_the_host_that_a_request_names(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert "evil.example" not in str(answer.headers)
    assert answer.status_code in {200, 404}


def test_other_sites_may_read_the_public_api_and_nothing_else(client: TestClient) -> None:
    for path in ("/api/v1/releases", CSV, "/api/v1/statistics/trajectories", "/api/v1/openapi.json",
                 "/api/v1/statistics/nothing"):  # fmt: skip
        answer = client.get(path)
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert "ETag" in answer.headers["access-control-expose-headers"]
    for path in ("/", "/api/v1/enrol/1", "/static/wegwijs.css"):
        headers = client.get(path, headers={"Origin": "https://other.example"}).headers
        assert "access-control-allow-origin" not in headers
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_browser_may_ask_first_for_reading_but_not_for_writing(client: TestClient) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "If-None-Match"}  # fmt: skip
    allowed = client.options("/api/v1/releases", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "*"
    for path, method in (("/api/v1/releases", "DELETE"), ("/api/v1/enrol", "POST")):
        refused = client.options(path, headers={**asked, "Access-Control-Request-Method": method})
        assert refused.status_code in (400, 405)


def test_too_many_requests_are_called_that_in_both_languages(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chassis.web.throttle import Throttle

    monkeypatch.setattr(Throttle, "wait", lambda *_: 17)
    dutch, english = client.get("/"), client.get("/?lang=en")
    assert dutch.status_code == english.status_code == 429
    assert "<h1>Te veel vragen</h1>" in dutch.text
    assert "<h1>Too many requests</h1>" in english.text
    problem = client.get("/api/v1/releases")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["type"] == "urn:wegwijs:too-many-requests"
