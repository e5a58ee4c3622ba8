"""The one door of a node: every request has an answer, and a refusal is a code and nothing more."""

import re
from pathlib import Path

import pytest
from cast import tape
from region import DAY
from small_region import Small, small_programme

from node.admission import check, pinned_authority
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import NodeStore, egress_log, rounds, signed_documents
from privacy.accounting import ledger
from privacy.secure_sum import refusal
from privacy.secure_sum.keys import Identity
from schemas.document import MalformedDocument
from schemas.message import Frame, Kind, MalformedFrame
from schemas.signed import BadSignature, Signed

REQUESTS = [kind for kind in Kind if kind < Kind.READY]
ANSWERS = [kind for kind in Kind if kind >= Kind.READY]


def codes() -> frozenset[str]:
    """Every reason that a node may give: the codes of the classes that `answer` catches."""
    found = {MalformedDocument.code, MalformedFrame.code, BadSignature.code}
    for module in (check, pinned_authority, ledger, refusal):
        found |= {
            one.code
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, ValueError) and hasattr(one, "code")
        }
    return frozenset(found)


@pytest.fixture
def new(tmp_path: Path) -> Participant:
    """A node that never joined anything."""
    return Participant(NodeStore.create(tmp_path / "new"), Context(lambda: 7, tape("new")))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"WGW1",
        b"GET / HTTP/1.1\r\n\r\n",
        b"WGW2\x01\x00\x00",
        b"WGW1\x00\x00\x00",
        b"WGW1\x63\x00\x00",
        b"WGW1\x02\xff\xff",
        b"WGW1\x02\x00\x01\xff\xff\xff\xff",
        b"WGW1\x02\x00\x00more",
        Frame(Kind.CONTRIBUTE, (b"x",)).to_bytes()[:-1],
        *(Frame(kind, (b"x",)).to_bytes() for kind in ANSWERS),
    ],
    ids=lambda raw: raw[:12].hex(),
)
def test_what_is_no_request_is_refused_as_malformed(new: Participant, raw: bytes) -> None:
    assert Frame.from_bytes(new.answer(raw)) == Frame(Kind.REFUSED, (b"malformed-frame",))


@pytest.mark.heavy
@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize("parts", [(), (b"",), (b"x",) * 2, (b"{}",) * 5, (b"\xff" * 40,) * 3])
def test_whatever_a_request_holds_the_answer_is_a_code_from_the_closed_list(
    opened: Small, kind: Kind, parts: tuple[bytes, ...]
) -> None:
    answer = opened.ask(1, Frame(kind, parts).to_bytes())
    assert answer.kind is Kind.REFUSED
    assert answer.parts[0].decode() in codes()


def test_reason_codes_are_short_words_without_data() -> None:
    assert len(codes()) > 20
    assert all(re.fullmatch(r"[a-z][a-z-]{0,39}", code) for code in codes())


def test_a_refusal_carries_one_part_whatever_the_error_said(
    opened: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talkative(*_: object) -> None:
        raise check.OutsideProgramme("client 00412 of Gent earns 3100")

    monkeypatch.setattr("node.rounds.contribution.check_announcement", talkative)
    raw = opened.nodes[1].answer(_contribute(opened))
    assert Frame.from_bytes(raw).parts == (b"outside-programme",)
    assert b"00412" not in raw


def _contribute(small: Small) -> bytes:
    parts = small.parts(Kind.ANNOUNCE, 1)
    assert parts
    small.region.ticks(1)
    return small.carrier.last(Kind.CONTRIBUTE, 1)


@pytest.mark.heavy
def test_everything_that_leaves_is_logged_byte_for_byte(contributed: Small) -> None:
    with contributed.region.nodes[1].begin() as connection:
        left = egress_log.departures(connection)
        stored = rounds.all_rounds(connection)[0]
    assert [one.kind for one in left][-2:] == ["contribution", "set_signature"]
    assert stored.message is not None
    assert left[-2].body == Frame(Kind.CONTRIBUTION, (stored.message,)).to_bytes()


def test_who_asks_on_and_on_fills_no_disk(contributed: Small) -> None:
    node = contributed.nodes[1].answer
    asked = contributed.carrier.last(Kind.CONTRIBUTE, 1)
    said = {node(raw) for _ in range(5) for raw in (asked, b"nonsense")}
    with contributed.region.nodes[1].begin() as connection:
        kinds = [one.kind for one in egress_log.departures(connection)]
    assert len(said) == 2
    assert kinds.count("contribution") == 1


def test_refusals_are_logged_with_their_reason(new: Participant) -> None:
    new.answer(b"nonsense")
    with new._store.begin() as connection:
        (left,) = egress_log.departures(connection)
    assert (left.kind, left.number, left.at) == ("refused: malformed-frame", None, 7)


def test_a_request_that_is_refused_changes_nothing_but_the_papers_to_read(opened: Small) -> None:
    announced = list(opened.parts(Kind.ANNOUNCE, 1))
    other = Signed.seal(small_programme(version=2), opened.region.authority.private)
    before = _state(opened)
    announced[1] = other.canonical()
    assert opened.refusal(1, Kind.ANNOUNCE, *announced) == "not-approved"
    assert _state(opened)[1:] == before[1:]
    with opened.region.nodes[1].begin() as connection:
        kept = signed_documents.latest(connection, "programme")
    assert kept is not None
    assert (kept.version, kept.signed, kept.approved_at) == (2, other, None)
    before = _state(opened)
    announced[1] = Signed.seal(
        small_programme(version=3), Identity(b"\x09" * 32).private
    ).canonical()
    assert opened.refusal(1, Kind.ANNOUNCE, *announced) == "bad-signature"
    assert _state(opened) == before


def _state(small: Small) -> list[object]:
    with small.region.nodes[1].begin() as connection:
        document = signed_documents.latest(connection, "programme")
        return [document, rounds.links(connection), rounds.all_rounds(connection)]


def test_a_centre_that_never_joined_refuses_every_round(opened: Small, new: Participant) -> None:
    raw = opened.carrier.last(Kind.ANNOUNCE, 1)
    assert Frame.from_bytes(new.answer(raw)).parts == (b"not-enrolled",)
    assert not new.ready()


def test_an_announcement_that_the_coordinator_did_not_sign_is_refused(opened: Small) -> None:
    parts = list(opened.parts(Kind.ANNOUNCE, 1))
    parts[2] = (
        parts[2].replace(b'"round":1', b'"round":2').replace(b'\\"round\\":1', b'\\"round\\":2')
    )
    assert opened.refusal(1, Kind.ANNOUNCE, *parts) == BadSignature.code


@pytest.mark.heavy
def test_the_same_announcement_again_gives_the_same_prekey(opened: Small) -> None:
    raw = opened.carrier.last(Kind.ANNOUNCE, 1)
    first, second = opened.ask(1, raw), opened.ask(1, raw)
    assert first.kind is Kind.READY
    assert first.parts[1] == second.parts[1] != b""


def test_a_centre_that_hears_of_a_round_too_late_sends_no_prekey(opened: Small) -> None:
    with opened.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM prekey")
    opened.region.clock.now += DAY
    raw = opened.carrier.last(Kind.ANNOUNCE, 1)
    assert opened.ask(1, raw).parts == (b"too-late",)
