"""How a round ended: asked of the region over HTTPS, less often the longer it takes."""

import logging
from dataclasses import replace
from itertools import pairwise
from threading import Event, Thread

import httpx
import pytest
from fastapi.testclient import TestClient
from public_port import documents_over
from region import DAY
from small_region import OTHER, Small

from chassis.store.errors import StoreBusy
from coordinator.web.application import public_app
from node.rounds.ending import Ask, Endings
from node.rounds.public_documents import NotFetched
from node.rounds.rollback_check import halt
from node.store import budget, cipher, rounds
from schemas.message import Frame, Kind

LEAST = 10


def asking(small: Small, ask: Ask, node: int = 1) -> Endings:
    """A centre that asks this of its region."""
    made = small.region.endings(node)
    return Endings(made.store, made.around, ask, LEAST)


def outcome(small: Small, node: int = 1) -> str:
    with small.region.nodes[node].begin() as connection:
        return rounds.all_rounds(connection)[0].outcome


def rid_of(small: Small) -> bytes:
    with small.region.nodes[1].begin() as connection:
        return rounds.all_rounds(connection)[0].rid


def over(small: Small) -> Small:
    """The round is published, and no centre has asked yet."""
    small.region.ask("close", 1)
    for _ in range(5):
        small.region.engine.tick()
    assert small.region.status(1)["state"] == "PUBLISHED"
    return small


def reader(small: Small) -> TestClient:
    return TestClient(public_app(small.region.store, small.region.clock, []))


def test_while_a_round_is_open_the_region_says_so_and_nothing_changes(given: Small) -> None:
    given.region.endings(1).step()
    assert outcome(given) == "sent"
    answer = reader(given).get(f"/api/v1/ended/{rid_of(given).hex()}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"


def test_who_contributed_hears_over_https_that_it_is_in_the_sum(given: Small) -> None:
    over(given).region.endings(1).step()
    assert outcome(given) == "in_sum"
    assert outcome(given, 2) == "sent"  # each centre asks for itself


def test_a_centre_that_slept_for_a_year_still_hears_the_end(given: Small) -> None:
    over(given).region.clock.now += 400 * DAY
    given.region.engine.tick()
    given.region.endings(1).step()
    assert outcome(given) == "in_sum"


def test_a_store_that_an_import_keeps_busy_costs_no_more_than_a_later_question(
    given: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that asks outlives it: nobody would start it again."""
    over(given)
    monkeypatch.setattr(cipher, "PATIENCE", 0.05)
    endings, stop, asked = given.region.endings(1), Event(), Event()
    hurried = replace(endings, least=0.01, ask=lambda rid: asked.set() or endings.ask(rid))
    store = hurried.store
    with store.begin():
        asking = Thread(target=hurried.run, args=(stop,), daemon=True)
        asking.start()
        assert not asked.wait(0.5)
        with pytest.raises(StoreBusy, match="Another program is busy"), store.begin():
            pass
    assert asked.wait(30)
    stop.set()
    asking.join(30)
    assert outcome(given) == "in_sum"


def test_a_round_that_was_given_up_gives_the_charge_back(given: Small) -> None:
    given.region.ask("abandon", 1)
    given.region.ticks(3)
    assert outcome(given) == "abandoned"
    with given.region.nodes[1].begin() as connection:
        assert not budget.ledger(connection, given.region.programme.budget).charges


@pytest.mark.heavy
def test_the_longer_a_round_is_open_the_less_often_a_centre_asks(given: Small) -> None:
    """Looked at every five seconds: after ten at first, later a tenth of the time, then an hour."""
    clock, begun, asked = given.region.clock, given.region.clock.now, list[int]()
    one = asking(given, lambda _: asked.append(clock.now - begun))
    for second in range(0, 3 * 3_600, 5):
        clock.now = begun + second
        one.step()
    gaps = [after - before for before, after in pairwise(asked)]
    assert asked[:3] == [0, 10, 20]
    assert all(
        LEAST <= gap <= max(LEAST, 0.1 * at) + 5 for at, gap in zip(asked, gaps, strict=False)
    )
    assert len(asked) < 60
    clock.now = begun + 400 * DAY
    one.step()
    clock.now += 3_600
    one.step()
    assert asked[-1] - asked[-2] == 3_600  # an hour at most


@pytest.mark.parametrize(
    "said",
    [b"", b"WGW1", b"<html>", Frame(Kind.STATEMENT, (b"x",)).to_bytes(),
     Frame(Kind.RESULT, (b"\0" * 32, b"", b"")).to_bytes(), Frame(Kind.REFUND, ()).to_bytes()],
)  # fmt: skip
def test_what_is_no_end_of_this_round_is_left_and_asked_for_again(
    given: Small, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[bytes] = []

    def lie(rid: bytes) -> bytes:
        asked.append(rid)
        return said

    one = asking(given, lie)
    with caplog.at_level(logging.WARNING):
        one.step()
        given.region.clock.now += LEAST
        one.step()
    assert outcome(given) == "sent"
    assert asked == [rid_of(given)] * 2
    sentence = "what the region says of a round's end does not hold: malformed-frame"
    assert caplog.messages == [sentence] * 2


@pytest.mark.heavy
def test_the_end_of_one_round_does_not_end_another(given: Small) -> None:
    """Signed by everybody, and of the round before."""
    first = over(given).region.documents.ending(rid_of(given))
    given.region.ticks(1)
    number = given.region.announce((OTHER,))
    given.region.ticks(3)
    given.region.ask("open", number)
    given.region.ticks(2)
    asking(given, lambda _: first).step()
    assert outcome(given) == "sent"


def test_a_region_that_is_away_is_asked_again(given: Small) -> None:
    def away(_: bytes) -> bytes:
        raise NotFetched("no answer")

    one = asking(over(given), away)
    one.step()
    assert outcome(given) == "sent"
    one.ask = given.region.documents.ending
    given.region.clock.now += LEAST
    one.step()
    assert outcome(given) == "in_sum"


@pytest.mark.heavy
def test_a_store_that_was_found_to_be_older_asks_and_notes_nothing(given: Small) -> None:
    asked: list[bytes] = []
    with given.region.nodes[1].begin() as connection:
        halt(connection, 1)
    asking(over(given), asked.append).step()
    assert asked == []


def test_an_end_that_is_larger_than_any_end_is_left_at_once() -> None:
    documents = documents_over(
        httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(bytes(2**22))))
    )
    with pytest.raises(NotFetched):
        documents.ending(b"\1" * 32)


@pytest.mark.heavy
def test_who_guesses_rounds_is_told_to_wait_and_a_region_that_asks_is_not(opened: Small) -> None:
    client, name = reader(opened), ""
    with opened.region.store.read() as connection:
        (row,) = connection.exec_driver_sql("SELECT rid FROM round").fetchall()
        name = bytes(row[0]).hex()
    assert {client.get(f"/api/v1/ended/{name}").status_code for _ in range(200)} == {204}
    guesses = [client.get(f"/api/v1/ended/{at:064x}").status_code for at in range(121)]
    assert guesses == [404] * 120 + [429]
    assert client.get("/api/v1/ended/short").status_code == 429


def test_the_end_is_made_once_and_is_the_same_for_every_reader(given: Small) -> None:
    client, rid = reader(over(given)), rid_of(given)
    first = client.get(f"/api/v1/ended/{rid.hex()}")
    assert "immutable" in first.headers["cache-control"]
    with given.region.store.begin() as connection:
        connection.exec_driver_sql("UPDATE round SET rid = NULL")
    assert client.get(f"/api/v1/ended/{rid.hex()}").content == first.content
    said = Frame.from_bytes(first.content)
    named, headers, _ = said.parts
    assert (said.kind, named) == (Kind.RESULT, rid)
    assert len(headers) < 7 * 500
