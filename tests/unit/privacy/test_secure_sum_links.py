"""Links between two centres: one encapsulation, then a ratchet that only turns forwards."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.secure_sum.keys import Identity, KemKey, check_kem
from privacy.secure_sum.labels import derive
from privacy.secure_sum.links import HigherEnd, LinkState, accept_link, make_link
from privacy.secure_sum.refusal import AlreadyBurnt, BadCard, BadLink, LinkTooOld
from schemas.round import KeyCard
from schemas.signed import BadSignature, Signed

STATES = st.builds(
    LinkState,
    peer=st.integers(0, 2**16 - 1),
    generation_mine=st.integers(1, 2**16 - 1),
    generation_peer=st.integers(1, 2**16 - 1),
    base=st.just(1),
    round=st.integers(1, 2**40),
    key=st.binary(min_size=32, max_size=32),
)


class End:
    """One end of a link."""

    def __init__(self, node: int, generation: int = 1) -> None:
        self.identity, self.kem = Identity.new(tape(f"i{node}")), KemKey.new(tape(f"k{node}"))
        signed = self.kem.card(self.identity, node, generation)
        self.card = signed.open(KeyCard, self.identity.public_hex)


def opened(signed: Signed, generation: int, hi: End, last_burnt: int = 0) -> LinkState:
    end = HigherEnd(hi.kem, hi.card, last_burnt, announced=70)
    return accept_link(signed, LO.identity.public_hex, generation, end)


def tape(name: str) -> Callable[[int], bytes]:
    return lambda size: hashlib.shake_256(name.encode()).digest(size)


LO, HI = End(3), End(8)


def test_both_ends_hold_the_same_key_in_every_later_round() -> None:
    signed, lo = make_link(LO.identity, LO.card, HI.card, 5)
    hi = opened(signed, 1, HI, 4)
    assert (lo.peer, hi.peer) == (8, 3)
    for number in (5, 6, 30, 69):
        assert lo.at(number).key == hi.at(number).key
    assert len({lo.at(number).key for number in range(5, 70)}) == 65


def test_each_end_notes_the_other_the_generations_of_both_cards_and_the_round() -> None:
    lo, hi = End(3, 2), End(8, 4)
    signed, state = make_link(lo.identity, lo.card, hi.card, 5)
    other = opened(signed, 2, hi)
    assert (state.peer, state.generation_mine, state.generation_peer, state.round) == (8, 2, 4, 5)
    assert (other.peer, other.generation_mine, other.generation_peer, other.round) == (3, 4, 2, 5)


@pytest.mark.parametrize("theirs", [LO, End(3, 2)], ids=["the lower", "itself"])
def test_the_higher_end_makes_no_link_nor_does_a_centre_with_itself(theirs: End) -> None:
    mine = HI if theirs is LO else LO
    with pytest.raises(BadLink, match="the lower id makes the link"):
        make_link(mine.identity, mine.card, theirs.card, 5)


def test_a_link_of_another_pair_is_refused() -> None:
    signed, _ = make_link(LO.identity, LO.card, HI.card, 5)
    with pytest.raises(BadLink, match="another pair"):
        opened(signed, 1, End(9))


def test_two_links_of_one_pair_share_no_key() -> None:
    (_, first), (_, second) = (make_link(LO.identity, LO.card, HI.card, 5) for _ in range(2))
    assert first.key != second.key


@given(state=STATES, first=st.integers(0, 30), second=st.integers(0, 30))
def test_the_ratchet_may_rest_anywhere_on_its_way(
    state: LinkState, first: int, second: int
) -> None:
    there = state.round + first + second
    assert state.at(state.round + first).at(there) == state.at(there)


@given(state=STATES)
def test_a_step_is_one_derivation_over_the_round_number(state: LinkState) -> None:
    following = state.at(state.round + 1)
    number = (state.round + 1).to_bytes(8, "big")
    assert following.key == derive(state.key, "ratchet", number, salt=b"")
    assert state.at(state.round) == state


@pytest.mark.heavy
@given(state=STATES, back=st.integers(1, 100))
def test_the_ratchet_does_not_turn_back(state: LinkState, back: int) -> None:
    assert not state.usable(state.round - back)
    with pytest.raises(AlreadyBurnt, match="was forgotten"):
        state.at(state.round - back)


def test_more_than_sixty_four_rounds_behind_needs_a_new_link() -> None:
    state = LinkState(1, 1, 1, 10, 10, bytes(32))
    assert state.at(74).round == 74
    with pytest.raises(LinkTooOld, match="more than 64 rounds behind"):
        state.at(75)


@pytest.mark.parametrize("come", [10, 50, 74])
def test_whether_a_link_serves_a_round_does_not_depend_on_how_far_an_end_has_come(
    come: int,
) -> None:
    """One end contributed in a round that the other missed: both still say the same of the next."""
    state = LinkState(1, 1, 1, 10, come, bytes(32))
    assert state.usable(74)
    assert not state.usable(75)
    assert not state.usable(come - 1)


def test_a_link_that_starts_at_the_last_burnt_round_is_stepped_past_it() -> None:
    signed, lo = make_link(LO.identity, LO.card, HI.card, 5)
    hi = opened(signed, 1, HI, 5)
    assert hi.round == 6
    assert hi.key == lo.at(6).key
    with pytest.raises(BadLink, match="already burnt"):
        opened(signed, 1, HI, 6)


@pytest.mark.parametrize("base", [71, 2**40, 2**63 - 1])
def test_a_link_that_starts_after_the_announced_round_is_refused(base: int) -> None:
    """Its keys would be of rounds to come; a pair that kept it could take part in none."""
    signed, _ = make_link(LO.identity, LO.card, HI.card, base)
    with pytest.raises(BadLink, match="after the announced round"):
        opened(signed, 1, HI)
    signed, _ = make_link(LO.identity, LO.card, HI.card, 70)
    assert opened(signed, 1, HI).base == 70


def test_a_state_remembers_the_base_of_its_link_while_its_round_moves_on() -> None:
    signed, lo = make_link(LO.identity, LO.card, HI.card, 5)
    assert (lo.base, lo.at(30).base, opened(signed, 1, HI, 5).base) == (5, 5, 5)


@pytest.mark.parametrize(
    "raw", [b"\xff" * 1184, b"\x01\x1d\xd0" * 384 + bytes(32)], ids=["4095", "3329"]
)
def test_a_card_whose_bytes_are_no_ml_kem_key_is_refused(raw: bytes) -> None:
    """FIPS 203, 7.2: every coefficient of the key, of 12 bits, is below 3329."""
    check_kem(HI.card.model_copy(update={"kem_public": (b"\x00\x0d\xd0" * 384 + bytes(32)).hex()}))
    card = HI.card.model_copy(update={"kem_public": raw.hex()})
    with pytest.raises(BadCard):
        check_kem(card)
    with pytest.raises(BadCard):
        make_link(LO.identity, LO.card, card, 5)


def test_a_link_from_an_older_generation_of_either_card_is_refused() -> None:
    signed, _ = make_link(LO.identity, LO.card, HI.card, 5)
    with pytest.raises(BadLink, match="not the latest"):
        opened(signed, 1, End(8, 2))
    with pytest.raises(BadLink, match="not the latest"):
        opened(signed, 2, HI)


def test_a_link_that_its_lower_end_did_not_sign_is_refused() -> None:
    signed, _ = make_link(LO.identity, LO.card, HI.card, 5)
    with pytest.raises(BadSignature):
        accept_link(signed, HI.identity.public_hex, 1, HigherEnd(HI.kem, HI.card, 0, 70))


def test_a_wrong_ciphertext_gives_another_key_and_no_error() -> None:
    """FIPS 203 rejects implicitly; the commitments of the round find such a pair out."""
    _, lo = make_link(LO.identity, LO.card, HI.card, 5)
    other, _ = make_link(LO.identity, LO.card, HI.card, 5)
    hi = opened(other, 1, HI)
    assert hi.key != lo.key
