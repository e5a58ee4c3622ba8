"""Every order of messages that a malicious coordinator and one colluder can choose.

First the game on a small model, to its end; then that real members, with a real store, move
exactly as the model says.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from cast import Play, make_cast, play
from committee_model import Event, Game, Rules, step
from committee_model import Member as Modelled
from member import Member, make_member

from node.store import rounds
from privacy.secure_sum.abandon import check_may_abandon, sign_abandonment
from privacy.secure_sum.parameters import Policy, parameters_of
from privacy.secure_sum.refusal import BadAbandonment, BelowPolicy, SumRefusal
from schemas.message import Kind

FIRST, SECOND = (1, 2, 3, 4), (1, 2, 3, 5)


def game(n: int, **changes: object) -> Game:
    cast = make_cast(n)
    limits = parameters_of(cast.roster, n, cast.policy)
    return Game(n, limits.quorum, limits.threshold, limits.floor, **changes)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 5])
def test_no_order_of_messages_lies_crashes_or_restores_breaks_a_promise(n: int) -> None:
    """At most one certified set; never abandoned and certified; never opened without one."""
    played = game(n)
    assert played.broken() is None
    ends = list(played.positions())
    assert any(played.unmasked(position) for position in ends)
    assert any(played.abandoned(position) for position in ends)


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ({"one_set": False}, "two sets are certified"),
        ({"exclusive": False}, "abandoned and certified"),
        ({"certificate": False}, "unmasked without a certificate"),
        ({"restored_state_nothing": False}, "abandoned and certified"),
    ],
)
def test_the_model_finds_the_game_that_wins_against_each_weaker_rule(
    change: dict[str, bool], promise: str
) -> None:
    restores = "restored_state_nothing" in change
    assert game(4, rules=Rules(**change), restores=restores).broken() == promise


@pytest.mark.parametrize("n", [4, 5])
def test_the_model_finds_the_game_that_wins_against_a_quorum_one_lower(n: int) -> None:
    right = game(n)
    assert replace(right, quorum=right.quorum - 1).broken() is not None


def game_of_witnesses(**changes: object) -> Game:
    """Four centres and seven witnesses, of whom as many lie as are tolerated."""
    cast = make_cast(4, witnesses=7)
    limits = parameters_of(cast.roster, 4, cast.policy)
    honest = limits.committee - limits.corrupt
    return Game(
        4, limits.quorum, limits.threshold, limits.floor, honest=honest, friends=limits.corrupt,
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.slow
def test_no_order_of_messages_to_witnesses_breaks_a_promise_whatever_three_of_seven_say() -> None:
    played = game_of_witnesses(restores=False)
    assert played.broken() is None
    ends = list(played.positions())
    assert any(played.unmasked(position) for position in ends)
    assert any(played.abandoned(position) for position in ends)


def test_the_model_finds_the_game_that_wins_against_a_lower_quorum_of_witnesses() -> None:
    right = game_of_witnesses(restores=False)
    assert replace(right, quorum=right.quorum - 1).broken() is not None


WATCHED = 1002
"""A witness of the round with witnesses."""


@pytest.fixture(scope="module")
def watched() -> Play:
    """A round of five centres before seven witnesses, f = 3, t = 4, q = 6, floor 4."""
    return play(make_cast(5, witnesses=7))


@pytest.fixture(scope="module", params=["a centre", "a witness"])
def member(
    request: pytest.FixtureRequest, five: Play, watched: Play,
    tmp_path_factory: pytest.TempPathFactory,
) -> Member:  # fmt: skip
    seat = (five, 2) if request.param == "a centre" else (watched, WATCHED)
    return make_member(tmp_path_factory.mktemp("member") / "node", *seat)


def request(member: Member, event: Event) -> tuple[Kind, Sequence[bytes]]:
    """The real message of an event."""
    round_, (kind, ids) = member.round, event
    others = [m for m in round_.view.members if m != member.node]
    enough = others[: round_.view.parameters.quorum]
    if kind == "abandon":
        return member.abandon()
    if kind == "refund":
        players = round_.cast.players
        marks = [sign_abandonment(round_.view, players[m].identity, m) for m in enough]
        return Kind.REFUND, (round_.view.rid, *(mark.to_bytes() for mark in marks))
    assert ids is not None
    closed = round_.close(ids)
    if kind == "certify":
        return member.certify(closed)
    signers = enough if kind == "unmask" else enough[1:]
    return member.unmask(closed, round_.sign(closed, signers)[1])


def trial(member: Member, events: Sequence[Event]) -> tuple[bool, tuple[object, ...]]:
    """Run events on the real store; return whether the last was answered, and what is stored."""
    answered, stored = False, ()
    with member.store.begin() as connection:
        for event in events:
            try:
                member.ask(connection, request(member, event))
                answered = True
            except SumRefusal:
                answered = False
        known = rounds.by_rid(connection, member.round.view.rid)
        assert known is not None
        own = rounds.own_prekey(connection, known.number)
        keys = known.channel is not None or (own is not None and own.secret is not None)
        stored = (known.committee, known.set_ids, keys)
        connection.rollback()  # a trial leaves no trace
    return answered, stored


EVENTS: list[Event] = [
    *((kind, ids) for ids in (FIRST, SECOND) for kind in ("certify", "unmask", "unmask too few")),
    ("abandon", None),
    ("refund", None),
]


@pytest.mark.slow
def test_a_real_member_moves_exactly_as_the_model_from_every_state(member: Member) -> None:
    reached: dict[Modelled, tuple[Event, ...]] = {Modelled(): ()}
    todo = [Modelled()]
    while todo:
        state = todo.pop()
        for event in EVENTS:
            path = (*reached[state], event)
            expected = step(state, event, Rules())
            after = state if expected is None else expected
            answered, stored = trial(member, path)
            assert answered == (expected is not None), path
            assert stored == (after.state, after.set, after.keys), path
            if after not in reached:
                reached[after] = path
                todo.append(after)
    assert {state.state for state in reached} == {"NONE", "SIGNED", "ANSWERED", "ABANDONED"}


@pytest.mark.parametrize(
    "events",
    [
        [("certify", FIRST)],
        [("certify", FIRST), ("unmask", FIRST)],
        [("abandon", None)],
    ],
)
@pytest.mark.parametrize("seat", ["a centre", "a witness"])
def test_a_crash_after_any_arrow_gives_the_same_bytes_again(
    five: Play, watched: Play, tmp_path: Path, seat: str, events: list[Event]
) -> None:
    sits = (five, 2) if seat == "a centre" else (watched, WATCHED)
    node = make_member(tmp_path / "node", *sits)
    said = []
    for event in events:
        said.append(node.once(request(node, event)))
        node.restart()
        assert node.once(request(node, event)) == said[-1]
    node.restart()
    assert [node.once(request(node, event)) for event in events] == said


def test_a_crash_before_an_arrow_is_stored_leaves_nothing_said(member: Member) -> None:
    trial(member, [("certify", FIRST)])
    assert trial(member, [("certify", SECOND)]) == (True, ("SIGNED", SECOND, True))


def test_a_member_that_did_not_contribute_signs_but_holds_no_shares(
    five: Play, tmp_path: Path
) -> None:
    node = make_member(tmp_path / "node", five, 2, contributed=False)
    node.once(request(node, ("certify", FIRST)))
    with pytest.raises(SumRefusal):
        node.once(request(node, ("unmask", FIRST)))


def test_a_witness_opens_a_round_once_and_keeps_no_key_of_it(watched: Play, tmp_path: Path) -> None:
    node = make_member(tmp_path / "node", watched, WATCHED)
    before = watched.cast.players[WATCHED].links
    node.once(request(node, ("certify", FIRST)))
    with node.store.begin() as connection:
        own, after = rounds.own_prekey(connection, 1), rounds.links(connection)
        assert rounds.last_burnt(connection) == 1
    assert own is not None
    assert own.secret is None
    assert {peer: link.round for peer, link in after.items()} == dict.fromkeys(range(1, 6), 2)
    assert all(after[peer].key != before[peer].key for peer in after)
    node.once(request(node, ("unmask", FIRST)))
    assert node.stored().channel is None


def test_a_witness_that_gave_a_round_up_keeps_no_key_of_it(watched: Play, tmp_path: Path) -> None:
    node = make_member(tmp_path / "node", watched, WATCHED)
    node.once(node.abandon())
    with node.store.begin() as connection:
        own, after = rounds.own_prekey(connection, 1), rounds.links(connection)
    assert own is not None
    assert own.secret is None
    assert {link.round for link in after.values()} == {2}
    assert node.stored().channel is None


def test_a_witness_signs_nothing_for_a_floor_below_its_policy(
    watched: Play, tmp_path: Path
) -> None:
    """Honest centres would not contribute either; a witness does not count on that."""
    node = make_member(tmp_path / "node", watched, WATCHED)
    node.round = replace(watched, cast=replace(watched.cast, policy=Policy(floor=Fraction(1))))
    with pytest.raises(BelowPolicy, match="floor is lower"):
        node.once(request(node, ("certify", FIRST)))


def test_a_second_descriptor_under_one_round_number_gets_no_signature(
    five: Play, tmp_path: Path
) -> None:
    other = replace_descriptor(five)
    node = make_member(tmp_path / "node", five, 2)
    node.once(request(node, ("certify", FIRST)))
    liar = replace(node, round=other)
    for message in (liar.abandon(), liar.certify(five.close(FIRST))):
        with pytest.raises(SumRefusal):
            node.once(message)
    assert node.stored().committee == "SIGNED"


def replace_descriptor(five: Play) -> Play:
    announcement = five.view.descriptor.announcement
    return replace(five, descriptor=five.cast.describe(announcement, five.prekeys, deadline=99))


def test_a_restored_member_that_forgot_its_prekey_may_not_state_anything(five: Play) -> None:
    own = five.prekeys[1]
    check_may_abandon(five.view, 2, own)
    for forgotten in (None, five.prekeys[2]):
        with pytest.raises(BadAbandonment, match="does not remember"):
            check_may_abandon(five.view, 2, forgotten)


def test_a_restored_member_signs_no_set_and_opens_nothing(five: Play, tmp_path: Path) -> None:
    node = make_member(tmp_path / "node", five, 2, restored=True)
    for event in (("certify", FIRST), ("unmask", FIRST)):
        with pytest.raises(SumRefusal):
            node.once(request(node, event))


def test_a_restored_member_with_a_real_store_states_nothing(five: Play, tmp_path: Path) -> None:
    node = make_member(tmp_path / "node", five, 2, restored=True)
    with pytest.raises(SumRefusal):
        node.once(node.abandon())


def test_a_member_that_sent_no_prekey_signed_no_set_and_may_abandon() -> None:
    cast = make_cast(5)
    round_ = play(cast, awake=(1, 3, 4, 5))
    check_may_abandon(round_.view, 2, None)
