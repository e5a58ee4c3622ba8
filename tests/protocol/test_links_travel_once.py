"""Links on their way: each travels once up and once down, and comes again to who lost it."""

from collections import Counter
from pathlib import Path

import pytest
from lives import FIRST, Lives, make_lives

from coordinator.store import links
from node.store import rounds as node_rounds
from schemas.message import Frame, Kind, unpack
from schemas.round import Link
from schemas.signed import Signed

PAIRS = {(lo, hi) for hi in range(1, 8) for lo in range(1, hi)}


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    return make_lives(tmp_path)


def _pair(raw: bytes) -> tuple[int, int]:
    link = Signed.from_canonical(raw).peek(Link)
    return link.lo, link.hi


def sent(lives: Lives) -> Counter[tuple[int, int]]:
    """How often each pair's link went from its maker to the coordinator."""
    frames = [Frame.from_bytes(answer) for _, _, answer in lives.carrier.heard]
    return Counter(_pair(raw) for f in frames if f.kind is Kind.READY for raw in f.parts[4:])


def relayed(lives: Lives) -> Counter[tuple[int, int]]:
    """How often it went from there to the higher end."""
    frames = [Frame.from_bytes(request) for _, request, _ in lives.carrier.heard]
    asked = [f.parts[4] for f in frames if f.kind is Kind.ANNOUNCE]
    return Counter(_pair(raw) for part in asked for raw in unpack(part))


def asked(lives: Lives) -> Counter[int]:
    return Counter(node for node, raw, _ in lives.carrier.heard if raw[4] == Kind.ANNOUNCE)


def cancel(lives: Lives, number: int) -> None:
    lives.region.ask("abandon", number)
    lives.region.ticks(1)


def test_each_link_travels_once_up_and_once_down(lives: Lives) -> None:
    cancel(lives, lives.announced((FIRST,)))
    assert sent(lives) == relayed(lives) == dict.fromkeys(PAIRS, 1)
    lives.carrier.heard.clear()
    number = lives.announced((FIRST,))
    assert lives.region.status(number)["prekeys"] == 7
    assert sent(lives) == relayed(lives) == {}
    assert asked(lives) == dict.fromkeys(range(1, 8), 1)


def test_a_centre_is_asked_again_once_all_its_links_are_there(lives: Lives) -> None:
    """And not for each that comes."""
    lives.announced((FIRST,))
    assert asked(lives) == {1: 1, **dict.fromkeys(range(2, 8), 2)}


def test_a_link_whose_answer_was_lost_is_relayed_until_its_end_has_it(lives: Lives) -> None:
    honest, lost = lives.carrier.handlers[7], Frame(Kind.REFUSED, (b"paused",)).to_bytes()
    lives.carrier.handlers[7] = lambda _: lost
    cancel(lives, lives.announced((FIRST,)))
    with lives.region.store.begin() as connection:
        assert len(links.waiting_for(connection, 7, ())) == 6
        assert links.waiting_for(connection, 6, ()) == {}
    lives.carrier.handlers[7] = honest
    lives.carrier.heard.clear()
    number = lives.announced((FIRST,))
    assert lives.region.status(number)["prekeys"] == 7
    assert relayed(lives) == {(lo, 7): 1 for lo in range(1, 7)}


def test_a_coordinator_that_lost_a_link_gets_it_again_from_its_maker(lives: Lives) -> None:
    cancel(lives, lives.announced((FIRST,)))
    with lives.region.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM link WHERE lo = 2 AND hi = 5")
    lives.carrier.heard.clear()
    cancel(lives, lives.announced((FIRST,)))
    assert sent(lives) == {(2, 5): 1}
    with lives.region.nodes[2].begin() as connection:
        made = {one.peek(Link).hi: one for one in node_rounds.made_links(connection)}
    with lives.region.store.begin() as connection:
        assert links.waiting_for(connection, 5, (2,))[2][1] == made[5].canonical()


def test_a_centre_that_says_it_took_what_it_was_never_sent_changes_nothing(lives: Lives) -> None:
    honest = lives.carrier.handlers[7]

    def boasting(raw: bytes) -> bytes:
        frame = Frame.from_bytes(honest(raw))  # type: ignore[operator]
        every = b"".join(bytes([0, node]) for node in range(1, 7))
        return Frame(Kind.READY, (*frame.parts[:3], every, *frame.parts[4:])).to_bytes()

    lives.carrier.handlers[7] = boasting
    number = lives.region.announce((FIRST,))
    lives.region.ticks(1)
    with lives.region.store.begin() as connection:
        assert len(links.waiting_for(connection, 7, ())) == 6
    lives.region.ticks(2)
    assert lives.region.status(number)["prekeys"] == 7
