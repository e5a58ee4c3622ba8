import csv
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from demo_release import clock, published
from fastapi.testclient import TestClient

from chassis.web.throttle import Throttle
from coordinator.store import CoordinatorStore
from coordinator.web.application import public_app
from schemas.release import Release
from schemas.signed import Signed

RELEASE = "year-2024-r1"
COMPLETE = ("band", "period", "centres_in_sum", "centres_on_roster", "epsilon", "delta", "noise_se")


@cache
def client() -> TestClient:
    return TestClient(public_app(published(), clock, []), raise_server_exceptions=False)


def rows(question: str) -> list[dict[str, Any]]:
    answer = client().get(f"/api/v1/statistics/{question}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def problem(path: str) -> dict[str, Any]:
    answer = client().get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    return body


def test_the_list_names_every_release_with_its_coverage_and_price() -> None:
    (one,) = client().get("/api/v1/releases").json()
    assert (one["id"], one["centres_in_sum"], one["centres_on_roster"]) == (RELEASE, 9, 10)
    assert 2.9 < one["epsilon"] < 3.0
    assert client().get(one["url"]).status_code == 200


def test_a_release_is_served_byte_for_byte_and_reads_as_a_release() -> None:
    answer = client().get(f"/api/v1/releases/{RELEASE}")
    assert Signed.from_canonical(answer.content).peek(Release).id == RELEASE
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"] == f'attachment; filename="{RELEASE}.json"'


def test_who_holds_the_bytes_already_is_not_sent_them_again() -> None:
    path = f"/api/v1/releases/{RELEASE}/figures.csv"
    tag = client().get(path).headers["etag"]
    again = client().get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client().get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.heavy
def test_head_answers_as_get_without_a_body() -> None:
    for path in ("/", "/api/v1/releases", f"/api/v1/releases/{RELEASE}", "/static/wegwijs.css"):
        head, get = client().head(path), client().get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers.get("etag") == get.headers.get("etag")


def test_the_csv_holds_every_figure_and_marks_what_is_too_uncertain() -> None:
    text = client().get(f"/api/v1/releases/{RELEASE}/figures.csv").text
    table = list(csv.DictReader(io.StringIO(text)))
    raw = client().get(f"/api/v1/releases/{RELEASE}").content
    release = Signed.from_canonical(raw).peek(Release)
    assert len(table) == len(release.figures)
    for row, figure in zip(table, release.figures, strict=True):
        assert (row["band"] == "F") == (row["status"] == "too_uncertain") == (figure.band == "F")
        if figure.band == "F":
            assert {row[name] for name in ("estimate", "lo", "hi", "noise_lo")} == {""}
        elif figure.estimate is not None:
            assert float(row["estimate"]) == figure.estimate
        if figure.unadjusted is not None:
            assert float(row["unadjusted"]) == figure.unadjusted
        assert {d: row[d] for d, _ in figure.cell} == dict(figure.cell)


def test_every_share_and_mean_says_how_many_people_are_behind_it() -> None:
    """Who answered is told apart as well, in the same cell of the same release."""
    text = client().get(f"/api/v1/releases/{RELEASE}/figures.csv").text
    table = list(csv.DictReader(io.StringIO(text)))
    assert "n" not in table[0]
    cell = [name for name in table[0] if name in ("nuts2", "nuts3", "sector_before", "sector_12m")]
    of = ("statistic", "horizon", "variable", *cell)
    answered = {
        tuple(row[name] for name in of): row for row in table if row["measure"] == "answered"
    }
    told = [row for row in table if row["measure"] in ("share", "mean")]
    assert {row["measure"] for row in told} == {"share", "mean"}
    for row in told:
        assert row["people"] == answered[tuple(row[name] for name in of)]["unadjusted"]
    assert {row["people"] for row in table if row["measure"] == "count"} == {""}
    (one,) = rows("durable_match?horizon=12m&view=national&measure=share")
    national = next(row for row in told if row["statistic"] == "durable_match"
                    and row["horizon"] == "12m" and row["measure"] == "share"
                    and not any(row[name] for name in cell))  # fmt: skip
    assert one["people"] == float(national["people"])
    assert 500 < one["people"] < 6_000  # of 6,000 made-up clients, those who completed and answered


def test_the_excel_file_has_a_bom_semicolons_and_decimal_commas() -> None:
    raw = client().get(f"/api/v1/releases/{RELEASE}/figures-nl.csv").content
    assert raw.startswith(b"\xef\xbb\xbf")
    dutch = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    plain = client().get(f"/api/v1/releases/{RELEASE}/figures.csv").text
    for row, other in zip(dutch, csv.DictReader(io.StringIO(plain)), strict=True):
        assert row["noise_se"].replace(",", ".") == other["noise_se"]
        assert "." not in row["epsilon"]


@pytest.mark.parametrize(
    "question",
    [
        "trajectories?view=nuts2,sector_before&limit=10000",
        "durable_match?horizon=6m",
        "wellbeing_change?horizon=12m&variable=meaning&measure=mean",
        "sector_flows?bands=A,B,C,D",
    ],
)
def test_each_row_carries_all_that_makes_it_honest(question: str) -> None:
    found = rows(question)
    assert found
    for row in found:
        assert all(row[name] is not None for name in COMPLETE if row["unadjusted"] is not None)
        if row["band"] == "F":
            assert row["estimate"] is row["lo"] is row["noise_hi"] is None
            assert row["status"] == "too_uncertain"
        else:
            assert row["noise_lo"] <= row["unadjusted"] <= row["noise_hi"]
            assert row["unit"] == "people" or row["lo"] < row["hi"] or row["measure"] == "sd"
            assert row["response"] is not None or row["measure"] in ("count", "sd", "answered")


def test_filters_narrow_to_what_they_name() -> None:
    found = rows("trajectories?nuts2=BE21&limit=10000")
    assert {row["cell"]["nuts2"] for row in found} == {"BE21"}
    one = rows("trajectories?nuts2=BE21&sector_before=R")
    assert [row["cell"] for row in one] == [{"nuts2": "BE21", "sector_before": "R"}]
    assert [row["cell"] for row in rows("trajectories?view=national")] == [{}]
    assert {row["band"] for row in rows("durable_match?bands=a,b")} <= {"A", "B"}
    assert rows(f"durable_match?bands={','.join('A' * 1_100)}") == rows("durable_match?bands=A")
    meaning = rows("wellbeing?horizon=end&variable=meaning&view=nuts2&measure=mean")
    assert {(row["horizon"], row["variable"], *row["cell"]) for row in meaning} == {
        ("end", "meaning", "nuts2")
    }


def _pages(first: str) -> Iterator[dict[str, Any]]:
    following: str | None = first
    while following:
        page = client().get(following).json()
        yield page
        following = page["next"]


def test_pages_of_rows_join_to_all_rows_and_the_total_is_honest() -> None:
    whole = client().get("/api/v1/statistics/trajectories?view=nuts3&limit=10000").json()
    pages = list(_pages("/api/v1/statistics/trajectories?view=nuts3&limit=20"))
    assert [row for page in pages for row in page["rows"]] == whole["rows"]
    assert {page["total"] for page in pages} == {whole["total"]} == {len(whole["rows"])}


def test_csv_is_given_to_who_asks_for_it_by_word_or_by_header() -> None:
    path = "/api/v1/statistics/trajectories?view=nuts2&limit=5"
    by_word = client().get(f"{path}&format=csv")
    by_header = client().get(path, headers={"Accept": "text/csv"})
    assert by_word.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(by_header.text)))
    assert len(table) == 5
    assert by_header.headers["x-total-count"] == "12"
    assert 'rel="next"' in by_header.headers["link"]
    assert client().get(path, headers={"Accept": "text/csv, application/json"}).json()["total"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("releases/nothing", 404, "no release"),
        ("releases/nothing/figures.csv", 404, "no release"),
        ("statistics/nothing", 404, "no release holds"),
        ("statistics/trajectories?release=nothing", 404, "no release"),
        ("statistics/trajectories?colour=blue", 400, "not a filter"),
        ("statistics/trajectories?sector_12m=R", 400, "not a filter"),
        ("statistics/trajectories?nuts2=BE99", 400, "no code of nuts2"),
        ("statistics/trajectories?view=nuts2,nuts3", 400, "no view"),
        ("statistics/durable_match?horizon=24m", 400, "no horizon"),
        ("statistics/trajectories?variable=meaning", 400, "no variable"),
        ("statistics/trajectories?bands=Z", 400, "bands are letters"),
        ("statistics/trajectories?limit=-1", 400, "whole number from 1 to 10000"),
        ("statistics/trajectories?limit=0", 400, "whole number from 1 to 10000"),
        ("statistics/trajectories?limit=99999", 400, "whole number from 1 to 10000"),
        ("statistics/trajectories?lang=fr", 400, "not a filter"),
        ("statistics/trajectories?measure=mean", 400, "there are: count"),
        ("statistics/trajectories?nuts2=BE21&nuts2=BE22", 400, "nuts2 stands twice"),
        ("statistics/trajectories?offset=1e3", 400, "whole number"),
        ("statistics/trajectories?format=xml", 400, "json or csv"),
        ("nothing", 404, "nothing at this address"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(
    path: str, status: int, says: str
) -> None:
    body = problem(f"/api/v1/{path}")
    assert body["status"] == status
    assert says in body["title"]


def test_another_method_is_refused_and_the_allowed_one_named() -> None:
    answer = client().delete(f"/api/v1/releases/{RELEASE}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_every_answer_has_strict_headers() -> None:
    for path in ("/", "/werk", "/nothing", "/api/v1/releases", "/api/v1/x", "/static/wegwijs.css"):
        headers = client().get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_an_error_of_ours_gives_a_sentence_and_no_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from coordinator.store import releases

    def broken(_: object) -> None:
        raise RuntimeError("a secret value")

    monkeypatch.setattr(releases, "published", broken)
    unread = TestClient(public_app(published(), clock, []), raise_server_exceptions=False)
    assert unread.get("/api/v1/releases").json()["type"] == "urn:wegwijs:internal"
    page = unread.get("/")
    assert page.status_code == 500
    assert "Er ging iets mis bij ons" in page.text
    assert "RuntimeError" in caplog.text
    assert "secret" not in page.text + caplog.text


def test_who_asks_too_often_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Throttle, "wait", lambda *_: 17)
    answer = client().get("/api/v1/releases")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
    assert client().get("/").status_code == 429


def test_before_the_first_release_lists_are_empty(tmp_path: Path) -> None:
    store = CoordinatorStore.create(tmp_path / "empty")
    empty = TestClient(public_app(store, clock, []))
    assert empty.get("/api/v1/releases").json() == empty.get("/api/v1/statistics").json() == []
    assert empty.get("/api/v1/statistics/trajectories").status_code == 404
