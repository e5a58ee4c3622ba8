"""Attacks on keys: other keys for other nodes, old keys, stolen keys, broken keys, no keys."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from adversary import (
    Recorder,
    channel_key,
    open_slot,
    pair_seed,
    parts,
    round_keys,
    secret_of,
    without_masks,
)
from cast import Cast, Play, make_cast, play
from hypothesis import given
from hypothesis import strategies as st

from privacy.secure_sum.certify import sign_set
from privacy.secure_sum.close import accept
from privacy.secure_sum.contribute import commit
from privacy.secure_sum.links import HigherEnd, accept_link, make_link
from privacy.secure_sum.parameters import present
from privacy.secure_sum.refusal import AlreadyBurnt, BadLink, BadSet, Malformed
from schemas.round import Prekey


def contribute_to_two_views(cast: Cast):  # type: ignore[no-untyped-def]
    """Nodes 1 and 2 see five prekeys; 3 and 4 see only four. Same announcement, same keys."""
    announcement = cast.announce(1, 9)
    prekeys = cast.prekeys(announcement)
    shown = {node: prekeys if node < 3 else prekeys[:4] for node in (1, 2, 3, 4)}
    views, sent, own_seeds = {}, {}, {}
    for node, signed_documents in shown.items():
        views[node] = cast.prepare(
            node, cast.describe(announcement, signed_documents), signed_documents
        )
        recorder = Recorder(cast.players[node].random)
        cast.players[node].random = recorder
        sent[node] = cast.contribute(views[node], node, np.arange(9) * node)
        own_seeds[node] = recorder.given[0]
    return views, sent, own_seeds


def test_attack_different_keys_shown_to_different_nodes_gives_garbage_not_a_leak() -> None:
    cast = make_cast(5)
    views, sent, own_seeds = contribute_to_two_views(cast)
    bodies = {node: accept(views[node], s.message, node) for node, s in sent.items()}
    unmasked = {n: without_masks(views[n], bodies[n], own_seeds[n], {}) for n in bodies}
    plain = {part: np.sum([np.arange(9) * n for n in part], axis=0) for part in parts((1, 2, 3, 4))}
    for part in plain:
        total = np.sum([unmasked[n] for n in part], axis=0).astype(np.int32)
        assert not any(np.array_equal(total, known) for known in plain.values())


def test_attack_different_keys_no_share_or_header_of_one_view_is_taken_in_the_other() -> None:
    cast = make_cast(5)
    views, sent, _ = contribute_to_two_views(cast)
    with pytest.raises(Malformed, match="of the wrong size"):
        accept(views[3], sent[1].message, 1)
    headers = [accept(views[n], s.message, n).header for n, s in sent.items()]
    for member in (1, 3):
        with pytest.raises(BadSet, match="did not sign for this round"):
            sign_set(views[member], cast.players[member].identity, member, headers)
    body = accept(views[1], sent[1].message, 1)
    own = round_keys(cast, 3)
    link = cast.players[3].links[1].at(1)
    key = channel_key(views[3], own.channel, (1, 3), 1, link.key)
    assert sent[3].channel.keys[1] == key
    assert all(open_slot(views[1], key, body, 3, other) is None for other in views[1].active)


def test_attack_replay_of_a_contribution_in_another_round_is_refused() -> None:
    cast = make_cast(4)
    first = play(cast)
    cast_links_forward(cast, first)
    second = play(cast, number=2)
    with pytest.raises(Malformed, match="to another round"):
        accept(second.view, first.sent[1].message, 1)


def cast_links_forward(cast: Cast, round_: Play) -> None:
    """What each node stores when it has contributed."""
    for node, player in cast.players.items():
        player.links = {state.peer: state for state in round_.sent[node].links}


def test_attack_mask_reuse_the_same_pair_key_serves_one_round_only() -> None:
    cast = make_cast(4)
    first = play(cast)
    cast_links_forward(cast, first)
    with pytest.raises(AlreadyBurnt, match="was forgotten"):
        cast.contribute(first.view, 1, np.arange(9))
    second = play(cast, number=2)
    members = first.view.members[:2]
    assert secret_of(first, 1, 2, members) != secret_of(second, 1, 2, members)
    assert secret_of(first, 1, 1, members) != secret_of(second, 1, 1, members)


def test_attack_key_theft_later_what_a_node_keeps_no_longer_opens_the_round() -> None:
    """A thief takes everything that is left of node 2, its ML-KEM key included.

    That key opens the recorded link again, so what hides the round is the X25519 key that was
    destroyed: the last line shows that nothing else is missing.
    """
    cast = make_cast(5)
    round_ = play(cast)
    cast_links_forward(cast, round_)
    seen, thief = round_.view, cast.players[2]
    with pytest.raises(AlreadyBurnt, match="was forgotten"):
        thief.links[1].at(1)
    end = HigherEnd(thief.kem, thief.card, 0, 1)
    maker = cast.players[1].identity.public_hex
    reopened = accept_link(cast.signed_links[1, 2], maker, 1, end)
    kept = [thief.identity.seed, thief.kem.seed[:32], thief.links[1].key, reopened.at(1).key]
    wanted = round_.bodies[2].commitment(seen, 1)
    for mask in kept:
        for link in (thief.links[1].key, reopened.at(1).key):
            assert commit(seen, 1, 2, pair_seed(seen, mask, 2, 1, link)) != wanted
    destroyed = round_keys(cast, 2).mask
    assert commit(seen, 1, 2, pair_seed(seen, destroyed, 2, 1, reopened.at(1).key)) == wanted


def guesses(cast: Cast, round_: Play, lo: int, hi: int) -> Mapping[str, bytes]:
    """What somebody who broke X25519 may put in the place of the pair's ratcheted key."""
    link = cast.signed_links[lo, hi]
    later = next(state for state in round_.sent[lo].links if state.peer == hi)
    return {
        "nothing": b"",
        "zeros": bytes(32),
        "the ciphertext": bytes.fromhex(link.body.split('"ciphertext":"')[1][:2176])[:32],
        "another round's key": later.key,
        "another pair's key": cast.players[3].links[5].key,
    }


def test_attack_recorded_today_x25519_broken_later_finds_vectors_still_hidden(five: Play) -> None:
    """Every X25519 private key is the adversary's; the ML-KEM secrets are not."""
    cast, seen = five.cast, five.view
    body = five.bodies[1]
    for mask_only in range(5):
        wrong = {
            peer: pair_seed(
                seen, round_keys(cast, 1).mask, 1, peer,
                list(guesses(cast, five, 1, peer).values())[mask_only],
            )
            for peer in (2, 3, 4, 5)
        }  # fmt: skip
        assert all(commit(seen, 1, p, wrong[p]) != body.commitment(seen, p) for p in wrong)
        own = secret_of(five, 1, 1, (1, 2))  # even with b for a present
        assert not np.array_equal(without_masks(seen, body, own, wrong), five.vectors[1])


def test_attack_x25519_broken_later_does_not_open_the_slots_either(five: Play) -> None:
    cast, seen = five.cast, five.view
    for guess in guesses(cast, five, 1, 2).values():
        key = channel_key(seen, round_keys(cast, 2).channel, (1, 2), 1, guess)
        assert open_slot(seen, key, five.bodies[1], 2, 1) is None


def test_the_same_adversary_with_the_ml_kem_secrets_as_well_reads_the_vector(five: Play) -> None:
    """The two tests above would notice a leak: with both halves everything opens."""
    cast, seen = five.cast, five.view
    links = {peer: cast.players[peer].links[1].at(1).key for peer in (2, 3, 4, 5)}
    seeds = {p: pair_seed(seen, round_keys(cast, 1).mask, 1, p, key) for p, key in links.items()}
    own = secret_of(five, 1, 1, (1, 2))
    assert np.array_equal(without_masks(seen, five.bodies[1], own, seeds), five.vectors[1])
    key = channel_key(seen, round_keys(cast, 2).channel, (1, 2), 1, links[2])
    assert open_slot(seen, key, five.bodies[1], 2, 1) is not None


def test_attack_ml_kem_broken_later_x25519_alone_still_hides_the_vector(five: Play) -> None:
    cast, seen = five.cast, five.view
    link = cast.players[2].links[1].at(1).key
    for mask in (bytes(32), cast.players[1].identity.seed, round_keys(cast, 3).mask):
        seed = pair_seed(seen, mask, 1, 2, link)
        assert commit(seen, 1, 2, seed) != five.bodies[1].commitment(seen, 2)


LINKS = st.dictionaries(st.integers(0, 9), st.sets(st.integers(0, 9)), max_size=8)


def as_prekeys(links: Mapping[int, set[int]]) -> dict[int, Prekey]:
    blank = {"round": 1, "announcement": "00" * 32, "mask_public": "00" * 32}
    return {
        node: Prekey(id=node, channel_public="00" * 32, links=tuple(sorted(held)), **blank)  # type: ignore[arg-type]
        for node, held in links.items()
    }


@given(links=LINKS, data=st.data())
def test_attack_downgrade_a_pair_without_a_link_is_never_active_together(
    links: dict[int, set[int]], data: st.DataObject
) -> None:
    roster = make_cast(4).roster
    active = present(as_prekeys(links), roster, 1).centres
    assert set(active) <= set(links)
    assert all(j in links[i] for i in active for j in active if i != j)
    shuffled = dict(data.draw(st.permutations(list(links.items()))))
    assert present(as_prekeys(shuffled), roster, 1).centres == active


def test_attack_downgrade_who_withholds_links_removes_itself() -> None:
    everybody = set(range(8))
    links = {node: everybody - {node} for node in everybody} | {0: {1, 2}}
    assert present(as_prekeys(links), make_cast(4).roster, 1).centres == (1, 2, 3, 4, 5, 6, 7)


def tie(seed: str, number: int, node: int) -> bytes:
    """H("tie", seed, round, id), spelled out: SHA-256 over length-prefixed parts."""
    parts = (b"wegwijs-sum/1", b"tie", bytes.fromhex(seed), number.to_bytes(8, "big"),
             node.to_bytes(2, "big"))  # fmt: skip
    return hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).digest()


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("pair", [(1, 7), (2, 5), (3, 4)])
def test_attack_downgrade_who_goes_of_two_without_a_link_is_drawn_by_the_rosters_seed(
    number: int, pair: tuple[int, int]
) -> None:
    """Neither the lower nor the higher id, and another one each round."""
    roster, everybody = make_cast(7).roster, set(range(1, 8))
    links = {node: everybody - {node} for node in everybody}
    links[pair[0]] -= {pair[1]}
    out = max(pair, key=lambda node: tie(roster.seed, number, node))
    assert set(present(as_prekeys(links), roster, number).centres) == everybody - {out}


def test_attack_downgrade_a_node_does_not_mask_without_the_hybrid_half(five: Play) -> None:
    player = five.cast.players[1]
    fewer = replace(player, links={peer: player.links[peer] for peer in (2, 3, 5)})
    cast = replace(five.cast, players={**five.cast.players, 1: fewer})
    with pytest.raises(BadLink, match="without a link"):
        cast.contribute(five.view, 1, five.vectors[1])


@pytest.mark.parametrize(
    "case", ["pair", "direction", "card", "old base", "base to come", "signer"]
)
def test_attack_downgrade_a_link_for_other_ends_or_of_old_times_is_refused(case: str) -> None:
    cast = make_cast(4)
    lo, hi = cast.players[1], cast.players[3]
    signed, _ = make_link(lo.identity, lo.card, hi.card, 5)
    mine, generation, burnt, announced = hi.card, 1, 0, 5
    if case == "pair":
        mine = cast.players[4].card
    elif case == "direction":
        with pytest.raises(BadLink, match="lower id"):
            make_link(hi.identity, hi.card, lo.card, 5)
        return
    elif case == "card":
        generation = 2
    elif case == "old base":
        burnt = announced = 6
    elif case == "base to come":
        announced = 4
    key = (hi if case == "signer" else lo).identity.public_hex
    with pytest.raises(ValueError, match=r"link|signed"):
        accept_link(signed, key, generation, HigherEnd(hi.kem, mine, burnt, announced))
