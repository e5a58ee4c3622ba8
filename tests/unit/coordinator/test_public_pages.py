from functools import cache
from pathlib import Path

import pytest
from demo_release import publish, signing_store, the_release
from fastapi.testclient import TestClient
from region import make_region, sample_records

from coordinator.store import CoordinatorStore
from coordinator.store.tables import round_
from coordinator.web.application import public_app
from coordinator.web.public.pages.router import KINDS

PATHS = [kind.path for kind in KINDS]


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Round 1 measured trajectories and work, round 2 the flows; nobody measured wellbeing."""
    people = {n: sample_records(n, 60) for n in range(1, 11)}
    region = make_region(tmp_path_factory.mktemp("region"), people)
    for asks in (("trajectories@start", "durable_match@6m"), ("sector_flows@12m",)):
        number = region.announce(asks)
        region.ticks()
        region.ask("open", number)
        region.ticks()
        region.ask("close", number)
        region.ticks(6)
        assert region.status(number)["state"] == "PUBLISHED"
    return TestClient(public_app(region.store, region.clock, []))


@cache
def empty(folder: Path) -> TestClient:
    return TestClient(public_app(CoordinatorStore.create(folder), lambda: 0, []))


@pytest.mark.parametrize("path", PATHS)
def test_before_the_first_release_every_page_says_that_there_are_no_figures(
    tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    client = empty(tmp_path_factory.getbasetemp() / "empty")
    dutch, english = client.get(path), client.get(f"{path}?lang=en")
    assert dutch.status_code == english.status_code == 200
    assert "Nog geen cijfers." in dutch.text
    assert "No figures yet." in english.text
    assert "data-est" not in dutch.text


@pytest.mark.heavy
def test_a_page_takes_the_newest_release_that_holds_its_figures(two_releases: TestClient) -> None:
    assert "Uitgave year-2024-r1" in two_releases.get("/sectoren").text
    assert "Uitgave year-2024-r2" in two_releases.get("/stromen").text


def test_a_reader_may_choose_an_older_release_and_keeps_it_on_the_way(
    two_releases: TestClient,
) -> None:
    text = two_releases.get("/?release=year-2024-r1&lang=en").text
    assert 'href="/werk?release=year-2024-r1&amp;lang=en"' in text
    assert 'href="/?release=year-2024-r1"' in text  # the same page in Dutch
    assert '<option value="year-2024-r1" selected>' in text


def test_what_a_release_did_not_measure_is_said_and_not_left_blank(
    two_releases: TestClient,
) -> None:
    for path in ("/werkgeluk", "/stromen?release=year-2024-r1", "/sectoren?release=year-2024-r2"):
        page = two_releases.get(path)
        assert page.status_code == 200
        assert "Niet gemeten in deze uitgave." in page.text
        assert "data-est" not in page.text


def of_work(folder: Path, *statistics: str) -> TestClient:
    """The pages of a release that measured these 6 and 12 months after the end."""
    region = make_region(folder, {n: sample_records(n, 60) for n in range(1, 11)})
    asks = tuple(f"{name}@{horizon}" for name in statistics for horizon in ("6m", "12m"))
    number = region.announce(asks)
    region.ticks()
    for step in ("open", "close"):
        region.ask(step, number)
        region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"
    return TestClient(public_app(region.store, region.clock, []))


@pytest.mark.heavy
def test_work_of_any_kind_stands_beside_lasting_work_and_both_are_explained(
    tmp_path: Path,
) -> None:
    client = of_work(tmp_path, "durable_match", "employment")
    dutch, english = client.get("/werk").text, client.get("/werk?lang=en").text
    assert "zonder dat een eerste job na de begeleiding voordien eindigde" in dutch
    assert "Aan het werk per provincie" in dutch
    assert "At work: in work at that moment, whatever became of the first job." in english
    assert "At work by sector" in english
    lasting, at_work = english.index(">Lasting work<"), english.index(">At work<")
    assert lasting < at_work < english.index("Lasting work by province")


@pytest.mark.heavy
def test_a_release_that_measured_it_alone_explains_lasting_work_alone(tmp_path: Path) -> None:
    text = of_work(tmp_path, "durable_match").get("/werk?lang=en").text
    assert "no first job after guidance that ended before" in text
    assert "whatever became" not in text


@pytest.mark.parametrize("path", PATHS)
def test_pages_can_be_made_of_few_clients_where_little_is_sure(
    two_releases: TestClient, path: str
) -> None:
    for release in ("", "?release=year-2024-r1", "?release=year-2024-r2"):
        assert two_releases.get(path + release).status_code == 200


def test_a_release_that_is_not_there_gives_a_page_with_a_sentence(
    two_releases: TestClient,
) -> None:
    page = two_releases.get("/werk?release=nothing&lang=en")
    assert page.status_code == 404
    assert "There is no release with this name." in page.text


def test_words_of_the_reader_are_never_read_as_markup(two_releases: TestClient) -> None:
    evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (f"/{evil}", f"/werk?show={evil}", f"/?release={evil}", f"/?lang={evil}"):
        assert "<script" not in two_releases.get(path).text


@pytest.mark.parametrize(
    ("path", "dutch", "english"),
    [
        ("/waar?show=999", "Deze pagina kan “999” niet tonen; ze kan wel tonen: nuts2, nuts3.",
         "This page cannot show “999”; it can show: nuts2, nuts3."),
        ("/waar?show=", "ze kan wel tonen: nuts2, nuts3.", "it can show: nuts2, nuts3."),
        ("/methode?show=x", "Op deze pagina valt niets te kiezen",
         "This page has nothing to choose"),
    ],
)  # fmt: skip
def test_a_choice_that_does_not_exist_is_refused_with_what_there_is(
    two_releases: TestClient, path: str, dutch: str, english: str
) -> None:
    for language, said in (("nl", dutch), ("en", english)):
        page = two_releases.get(f"{path}&lang={language}")
        assert page.status_code == 400
        assert said in page.text


@pytest.mark.parametrize("path", PATHS)
def test_a_language_that_pages_do_not_have_is_refused_with_those_they_have(
    two_releases: TestClient, path: str
) -> None:
    page = two_releases.get(f"{path}?lang=fr")
    assert page.status_code == 400
    assert "wel in het Nederlands (nl) en het Engels (en)" in page.text


def test_who_holds_a_page_already_is_not_sent_it_again(two_releases: TestClient) -> None:
    tag = two_releases.get("/sectoren").headers["etag"]
    assert two_releases.get("/sectoren", headers={"If-None-Match": tag}).status_code == 304
    assert two_releases.get("/sectoren?lang=en").headers["etag"] != tag


@pytest.fixture(scope="module")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A release whose every count is 0 and may be shown: the least that noise can leave."""
    one = the_release()
    nothing = {"estimate": 0.0, "noise_lo": -5.0, "noise_hi": 0.0, "band": "D"}
    figures = tuple(
        figure.model_copy(update=nothing) if figure.measure == "count" else figure
        for figure in one.figures
    )
    store = signing_store(tmp_path_factory.mktemp("nobody") / "store")
    with store.begin() as connection:
        row = {"number": 1, "state": "PUBLISHED", "period": "p", "announcement": "",
               "updated_at": 0}  # fmt: skip
        connection.execute(round_.insert().values(**row))
        publish(connection, one.model_copy(update={"figures": figures}))
    return TestClient(public_app(store, lambda: 0, []))


@pytest.mark.heavy
@pytest.mark.parametrize("path", PATHS)
def test_pages_can_be_made_of_counts_that_are_all_nought(nobody: TestClient, path: str) -> None:
    for language in ("nl", "en"):
        assert nobody.get(f"{path}?lang={language}").status_code == 200
