"""Removal of excess noise in the protocol: the certified set decides, and nobody else."""

from collections.abc import Sequence

import numpy as np
import pytest
from cast import Cast, Play, make_cast, play
from leakage import Adversary, Secret
from numpy.typing import NDArray

from privacy.noise.excess import remove, share_in_parts
from privacy.noise.sampler import RandomBytes
from privacy.noise.skellam import Skellam
from privacy.secure_sum import unmask
from privacy.secure_sum.close import accept, sum_up, unmask_request
from privacy.secure_sum.contribute import NoisyVector, commit, contribute, excess_key, fresh_seed
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.refusal import BadContribution, BadDescriptor, NotCertified, WouldWrap
from privacy.secure_sum.unmask import open_shares, wanted
from privacy.secure_sum.view import RoundView, excess, view
from privacy.secure_sum.wire import UnmaskRequest

NOISE = Skellam(900, 4)


def levels(round_: Play) -> tuple[int, ...]:
    return round_.view.parameters.levels


def test_a_round_of_seven_has_its_floor_and_a_level_for_each_centre_more() -> None:
    seven = play(make_cast(7))
    assert (seven.view.parameters.floor, levels(seven)) == (6, (7,))
    assert levels(play(make_cast(13))) == (11, 12, 13)


Vectors = dict[int, NDArray[np.int64]]


def noisy_round(cast: Cast) -> tuple[Play, list[Vectors]]:
    """A round in which noise is real, and what each centre adds after 0, 1, 2... levels are off."""
    bare = play(cast)
    honest, sent, bodies = bare.view.parameters.honest_at, {}, {}
    kept: list[Vectors] = [{} for _ in honest]
    for node, player in cast.players.items():
        seeds = [fresh_seed(player.random) for _ in levels(bare)]

        def streams(count: int, seeds: Sequence[bytes] = seeds) -> dict[int, list[RandomBytes]]:
            keys = [excess_key(bare.view, seed) for seed in seeds[:count]]
            return {level: [keystream(key)] for level, key in enumerate(keys)}

        sources = [source for [source] in streams(len(seeds)).values()]
        share = share_in_parts(NOISE, honest, 9, player.random, sources)
        for off, vectors in enumerate(kept):
            vectors[node] = remove(bare.vectors[node] + share, NOISE, honest, streams(off))
        assert player.keys is not None
        sent[node] = contribute(
            bare.view, player.identity, player.keys, player.links,
            NoisyVector(kept[0][node], seeds), player.random,
        )  # fmt: skip
        bodies[node] = accept(bare.view, sent[node].message, node)
    return Play(cast, bare.view, bare.descriptor, bare.prekeys, kept[0], sent, bodies), kept


def summed(round_: Play, survivors: Sequence[int]) -> NDArray[np.int64]:
    """The whole of P2 to P4 and the removal."""
    closed = round_.close(survivors)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = [round_.respond(closed, dg, marks, m) for m in round_.view.members]
    found = sum_up(round_.view, closed, dg, marks, answers)
    opened = {k: [keystream(key) for key in keys] for k, keys in found.spare.items()}
    return remove(found.total, NOISE, round_.view.parameters.honest_at, opened)


@pytest.mark.parametrize("n", [5, 13])
def test_each_level_that_a_set_reaches_takes_one_increment_off(n: int) -> None:
    """At the floor all noise stays; with everybody there only the base does."""
    round_, kept = noisy_round(make_cast(n))
    everybody, floor = round_.view.active, round_.view.parameters.floor
    assert len(kept) == n - floor + 1 > 1
    for off, vectors in enumerate(kept):
        survivors = everybody[n - floor - off :]
        expected = np.sum([vectors[node] for node in survivors], axis=0)
        assert np.array_equal(summed(round_, survivors), expected)
        more = np.sum([kept[off - 1][node] for node in survivors], axis=0)
        assert not np.array_equal(expected, more)


def test_secrets_have_places_of_their_own() -> None:
    """Thirteen centres have three levels."""
    seen = play(make_cast(13)).view
    assert [excess(level) for level in range(3)] == [-1, -2, -3]
    assert sorted(seen.secrets.values()) == list(range(13 + 3))


def test_a_member_opens_no_seed_that_its_own_set_does_not_spare(five: Play) -> None:
    """The coordinator asks for one slot more, and for the seeds where the set is at the floor."""
    ids = (1, 2, 3, 4)
    closed = five.close(ids)
    dg, marks = five.sign(closed, five.view.members)
    assert not any(j < 0 for _, j in wanted(five.view, ids))
    right = unmask_request(five.view, closed, marks, 2)
    more = (*right.slots, *(five.bodies[i].slot(five.view, 2, excess(0)) for i in ids))
    with pytest.raises(NotCertified):
        open_shares(
            five.view, five.cast.players[2].identity, 2, five.sent[2].channel,
            (dg, ids), UnmaskRequest(five.view.rid, tuple(marks), more),
        )  # fmt: skip


def test_a_slot_with_a_seed_in_the_place_of_another_secret_does_not_open(five: Play) -> None:
    ids = (1, 2, 3, 4)
    closed = five.close(ids)
    dg, marks = five.sign(closed, five.view.members)
    slots = list(unmask_request(five.view, closed, marks, 2).slots)
    slots[0] = five.bodies[1].slot(five.view, 2, excess(0))
    answer = open_shares(
        five.view, five.cast.players[2].identity, 2, five.sent[2].channel,
        (dg, ids), UnmaskRequest(five.view.rid, tuple(marks), tuple(slots)),
    )  # fmt: skip
    assert answer.shares[0] is None
    assert all(share is not None for share in answer.shares[1:])


def one_level_more(seen: RoundView, in_set: Sequence[int]) -> list[Secret]:
    """A member that opens the seeds of all levels, whatever the set."""
    opened = unmask_wanted(seen, in_set)
    return [*opened, *((i, excess(0)) for i in sorted(in_set) if (i, excess(0)) not in opened)]


unmask_wanted = unmask.wanted


@pytest.mark.parametrize("corrupt", [(), (5,)])
def test_mutant_that_spares_too_much_is_flagged(
    five: Play, monkeypatch: pytest.MonkeyPatch, corrupt: tuple[int, ...]
) -> None:
    monkeypatch.setattr(unmask, "wanted", one_level_more)
    adversary = Adversary(five, corrupt, five.view, wanted=one_level_more)
    found = [adversary.finds(strategy) for strategy in adversary.strategies()]
    assert any(text is not None and "noise of too few" in text for text in found)


@pytest.mark.parametrize("wrong", [(4, 5), (3,), (6,), (5, 5)])
def test_levels_that_do_not_rise_from_the_floor_to_everybody_are_refused(
    five: Play, wrong: tuple[int, ...]
) -> None:
    limits = five.view.parameters.model_copy(update={"levels": wrong})
    announcement = five.view.descriptor.announcement
    signed = five.cast.describe(announcement, five.prekeys, parameters=limits)
    with pytest.raises(BadDescriptor, match="attendance levels"):
        view(signed, five.prekeys, five.cast.roster)


@pytest.mark.parametrize("count", [0, 2])
def test_a_contribution_shares_one_seed_for_each_level(five: Play, count: int) -> None:
    player = five.cast.players[1]
    assert player.keys is not None
    seeds = [fresh_seed(player.random) for _ in range(count)]
    with pytest.raises(BadContribution, match="each level"):
        contribute(
            five.view, player.identity, player.keys, player.links,
            NoisyVector(five.vectors[1], seeds), player.random,
        )  # fmt: skip


def test_commitments_to_seeds_are_unlike_those_to_other_secrets(five: Play) -> None:
    seed = bytes(31) + b"\7"
    found = {commit(five.view, 1, other, seed) for other in (1, 2, excess(0), excess(1))}
    assert len(found) == 4
    assert commit(five.view, 2, excess(0), seed) != commit(five.view, 1, excess(0), seed)


@pytest.mark.parametrize(("family", "taken"), [("skellam", True), ("polya", False)])
def test_polya_noise_needs_more_room_for_its_longer_tails(
    five: Play, family: str, taken: bool
) -> None:
    """sigma of the sum is 10^8 in a vector of 32 bits: room for 10 of them and not for 64."""
    announcement = five.view.descriptor.announcement
    signed = five.cast.describe(announcement, five.prekeys, noise=family, noise_variance=8 * 10**15)
    if taken:
        assert five.cast.prepare(1, signed, five.prekeys).descriptor.noise == family
    else:
        with pytest.raises(WouldWrap):
            five.cast.prepare(1, signed, five.prekeys)
