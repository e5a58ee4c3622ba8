"""Keys, cards and links that no round can use: each costs its centre its place and no more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lives import FIRST, SECOND, Lives, identity_of, make_lives
from region import DAY

from coordinator.commands.rounds import _sentences
from coordinator.rounds import operator_actions
from coordinator.store import centres, links, rounds
from node.store import rounds as node_rounds
from schemas.document import Document
from schemas.message import Frame, Kind
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import Signed

BAD = 3
P = 2**255 - 19
Change = Callable[[Lives, list[bytes]], list[bytes]]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    return make_lives(tmp_path)


def resealed(lives: Lives, raw: bytes, kind: type[Document], **changes: object) -> bytes:
    body = Signed.from_canonical(raw).peek(kind).model_copy(update=changes)
    return Signed.seal(body, identity_of(lives.region.nodes[BAD]).private).canonical()


def spoil_ready(lives: Lives, change: Change) -> None:
    """Centre BAD changes what it says when it is ready, under its own signature."""
    honest = lives.carrier.handlers[BAD]

    def answer(raw: bytes) -> bytes:
        frame = Frame.from_bytes(honest(raw))  # type: ignore[operator]
        if frame.kind is not Kind.READY:
            return frame.to_bytes()
        return Frame(Kind.READY, tuple(change(lives, list(frame.parts)))).to_bytes()

    lives.carrier.handlers[BAD] = answer


def prekey(**changes: object) -> Change:
    def change(lives: Lives, parts: list[bytes]) -> list[bytes]:
        if parts[1]:
            parts[1] = resealed(lives, parts[1], Prekey, **changes)
        return parts

    return change


def copied(lives: Lives, parts: list[bytes]) -> list[bytes]:
    """The key of whoever was ready before."""
    with lives.region.store.begin() as connection:
        said = rounds.answers(connection, 1, "prekey").values()
        other = [Signed.from_canonical(raw).peek(Prekey).mask_public for raw in said]
    return prekey(mask_public=other[0])(lives, parts) if other else [parts[0], b"", b""]


def own_twice(lives: Lives, parts: list[bytes]) -> list[bytes]:
    if parts[1]:
        key = Signed.from_canonical(parts[1]).peek(Prekey).mask_public
        return prekey(channel_public=key)(lives, parts)
    return parts


def card(kem_public: str) -> Change:
    def change(lives: Lives, parts: list[bytes]) -> list[bytes]:
        return [resealed(lives, parts[0], KeyCard, generation=9, kem_public=kem_public), *parts[1:]]

    return change


def link(base: int) -> Change:
    def change(lives: Lives, parts: list[bytes]) -> list[bytes]:
        return [*parts[:4], *(resealed(lives, raw, Link, base=base) for raw in parts[4:])]

    return change


LATE_COPY = "copied-key"
CASES: dict[str, tuple[Change, str]] = {
    "a low-order mask key": (prekey(mask_public="00" * 32), "bad-prekeys"),
    "a low-order channel key": (prekey(channel_public="01" + "00" * 31), "bad-prekeys"),
    "a key in a second spelling": (
        prekey(mask_public=(P + 9).to_bytes(32, "little").hex()), "bad-prekeys",
    ),
    "one key in both places": (own_twice, "bad-prekeys"),
    "another centre's key": (copied, LATE_COPY),
    "links to nobody": (prekey(links=(1, 2, 77)), "bad-prekeys"),
    "links twice": (prekey(links=(1, 1, 2)), "bad-prekeys"),
    "another round": (prekey(round=2), "bad-prekeys"),
    "a card without a key": (card("ff" * 1184), "bad-card"),
    "a link for rounds to come": (link(2**40), "bad-link"),
    "a link for the last round of all": (link(2**63 - 1), "bad-link"),
}  # fmt: skip


def to_release(lives: Lives, number: int) -> tuple[int, ...]:
    """Open, close and publish; the centres in the sum."""
    lives.region.clock.now += 1801
    lives.region.ticks(3)
    lives.region.ask("open", number)
    lives.region.ticks(2)
    lives.region.ask("close", number)
    lives.region.ticks(6)
    assert lives.region.status(number)["state"] == "PUBLISHED"
    return lives.region.release().in_sum


@pytest.mark.parametrize("case", CASES)
def test_what_no_round_can_use_costs_its_centre_alone_and_is_named(lives: Lives, case: str) -> None:
    change, reason = CASES[case]
    spoil_ready(lives, change)
    number = lives.announced((FIRST,))
    assert to_release(lives, number) == (1, 2, 4, 5, 6, 7)
    named = {(one["centre"], one["reason"]) for one in lives.region.status(number)["faults"]}
    assert named == {(BAD, reason)}
    assert any(line.startswith("Centre 3, getting ready:") for line in _sentences(
        lives.region.status(number)
    ))  # fmt: skip


def test_a_bad_prekey_that_was_kept_all_the_same_is_left_out_of_the_descriptor(
    lives: Lives,
) -> None:
    """Whatever let it in: a round is described of prekeys that every node accepts."""
    number = lives.announced((FIRST,))
    with lives.region.store.begin() as connection:
        held = rounds.answers(connection, number, "prekey")[BAD]
        low = resealed(lives, held, Prekey, mask_public="00" * 32)
        rounds.replace_answer(connection, number, "prekey", (BAD, low), 1)
    assert to_release(lives, number) == (1, 2, 4, 5, 6, 7)
    named = [(one["centre"], one["reason"]) for one in lives.region.status(number)["faults"]]
    assert named == [(BAD, "bad-prekeys")]


def test_a_card_without_a_key_that_was_kept_all_the_same_costs_its_own_pairs(
    lives: Lives,
) -> None:
    with lives.region.store.begin() as connection:
        held = centres.card_of(connection, BAD)
        assert held is not None
        bad = resealed(lives, held.canonical(), KeyCard, kem_public="ff" * 1184)
        centres.keep_card(connection, BAD, bad.decode())
    number = lives.announced((FIRST,))
    assert to_release(lives, number) == (1, 2, 4, 5, 6, 7)


def test_a_link_for_rounds_to_come_that_is_relayed_all_the_same_is_not_taken(
    lives: Lives,
) -> None:
    """The higher end refuses it too; the pair counts as missing and the maker goes."""
    number = lives.announced((FIRST,))
    lives.region.ask("abandon", number)
    lives.region.ticks(1)
    with lives.region.store.begin() as connection:
        for hi in (4, 5, 6, 7):
            held = links.of(connection, BAD, hi)
            assert held is not None
            late = resealed(lives, held.canonical(), Link, base=2**40)
            links.keep(connection, BAD, {hi: Signed.from_canonical(late)})
    spoil_ready(lives, lambda _, parts: parts[:4])
    number = lives.announced((FIRST,))
    assert to_release(lives, number) == (1, 2, 4, 5, 6, 7)


def asleep(lives: Lives, nodes: tuple[int, ...], count: int) -> None:
    """So many rounds are announced and cancelled while these centres are away."""
    for node in nodes:
        lives.carrier.kill(node)
    for _ in range(count):
        number = lives.region.announce((FIRST,))
        lives.region.ticks(1)
        lives.region.ask("abandon", number)
        lives.region.ticks(1)
    for node in nodes:
        lives.carrier.revive(node)


EVERYBODY = (1, 2, 3, 4, 5, 6, 7)


def test_a_region_that_slept_through_two_hundred_announcements_takes_part_in_the_next(
    lives: Lives,
) -> None:
    assert to_release(lives, lives.announced((FIRST,))) == EVERYBODY
    asleep(lives, EVERYBODY, 200)
    number = lives.announced((SECOND,))
    assert number == 202
    assert lives.region.status(number)["prekeys"] == 7
    assert to_release(lives, number) == EVERYBODY


def test_sixty_six_announcements_that_everybody_heard_cost_new_links_and_no_round(
    lives: Lives,
) -> None:
    lives.announced((FIRST,))
    lives.region.ask("abandon", 1)
    lives.region.ticks(1)
    asleep(lives, (), 66)
    number = lives.announced((FIRST,))
    assert lives.region.status(number)["prekeys"] == 7
    assert to_release(lives, number) == EVERYBODY


@pytest.mark.parametrize("away", [1, 4, 7], ids=["the lowest", "a middle one", "the highest"])
def test_a_centre_that_was_away_for_a_year_takes_part_in_its_first_round_back(
    lives: Lives, away: int
) -> None:
    assert to_release(lives, lives.announced((FIRST,))) == EVERYBODY
    asleep(lives, EVERYBODY, 50)
    lives.carrier.kill(away)
    others = tuple(node for node in EVERYBODY if node != away)
    assert to_release(lives, lives.announced((SECOND,))) == others
    lives.region.clock.now += 300 * DAY
    asleep(lives, EVERYBODY, 50)
    number = lives.announced((FIRST,), period=1)
    assert lives.region.status(number)["prekeys"] == 7
    assert to_release(lives, number) == EVERYBODY


def test_the_higher_end_asks_for_a_link_that_it_cannot_use_and_gets_it_in_time(
    lives: Lives,
) -> None:
    """Centre 7 forgot what centre 2 made for it; centre 2 is ready already when it hears."""
    number = lives.announced((FIRST,))
    lives.region.ask("abandon", number)
    lives.region.ticks(1)
    with lives.region.nodes[7].begin() as connection:
        connection.exec_driver_sql("DELETE FROM link WHERE peer = 2")
    with lives.region.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM link WHERE lo = 2 AND hi = 7")
    honest = lives.carrier.handlers[2]
    lives.carrier.handlers[2] = (
        lambda raw: Frame(  # forgets to send what it made before
            Kind.READY,
            Frame.from_bytes(honest(raw)).parts[:4],  # type: ignore[operator]
        ).to_bytes()
    )
    number = lives.region.announce((FIRST,))
    lives.region.ticks(1)
    lives.carrier.handlers[2] = honest
    assert lives.region.status(number)["prekeys"] == 6
    lives.region.ticks(3)
    assert lives.region.status(number)["prekeys"] == 7
    with lives.region.nodes[7].begin() as seven, lives.region.nodes[2].begin() as two:
        ends = (node_rounds.links(seven)[2], node_rounds.links(two)[7])
    assert (ends[0].base, ends[0].key) == (ends[1].base, ends[1].key)
    assert ends[0].base == number
    assert to_release(lives, number) == EVERYBODY


def test_who_keeps_asking_for_links_gets_one_a_round(lives: Lives) -> None:
    """Centre 7 says in each answer that it lacks all links, and never gets ready."""
    honest = lives.carrier.handlers[7]

    def greedy(raw: bytes) -> bytes:
        frame = Frame.from_bytes(honest(raw))  # type: ignore[operator]
        lacking = bytes([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])
        return Frame(Kind.READY, (frame.parts[0], b"", lacking, b"")).to_bytes()

    lives.announced((FIRST,))
    lives.region.ask("abandon", 1)
    lives.region.ticks(1)
    lives.carrier.handlers[7] = greedy
    number = lives.announced((FIRST,))
    lives.region.ticks(2)
    said = len(lives.carrier.heard)
    lives.region.ticks(3)
    assert {node for node, _, _ in lives.carrier.heard[said:]} == {7}
    assert to_release(lives, number) == (1, 2, 3, 4, 5, 6)


def test_a_card_is_checked_when_it_is_renewed_and_the_old_one_stays(lives: Lives) -> None:
    spoil_ready(lives, card("ff" * 1184))
    lives.announced((FIRST,))
    with lives.region.store.begin() as connection:
        held = centres.card_of(connection, BAD)
    assert held is not None
    assert held.peek(KeyCard).generation == 1
    with lives.region.store.begin() as connection:
        assert operator_actions.status(connection, 1)["faults"][0]["reason"] == "bad-card"
