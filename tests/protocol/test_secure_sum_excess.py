"""Removal of excess noise in the protocol: the certified set decides, and nobody else."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from cast import Cast, Play, make_cast, play
from leakage import Adversary, Secret

from privacy.noise.excess import remove, share_in_parts
from privacy.noise.skellam import Skellam
from privacy.secure_sum import unmask
from privacy.secure_sum.close import sum_up, unmask_request
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


def noisy_round(cast: Cast) -> tuple[Play, dict[int, np.ndarray], dict[int, np.ndarray]]:  # type: ignore[type-arg]
    """A round in which noise is real; what each adds in all, and what it adds at the most."""
    bare = play(cast)
    honest, full, sent, bodies = bare.view.parameters.honest_at, {}, {}, {}
    bases = {}
    for node, player in cast.players.items():
        seeds = [fresh_seed(player.random) for _ in levels(bare)]
        sources = [keystream(excess_key(bare.view, seed)) for seed in seeds]
        noise = share_in_parts(NOISE, honest, 9, cast.players[node].random, sources)
        full[node] = bare.vectors[node] + noise
        again = [keystream(excess_key(bare.view, seed)) for seed in seeds]
        off = {k: [source] for k, source in enumerate(again)}
        bases[node] = remove(full[node], NOISE, honest, off)
        assert player.keys is not None
        sent[node] = contribute(
            bare.view, player.identity, player.keys, player.links,
            NoisyVector(full[node], seeds), player.random,
        )  # fmt: skip
        bodies[node] = _accepted(bare.view, sent[node].message, node)
    return (
        Play(cast, bare.view, bare.descriptor, bare.prekeys, full, sent, bodies), full, bases,
    )  # fmt: skip


def _accepted(seen: RoundView, raw: bytes, node: int):  # type: ignore[no-untyped-def]
    from privacy.secure_sum.close import accept

    return accept(seen, raw, node)


def summed(round_: Play, survivors: Sequence[int]) -> np.ndarray:  # type: ignore[type-arg]
    """The whole of P2 to P4 and the removal."""
    closed = round_.close(survivors)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = [round_.respond(closed, dg, marks, m) for m in round_.view.members]
    found = sum_up(round_.view, closed, dg, marks, answers)
    opened = {k: [keystream(key) for key in keys] for k, keys in found.spare.items()}
    return remove(found.total, NOISE, round_.view.parameters.honest_at, opened)


@pytest.fixture(scope="module")
def noisy() -> tuple[Play, dict[int, np.ndarray], dict[int, np.ndarray]]:  # type: ignore[type-arg]
    return noisy_round(make_cast(5))


def test_at_the_floor_all_noise_stays_and_with_everybody_only_the_base(noisy) -> None:  # type: ignore[no-untyped-def]
    round_, full, bases = noisy
    everybody = round_.view.active
    for survivors in combinations(everybody, 4):
        expected = np.sum([full[node] for node in survivors], axis=0)
        assert np.array_equal(summed(round_, survivors), expected)
    expected = np.sum([bases[node] for node in everybody], axis=0)
    assert np.array_equal(summed(round_, everybody), expected)
    assert not np.array_equal(expected, np.sum([full[node] for node in everybody], axis=0))


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
