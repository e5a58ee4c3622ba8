"""An answer of the wrong kind, or that its centre did not sign, is not taken; the round goes on."""

import logging
from collections.abc import Callable

import pytest
from cast import tape
from odd_carrier import Answer, Odd
from small_region import ASK, Small

from coordinator.rounds.opening import documents_for
from coordinator.rounds.readiness import Asked, take_ready
from coordinator.store import centres, links, rounds
from coordinator.store.database import Connection
from privacy.secure_sum.keys import Identity
from schemas.document import Document
from schemas.message import Frame, Kind
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import Signed

STRANGER = Identity(b"\x77" * 32)


def _frame(kind: Kind, *parts: bytes) -> Answer:
    return lambda _: Frame(kind, parts).to_bytes()


def _flipped(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


ODD_ANSWERS: list[tuple[str, Answer]] = [
    ("nothing", lambda _: b""),
    ("noise", lambda raw: raw[::-1]),
    ("cut short", lambda raw: raw[:-1]),
    ("too long", lambda raw: raw + b"x"),
    ("a changed signature", _flipped),
    ("another kind", _frame(Kind.STATEMENT)),
    ("a statement instead", _frame(Kind.STATEMENT, b"x" * 98)),
    ("a request", _frame(Kind.ANNOUNCE, b"x")),
    ("no part", _frame(Kind.CONTRIBUTION)),
    ("an empty part", _frame(Kind.CONTRIBUTION, b"")),
    ("a short contribution", _frame(Kind.CONTRIBUTION, b"\0" * 40)),
    ("a refusal without a code", _frame(Kind.REFUSED)),
    ("a refusal with two codes", _frame(Kind.REFUSED, b"paused", b"paused")),
    ("a refusal that paints the terminal", _frame(Kind.REFUSED, b"\x1b[2Jgone")),
    ("a refusal with a client", _frame(Kind.REFUSED, b"client 00412 of Gent")),
]


@pytest.mark.heavy
@pytest.mark.parametrize("answer", [a for _, a in ODD_ANSWERS], ids=[n for n, _ in ODD_ANSWERS])
def test_an_odd_contribution_is_not_taken_and_the_round_goes_on(
    opened: Small, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    Odd(opened, 1, answer)
    with caplog.at_level(logging.WARNING):
        opened.region.ticks(1)
    facts = opened.region.status(1)
    assert (facts["contributions"], facts["refusals"]) == (6, {})
    assert "an answer of centre 1 was not taken" in caplog.text
    assert "00412" not in caplog.text
    assert "\x1b" not in caplog.text
    opened.region.ask("close", 1)
    opened.region.ticks(1)
    assert opened.region.status(1)["state"] == "CLOSING"


def test_a_reason_code_is_counted_and_the_last_one_stands(opened: Small) -> None:
    codes = iter([b"paused", b"budget-exceeded"])
    Odd(opened, 1, lambda _: Frame(Kind.REFUSED, (next(codes),)).to_bytes())
    opened.region.ticks(1)
    assert opened.region.status(1)["refusals"] == {"paused": 1}
    opened.region.ticks(1)
    assert opened.region.status(1)["refusals"] == {"budget-exceeded": 1}


def test_a_contribution_of_another_centre_is_not_taken(opened: Small) -> None:
    kept: dict[str, bytes] = {}

    def swap(raw: bytes) -> bytes:
        return kept.setdefault("first", raw)

    Odd(opened, 1, swap)
    opened.region.ticks(1)
    Odd(opened, 2, lambda _: kept["first"])
    with opened.region.store.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM answer WHERE centre = 2"
            " AND kind IN ('header', 'commitments', 'slots', 'vector')"
        )
    opened.region.ticks(1)
    with opened.region.store.begin() as connection:
        assert 2 not in rounds.who_answered(connection, 1, "header")


def ready(small: Small, node: int = 1) -> list[bytes]:
    """The parts of a centre's own READY, with all links that it made."""
    asked = Frame.from_bytes(small.carrier.last(Kind.ANNOUNCE, node)).parts
    unheld = Frame(Kind.ANNOUNCE, (*asked[:8], b"")).to_bytes()
    return list(small.ask(node, unheld).parts)


def _resealed(raw: bytes, kind: type[Document], by: Identity, **changes: object) -> bytes:
    body = Signed.from_canonical(raw).peek(kind).model_copy(update=changes)
    return Signed.seal(body, by.private).canonical()


def test_a_ready_without_a_card_or_a_prekey_does_not_stop_the_announcement(
    opened: Small,
) -> None:
    with opened.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), opened.region.clock.now)
    number = opened.region.announce((ASK,))
    for parts in ((b"card",), (b"", b"", b"", b""), (b"{}", b"{}", b"", b"")):
        Odd(opened, 1, _frame(Kind.READY, *parts))
        opened.region.ticks(2)
        assert opened.region.status(number)["prekeys"] == 6


def asked_one(connection: Connection) -> Asked:
    found = rounds.of(connection, 1)
    assert found is not None
    return Asked(documents_for(connection, found), found, {})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: [_resealed(parts[0], KeyCard, STRANGER, generation=9), *parts[1:]],
        lambda parts: [parts[0], _resealed(parts[1], Prekey, STRANGER), *parts[2:]],
        lambda parts: [*parts[:4], _resealed(parts[4], Link, STRANGER, hi=3)],
    ],
    ids=["card", "prekey", "link"],
)
def test_what_a_centre_did_not_sign_itself_is_not_kept(
    opened: Small, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    frame = Frame(Kind.READY, tuple(spoil(ready(opened))))
    with opened.region.store.begin() as connection:
        before = (centres.card_of(connection, 1), links.of(connection, 1, 3))
        asked = asked_one(connection)
    with pytest.raises(ValueError, match=r"sign|prekey"), opened.region.store.begin() as connection:
        take_ready(connection, asked, 1, frame, 1)
    with opened.region.store.begin() as connection:
        assert (centres.card_of(connection, 1), links.of(connection, 1, 3)) == before


def test_a_newer_key_card_replaces_the_older_one_and_not_the_other_way(opened: Small) -> None:
    me = Identity.new(tape("store 1"))
    parts = ready(opened)
    newer = _resealed(parts[0], KeyCard, me, generation=2)
    with opened.region.store.begin() as connection:
        for card in (newer, parts[0]):
            frame = Frame(Kind.READY, (card, b"", b"", b""))
            take_ready(connection, asked_one(connection), 1, frame, 1)
        held = centres.card_of(connection, 1)
    assert held is not None
    assert held.peek(KeyCard).generation == 2


@pytest.mark.heavy
@pytest.mark.parametrize("kind", [Kind.CERTIFY, Kind.UNMASK])
def test_a_member_that_answers_oddly_does_not_stop_the_sum(given: Small, kind: Kind) -> None:
    expected = Kind.SET_SIGNATURE if kind is Kind.CERTIFY else Kind.SHARES

    def odd(raw: bytes) -> bytes:
        return _flipped(raw) if raw[4] == expected else raw

    Odd(given, 1, odd)
    given.region.ask("close", 1)
    given.region.ticks(6)
    assert given.region.status(1)["state"] == "PUBLISHED"


def test_a_statement_that_a_member_did_not_sign_is_not_counted(given: Small) -> None:
    Odd(given, 1, _flipped)
    for node in (6, 7):
        given.carrier.kill(node)
    given.region.ask("abandon", 1)
    given.region.ticks(2)
    assert (given.region.status(1)["statements"], given.region.status(1)["state"]) == (4, "OPEN")
    Odd(given, 2, lambda raw: Frame(Kind.STATEMENT, (_statement_of(given, 3),)).to_bytes())
    given.carrier.revive(6)
    given.region.ticks(2)
    assert given.region.status(1)["state"] == "ABANDONED"


def _statement_of(small: Small, node: int) -> bytes:
    with small.region.store.begin() as connection:
        return rounds.answers(connection, 1, "abandonment")[node]
