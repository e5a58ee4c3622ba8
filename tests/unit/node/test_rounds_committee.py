"""A committee member signs one set or abandons, opens its shares once, and hears the result."""

from collections.abc import Callable

import pytest
from small_region import Small

from chassis.store import audit_log
from node.store import budget, rounds
from node.store.rounds import StoredRound
from schemas.message import Frame, Kind, pack, unpack
from schemas.round import Descriptor, SignedHeader
from schemas.signed import Signed


def state(small: Small, node: int = 1) -> StoredRound:
    with small.region.nodes[node].begin() as connection:
        return rounds.all_rounds(connection)[0]


def charges(small: Small, node: int = 1) -> int:
    with small.region.nodes[node].begin() as connection:
        return len(budget.ledger(connection, small.region.programme.budget).charges)


def abandon(small: Small) -> tuple[bytes, bytes]:
    """The parts of ABANDON, made of the documents that everybody holds."""
    known = state(small, 2)
    packed = pack([prekey.canonical() for prekey in known.prekeys])
    return known.descriptor.canonical(), packed


def statements(small: Small, members: tuple[int, ...]) -> list[bytes]:
    parts = abandon(small)
    raw = Frame(Kind.ABANDON, parts).to_bytes()
    answers = [small.ask(member, raw) for member in members]
    assert {answer.kind for answer in answers} == {Kind.STATEMENT}
    return [answer.parts[0] for answer in answers]


def published(small: Small) -> tuple[bytes, ...]:
    """How the region says that the round ended, once it is published."""
    small.region.ticks(5)
    assert small.region.status(1)["state"] == "PUBLISHED"
    said = small.region.documents.ending(state(small, 2).rid)
    assert said is not None
    return Frame.from_bytes(said).parts


@pytest.mark.heavy
def test_the_same_set_again_gives_the_same_signature(contributed: Small) -> None:
    raw = contributed.carrier.last(Kind.CERTIFY, 1)
    first = contributed.ask(1, raw)
    assert first.kind is Kind.SET_SIGNATURE
    assert contributed.ask(1, raw) == first


def test_a_second_set_of_a_round_is_never_signed(contributed: Small) -> None:
    *same, headers = contributed.parts(Kind.CERTIFY, 1)
    other = pack(unpack(headers)[:-1])
    assert contributed.refusal(1, Kind.CERTIFY, *same, other) == "already-signed"


def test_a_set_below_the_floor_is_not_signed(given: Small) -> None:
    given.region.ask("close", 1)
    given.carrier.kill(1)
    given.region.ticks(2)
    *same, headers = given.parts(Kind.CERTIFY, 2)
    few = pack(unpack(headers)[:-2])
    assert given.refusal(1, Kind.CERTIFY, *same, few) == "bad-set"
    assert state(given).committee == "NONE"


def test_a_member_without_a_prekey_in_the_round_signs_no_set(given: Small) -> None:
    given.region.ask("close", 1)
    given.carrier.kill(1)
    given.region.ticks(2)
    with given.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM prekey")
    assert given.refusal(1, Kind.CERTIFY, *given.parts(Kind.CERTIFY, 2)) == "not-active"


def test_who_signed_a_set_never_abandons_the_round(contributed: Small) -> None:
    assert contributed.refusal(1, Kind.ABANDON, *abandon(contributed)) == "already-signed"
    assert state(contributed).committee == "SIGNED"


def test_who_abandoned_a_round_never_signs_a_set_of_it(given: Small) -> None:
    (first,) = statements(given, (1,))
    assert statements(given, (1,)) == [first]
    given.region.ask("close", 1)
    given.carrier.kill(1)
    given.region.ticks(2)
    assert given.refusal(1, Kind.CERTIFY, *given.parts(Kind.CERTIFY, 2)) == "already-signed"
    assert state(given).committee == "ABANDONED"
    assert state(given).channel is None


def test_a_member_that_forgot_its_prekey_does_not_abandon(given: Small) -> None:
    """Restored from a backup it cannot know whether it signed a set."""
    with given.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM prekey")
        connection.exec_driver_sql("DELETE FROM round")
    assert given.refusal(1, Kind.ABANDON, *abandon(given)) == "bad-abandonment"


def test_shares_are_opened_once_and_then_only_repeated(contributed: Small) -> None:
    contributed.region.ticks(2)
    raw = contributed.carrier.last(Kind.UNMASK, 1)
    first = contributed.ask(1, raw)
    assert first.kind is Kind.SHARES
    assert (state(contributed).committee, state(contributed).channel) == ("ANSWERED", None)
    rid = state(contributed).rid
    other = contributed.ask(1, Frame(Kind.UNMASK, (rid, b"something else")).to_bytes())
    assert other == first


def test_no_share_is_opened_before_a_set_was_signed(given: Small) -> None:
    refused = given.refusal(1, Kind.UNMASK, state(given).rid, b"x")
    assert refused == "not-certified"
    assert state(given).channel is not None


def test_no_share_is_opened_without_a_quorum_of_signatures(contributed: Small) -> None:
    contributed.region.ticks(1)
    with contributed.region.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM answer WHERE kind = 'set_signature' AND centre > 2")
    contributed.region.ticks(1)
    requests = [raw for _, raw in contributed.carrier.sent if raw[4] == Kind.UNMASK]
    assert requests
    assert {contributed.ask(1, raw).parts for raw in requests} == {(b"not-certified",)}
    assert state(contributed).answer is None


@pytest.mark.parametrize("parts", [(), (b"x",), (b"x", b"y", b"z")])
def test_an_unmask_request_has_two_parts(contributed: Small, parts: tuple[bytes, ...]) -> None:
    assert contributed.refusal(1, Kind.UNMASK, *parts) == "malformed-frame"


def test_a_round_that_nobody_knows_is_not_unmasked(contributed: Small) -> None:
    assert contributed.refusal(1, Kind.UNMASK, b"\0" * 32, b"x") == "not-active"


def test_a_round_under_a_roster_that_is_not_held_is_not_abandoned(given: Small) -> None:
    descriptor, prekeys = abandon(given)
    body = Signed.from_canonical(descriptor).peek(Descriptor)
    other = body.model_copy(
        update={"announcement": body.announcement.model_copy(update={"roster": "00" * 32})}
    )
    signed = Signed.seal(other, given.region.coordinator.private).canonical()
    assert given.refusal(1, Kind.ABANDON, signed, prekeys) == "outside-programme"


@pytest.mark.parametrize("kind", [Kind.CERTIFY, Kind.ABANDON])
def test_a_descriptor_comes_with_its_prekeys(given: Small, kind: Kind) -> None:
    descriptor, _ = abandon(given)
    assert given.refusal(1, kind, descriptor) == "malformed-frame"


def test_a_statement_about_a_second_descriptor_of_one_number_is_refused(given: Small) -> None:
    descriptor, prekeys = abandon(given)
    body = Signed.from_canonical(descriptor).peek(Descriptor)
    other = body.model_copy(update={"deadline": body.deadline - 1})
    signed = Signed.seal(other, given.region.coordinator.private).canonical()
    assert given.refusal(1, Kind.ABANDON, signed, prekeys) == "round-burnt"


QUORUM = 5  # of seven members, of whom two may lie


def test_a_quorum_of_statements_gives_the_charge_back_once(given: Small) -> None:
    assert charges(given) == 4
    proof = [state(given).rid, *statements(given, tuple(range(1, 1 + QUORUM)))]
    for _ in range(2):
        assert given.region.hear(1, Kind.REFUND, *proof) == ""
    assert charges(given) == 0
    assert (state(given).outcome, state(given).channel) == ("abandoned", None)
    with given.region.nodes[1].begin() as connection:
        assert len(budget.register(connection)) == 6
        notes = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE event = 'refunded'")
        assert notes.scalar() == 1
        audit_log.check(connection)


def test_fewer_statements_than_a_quorum_give_nothing_back(given: Small) -> None:
    found = statements(given, tuple(range(1, QUORUM)))
    rid = state(given).rid
    for proof in ([], found, [*found, found[0]], [*found, *found]):
        assert given.region.hear(1, Kind.REFUND, rid, *proof) == "bad-abandonment"
    assert charges(given) == 4


def _other_round(statement: bytes) -> bytes:
    return statement[:2] + b"\x01" * 32 + statement[34:]


def _other_signature(statement: bytes) -> bytes:
    return statement[:-1] + bytes([statement[-1] ^ 1])


@pytest.mark.parametrize("spoil", [_other_round, _other_signature])
def test_one_false_statement_spoils_the_proof(
    given: Small, spoil: Callable[[bytes], bytes]
) -> None:
    found = statements(given, tuple(range(1, 1 + QUORUM)))
    found[-1] = spoil(found[-1])
    assert given.region.hear(1, Kind.REFUND, state(given).rid, *found) == "bad-abandonment"
    assert charges(given) == 4


def test_a_signature_on_a_set_is_no_statement(contributed: Small) -> None:
    contributed.region.ticks(1)
    raw = contributed.carrier.last(Kind.CERTIFY, 1)
    marks = [contributed.ask(n, raw).parts[0] for n in range(1, 1 + QUORUM)]
    rid = state(contributed).rid
    assert contributed.region.hear(1, Kind.REFUND, rid, *marks) == "bad-abandonment"
    assert charges(contributed) == 4


def test_a_refund_of_an_unknown_round_changes_nothing(given: Small) -> None:
    assert given.region.hear(1, Kind.REFUND, b"\0" * 32) == ""
    assert charges(given) == 4


def test_the_result_says_whether_this_centre_is_in_the_sum(given: Small) -> None:
    given.region.ask("close", 1)
    said = published(given)
    for _ in range(2):
        assert given.region.hear(1, Kind.RESULT, *said) == ""
    assert state(given).outcome == "in_sum"
    assert charges(given) == 4


@pytest.mark.heavy
def test_who_contributed_too_late_hears_that_it_is_not_in_the_sum(opened: Small) -> None:
    opened.carrier.kill(7)
    opened.region.ticks(1)
    request = opened.carrier.last(Kind.CONTRIBUTE, 1)
    opened.region.ask("close", 1)
    opened.region.ticks(1)
    assert opened.ask(7, request).kind is Kind.CONTRIBUTION
    assert opened.region.hear(7, Kind.RESULT, *published(opened)) == ""
    assert state(opened, 7).outcome == "not_in_sum"


def _without(node: int, raw: bytes) -> bytes:
    return pack([one for one in unpack(raw) if SignedHeader.from_canonical(one).id != node])


def test_a_set_with_too_few_signatures_or_without_a_member_is_no_result(given: Small) -> None:
    given.region.ask("close", 1)
    rid, headers, signatures = published(given)
    few = pack(unpack(signatures)[: QUORUM - 1])
    with given.region.nodes[1].begin() as connection:
        rounds.change(connection, rid, outcome="sent")
    assert given.region.hear(1, Kind.RESULT, rid, headers, few) == "not-certified"
    assert (
        given.region.hear(1, Kind.RESULT, rid, _without(1, headers), signatures) == "not-certified"
    )
    assert state(given).outcome == "sent"


@pytest.mark.parametrize("parts", [(), (b"a",), (b"a", b"b"), (b"a", b"b", b"c", b"d")])
def test_a_result_is_a_round_headers_and_signatures(given: Small, parts: tuple[bytes, ...]) -> None:
    assert given.region.hear(1, Kind.RESULT, *parts) == "malformed-frame"


@pytest.mark.heavy
def test_a_result_of_a_round_in_which_nothing_was_said_is_heard_only(given: Small) -> None:
    given.region.ask("close", 1)
    said = published(given)
    with given.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM round")
    assert given.region.hear(1, Kind.RESULT, *said) == ""
