"""What the public API says of itself: its catalogue, its description, who may read it."""

from functools import cache
from pathlib import Path
from typing import Any

from demo_release import clock, publish, published, signing_store, the_release
from fastapi.testclient import TestClient

from coordinator.store.tables import round_
from coordinator.web.application import public_app

RELEASE = "year-2024-r1"


@cache
def client() -> TestClient:
    return TestClient(public_app(published(), clock, []), raise_server_exceptions=False)


def rows(question: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client().get(f"/api/v1/statistics/{question}").json()["rows"]
    return found


def test_the_variables_of_every_statistic_are_those_of_its_rows_and_each_can_be_asked() -> None:
    catalogue = client().get("/api/v1/statistics").json()
    for one in catalogue:
        if not one["releases"]:
            continue
        found = {row["variable"] for row in rows(f"{one['id']}?limit=10000")} - {""}
        assert set(one["variables"]) == found
        for variable in one["variables"]:
            these = rows(f"{one['id']}?variable={variable}&limit=10000")
            assert {row["variable"] for row in these} == {variable}


def test_not_only_means_have_variables_to_ask_for(tmp_path: Path) -> None:
    one = the_release()
    staying = tuple(
        f.model_copy(update={"measure": "survival", "variable": "6"})
        for f in one.figures if f.statistic == "durable_match@6m" and f.measure == "share"
    )  # fmt: skip
    store = signing_store(tmp_path / "store")
    with store.begin() as connection:
        row = {"number": 1, "state": "PUBLISHED", "period": "p", "announcement": "",
               "updated_at": 0}  # fmt: skip
        connection.execute(round_.insert().values(**row))
        publish(connection, one.model_copy(update={"figures": staying}))
    other = TestClient(public_app(store, clock, []))
    path = "/api/v1/statistics/durable_match?variable="
    assert other.get(f"{path}6").json()["total"] == len(staying) > 0
    assert other.get(f"{path}12").json()["title"].endswith("there are: 6")


def test_each_address_answers_in_the_media_type_that_the_description_declares() -> None:
    paths = client().get("/api/v1/openapi.json").json()["paths"]
    places = {"name": RELEASE, "statistic": "trajectories"}
    seen = set()
    for path, methods in paths.items():
        if methods.get("get", {}).get("tags") != ["statistics"]:
            continue
        answers = methods["get"]["responses"]
        assert set(answers) == {"200", "4XX"}
        assert set(answers["4XX"]["content"]) == {"application/problem+json"}
        for media_type in answers["200"]["content"]:
            answer = client().get(path.format(**places), headers={"Accept": media_type})
            assert answer.status_code == 200
            assert answer.headers["content-type"].split(";")[0] == media_type
            seen.add((path.rsplit("/", 1)[1], media_type))
    assert ("figures.csv", "text/csv") in seen
    assert {kind for name, kind in seen if name == "{statistic}"} == {
        "application/json",
        "text/csv",
    }


def test_every_address_of_the_statistics_may_be_read_by_other_sites() -> None:
    for path in ("releases", "statistics", "withheld", "openapi.json"):
        headers = client().get(f"/api/v1/{path}").headers
        assert headers["access-control-allow-origin"] == "*"


def test_the_catalogue_says_what_is_measured_and_where() -> None:
    found = {one["id"]: one for one in client().get("/api/v1/statistics").json()}
    assert found["durable_match"]["horizons"] == ["6m", "12m"]
    assert "nuts2,sector_before" in found["trajectories"]["views"]
    assert found["wellbeing"]["releases"] == [RELEASE]
    assert found["wellbeing"]["name"]["nl"] == "Werkgeluk"


def test_the_api_describes_itself_with_its_filters() -> None:
    document = client().get("/api/v1/openapi.json").json()
    paths = document["paths"]
    names = {p["name"] for p in paths["/api/v1/statistics/{statistic}"]["get"]["parameters"]}
    assert {"statistic", "nuts2", "view", "bands", "limit", "format"} <= names
    assert {"estimate", "unadjusted", "delta"} <= set(
        document["components"]["schemas"]["Row"]["properties"]
    )
