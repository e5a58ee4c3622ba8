"""What pages say around their figures: whose they are, what is counted, what is withheld."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from cast import tape
from demo_release import COORDINATOR, publish, signing_store, the_release
from fastapi.testclient import TestClient

from coordinator.store import CoordinatorStore, drafts
from coordinator.store.tables import round_, withheld
from coordinator.web.application import public_app
from coordinator.web.public.pages.router import KINDS
from privacy.secure_sum.keys import Identity
from schemas.programme import People, Programme
from schemas.release import Release, Withheld
from schemas.signed import Signed

PATHS = [kind.path for kind in KINDS]
WITHHELD = Withheld(
    round=2, period="year-2023", cohorts=("2023Q1", "2023Q2", "2023Q3", "2023Q4"),
    asks=("trajectories@start",), withheld_at=1_760_000_000, findings=(),
    reason="Two tables contradict each other.",
)  # fmt: skip


def served(store: CoordinatorStore) -> TestClient:
    return TestClient(public_app(store, lambda: 0, []))


def rounds(store: CoordinatorStore, *numbers: int) -> None:
    with store.begin() as connection:
        for number in numbers:
            row = {"number": number, "state": "PUBLISHED", "period": "p", "announcement": "",
                   "updated_at": 0}  # fmt: skip
            connection.execute(round_.insert().values(**row))


def reading(folder: Path, change: Callable[[Release], Release]) -> TestClient:
    """The pages of the release of these tests, changed before it was signed."""
    store = signing_store(folder / "store")
    rounds(store, 1)
    with store.begin() as connection:
        publish(connection, change(the_release()))
    return served(store)


def of_people(people: People) -> Callable[[Release], Release]:
    def change(one: Release) -> Release:
        programme = one.programme.peek(Programme).model_copy(update={"people": people})
        signed = Signed.seal(programme, Identity.new(tape("authority")).private)
        return one.model_copy(update={"programme": signed})

    return change


@pytest.fixture(scope="module", params=get_args(People))
def whose(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[People, TestClient]:
    people: People = request.param
    return people, reading(tmp_path_factory.mktemp(people), of_people(people))


@pytest.mark.heavy
@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/werk?release=nothing"])
def test_every_page_says_so_when_people_are_no_clients_and_says_nothing_when_they_are(
    whose: tuple[People, TestClient], path: str
) -> None:
    people, client = whose
    end = "&lang=en" if "?" in path else "?lang=en"
    dutch, english = client.get(path).text, client.get(path + end).text
    assert ("Verzonnen gegevens." in dutch) == ("Made-up data." in english) == (people == "made-up")
    assert ("openbare gegevensset" in dutch) == (people == "public-data")
    assert ('data-people="' in dutch) == (people != "clients")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return reading(tmp_path_factory.mktemp("plain"), lambda one: one)


@pytest.mark.heavy
def test_the_region_is_named_in_the_language_of_the_page(plain: TestClient) -> None:
    for path in PATHS:
        assert "Vlaanderen ·" not in plain.get(f"{path}?lang=en").text
        assert "Flanders ·" in plain.get(f"{path}?lang=en").text
        assert "Vlaanderen ·" in plain.get(path).text


@pytest.mark.parametrize("path", ["/", "/werk"])
def test_lasting_work_is_defined_where_it_is_used(plain: TestClient, path: str) -> None:
    text = plain.get(path).text
    said = "Duurzaam werk: op dat moment aan het werk, als werknemer of zelfstandige"
    assert 0 < text.index("duurzaam werk") < text.index(said) < text.index("<h2")
    assert (
        "Lasting work: at work at that moment, employed or self-employed"
        in plain.get(f"{path}?lang=en").text
    )


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("path", "terms"),
    [
        ("/werk", {"durable_match", "employment"}),
        ("/werkgeluk", {"wellbeing", "wellbeing_change"}),
        ("/waar", {"trajectories"}),
        ("/sectoren", {"trajectories"}),
        ("/stromen", {"sector_flows"}),
        ("/", {"trajectories", "wellbeing_change", "durable_match", "sector_flows"}),
    ],
)
def test_each_page_gives_the_definition_of_what_it_counts(
    plain: TestClient, path: str, terms: set[str]
) -> None:
    declared = the_release().programme.peek(Programme).by_id
    text = plain.get(f"{path}?lang=en").text
    section = text[text.index('class="terms"') :]
    found = {one.id for one in declared.values() if one.definition.en in section}
    assert found == terms


@pytest.mark.parametrize("path", ["/waar", "/sectoren", "/werk", "/werkgeluk"])
def test_no_place_is_left_out_without_a_word(plain: TestClient, path: str) -> None:
    text = re.sub(r"<svg.*?</svg>|<select.*?</select>", "", plain.get(path).text, flags=re.S)
    for name in ("Brussels Hoofdstedelijk Gewest", "Waals-Brabant", "Henegouwen", "Luik",
                 "Luxemburg", "Namen", "Antwerpen", "Limburg", "West-Vlaanderen"):  # fmt: skip
        assert name in text


def test_a_province_has_its_verdict_in_each_dimension(plain: TestClient) -> None:
    text = plain.get("/werkgeluk").text
    tables = text[text.index("Verandering per provincie") :].split("<table")[1:]
    assert len(tables) == 6
    for table in tables:
        rows = re.findall(r'<tr role="row"[^>]*data-est.*?</tr>', table, re.S)
        assert len(rows) == 6
        assert all(re.search(r'class="said">[a-z ]+<', row) for row in rows)


def withholding(store: CoordinatorStore) -> None:
    with store.begin() as connection:
        drafts.withhold(connection, WITHHELD, COORDINATOR)


@pytest.mark.heavy
def test_a_withheld_round_is_listed_with_its_reason_and_every_page_leads_there(
    tmp_path: Path,
) -> None:
    store = signing_store(tmp_path / "store")
    rounds(store, 1, 2)
    with store.begin() as connection:
        publish(connection, the_release())
    before = served(store)
    assert "None: every completed round is published." in before.get("/methode?lang=en").text
    assert "#withheld" not in before.get("/").text
    withholding(store)
    client = served(store)
    text = client.get("/methode?lang=en").text
    assert (
        "Round 2, start of guidance in 2023, withheld on 9 October 2025: "
        "Two tables contradict each other." in text
    )
    for path in PATHS:
        page = client.get(path).text
        assert 'href="/methode#withheld">1 ronde is niet gepubliceerd, en waarom</a>' in page


def test_a_region_whose_only_round_is_withheld_says_so(tmp_path: Path) -> None:
    store = signing_store(tmp_path / "store")
    rounds(store, 2)
    withholding(store)
    text = served(store).get("/?lang=en").text
    assert "Two tables contradict each other." in text
    assert "nothing has been measured" not in text


def test_the_signature_of_a_withheld_round_is_checked_once_and_again_when_its_bytes_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = signing_store(tmp_path / "store")
    rounds(store, 2)
    withholding(store)
    app, now = public_app(store, lambda: 0, []), [0.0]
    app.state.release_cache.ticks = lambda: now[0]
    client, opened, really = TestClient(app), [], Signed.open

    def counted(self: Signed, kind: type, signer: str) -> object:
        opened.append(kind)
        return really(self, kind, signer)

    monkeypatch.setattr(Signed, "open", counted)
    for _ in range(5):
        now[0] += 10
        (one,) = client.get("/api/v1/withheld").json()
        assert Signed(**one).peek(Withheld) == WITHHELD
    assert opened == [Withheld]
    with store.begin() as connection:
        connection.execute(withheld.update().values(body=withheld.c.body + " "))
    now[0] += 10
    assert client.get("/api/v1/withheld").json() == []


def test_a_withheld_round_that_was_altered_in_the_store_is_not_repeated(tmp_path: Path) -> None:
    store = signing_store(tmp_path / "store")
    rounds(store, 2)
    with store.begin() as connection:
        drafts.withhold(connection, WITHHELD, Identity.new(tape("somebody else")))
    client = served(store)
    assert "contradict" not in client.get("/?lang=en").text
    assert client.get("/api/v1/withheld").json() == []
