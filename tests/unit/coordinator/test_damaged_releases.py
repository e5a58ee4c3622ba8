"""Who can write the database and has no key cannot make pages or API say anything else."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from region import Region
from small_region import Small
from sqlalchemy import update

from coordinator.store.tables import release as table
from coordinator.web.application import public_app
from privacy.secure_sum.keys import Identity
from schemas.release import Release
from schemas.signed import Signed

NAME = "year-2024-r1"
SAID = "was altered after it was signed"


@pytest.fixture
def region(given: Small) -> Region:
    given.carrier.kill(7)
    given.region.ask("close", 1)
    given.region.ticks(6)
    return given.region


def client(region: Region) -> TestClient:
    return TestClient(public_app(region.store, region.clock, []), raise_server_exceptions=False)


def put(region: Region, raw: bytes) -> None:
    with region.store.begin() as connection:
        connection.execute(update(table).values(body=raw.decode()))


def better(region: Region) -> Release:
    release = region.release()
    first = release.figures[0].model_copy(update={"estimate": 1e6, "band": "A"})
    return release.model_copy(update={"figures": (first, *release.figures[1:])})


def altered(region: Region) -> bytes:
    """The figure is changed in the text, the signature left as it was."""
    signed = region.signed_release()
    return signed.model_copy(update={"body": better(region).canonical().decode()}).canonical()


def by_another_key(region: Region) -> bytes:
    return Signed.seal(better(region), Identity(b"\x09" * 32).private).canonical()


@pytest.mark.heavy
@pytest.mark.parametrize(
    "forged", [altered, by_another_key, lambda _: b"{}", lambda _: b"no longer JSON"]
)
def test_an_altered_release_is_not_shown_and_said_to_be_damaged(region: Region, forged) -> None:  # type: ignore[no-untyped-def]
    put(region, forged(region))
    reader = client(region)
    (line,) = reader.get("/api/v1/releases").json()
    assert (line["id"], line["state"], line["figures"]) == (NAME, "damaged", None)
    for path in ("", "/figures.csv", "/figures-nl.csv"):
        answer = reader.get(f"/api/v1/releases/{NAME}{path}")
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:wegwijs:release-damaged")
    page = reader.get("/?lang=en")
    assert SAID in page.text
    assert "data-est" not in page.text
    asked = reader.get(f"/?lang=en&release={NAME}")
    assert (asked.status_code, SAID in asked.text) == (500, True)
    assert reader.get("/api/v1/statistics/trajectories").status_code == 404


def test_a_release_under_the_name_of_another_is_damaged(region: Region) -> None:
    with region.store.begin() as connection:
        connection.execute(update(table).values(id="year-2023-r1"))
    answer = client(region).get("/api/v1/releases/year-2023-r1")
    assert answer.json()["type"] == "urn:wegwijs:release-damaged"


def test_without_the_coordinators_key_no_release_is_shown(region: Region) -> None:
    Path(region.store.folder / "coordinator.key").unlink()
    assert client(region).get(f"/api/v1/releases/{NAME}").status_code == 500


def test_every_figure_that_the_api_answers_stands_in_the_signed_document(region: Region) -> None:
    reader = client(region)
    body = json.loads(reader.get(f"/api/v1/releases/{NAME}").json()["body"])
    shown = reader.get("/api/v1/statistics/trajectories?limit=10000").json()
    assert shown["total"] == len(shown["rows"]) == len(body["figures"])
    for row, figure in zip(shown["rows"], body["figures"], strict=True):
        assert row["unadjusted"] == figure["unadjusted"]
        assert row["cell"] == dict(figure["cell"])
        assert row["estimate"] in (None, figure["estimate"])
