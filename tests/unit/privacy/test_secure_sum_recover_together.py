"""Members who lie together, so that what they say lies on one curve, and an honest dealer."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations
from math import comb, prod

import pytest
from cast import Play, make_cast, play

from privacy.secure_sum import recover as opening
from privacy.secure_sum.contribute import commit
from privacy.secure_sum.recover import Recovered, recover
from privacy.secure_sum.refusal import Stuck
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.unmask import wanted

CENTRES = (1, 2, 3, 4, 5)
WITNESSES = (0, *range(1001, 1009))
"""Nine, of whom four may lie; five open a secret and seven certify. Their points are 1 to 9."""


@pytest.fixture(scope="module")
def before_nine() -> Play:
    """Five centres before nine witnesses; floor 4."""
    cast = make_cast(5, witnesses=9)
    cast.remove_excess = False
    return play(cast)


def bent(
    round_: Play, liars: Collection[int], spared: Collection[int], by: int = 1
) -> dict[int, int]:
    """What liars add to their true shares, so that these and the true shares of `spared` lie on
    one curve of the right degree, whose value at zero is another. At most t - 1 are spared."""
    points = [round_.view.point(member) for member in spared]
    return {liar: by * prod(round_.view.point(liar) - x for x in points) % PRIME for liar in liars}


def opened(
    round_: Play,
    added: Mapping[int, int],
    inside: Collection[int] = CENTRES,
    about: Collection[tuple[int, int]] | None = None,
    said: Mapping[int, bytes] | None = None,
) -> Recovered:
    """The secrets of a set when members add something to their shares of `about`.

    `said`: commitments of centres outside the set to their pair with centre 1, as they came.
    """
    closed = round_.close(inside)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = []
    for member in round_.view.members:
        honest = round_.respond(closed, dg, marks, member)
        shares = [
            share if share is None or (about is not None and pair not in about)
            else (share + added.get(member, 0)) % PRIME
            for share, pair in zip(honest.shares, wanted(round_.view, closed.ids), strict=True)
        ]  # fmt: skip
        answers.append(replace(honest, shares=tuple(shares)))
    removed = {}
    for node, commitment in (said or {}).items():
        body, at = round_.bodies[node], 32 * round_.view.secrets[1]
        told = body.commitments[:at] + commitment + body.commitments[at + 32 :]
        removed[node] = replace(body, commitments=told)
    return recover(round_.view, closed.contributions, answers, removed)


@pytest.mark.parametrize("liars", [WITNESSES[:4], WITNESSES[5:], WITNESSES[::2][:4]])
def test_as_many_lying_witnesses_as_are_tolerated_are_named_and_every_secret_opens(
    before_nine: Play, liars: tuple[int, ...]
) -> None:
    """Four of nine: twice what decoding alone corrects."""
    found = opened(before_nine, {liar: 7**liar % PRIME or 1 for liar in liars})
    assert found.seeds == opened(before_nine, {}).seeds
    assert found.false_shares <= set(liars)
    assert found.false_commitments == frozenset()


def test_a_false_secret_on_which_a_quorum_agrees_is_not_believed_against_an_honest_dealer(
    before_nine: Play,
) -> None:
    """Three lie so that four honest shares fit as well: seven of nine agree on a false secret."""
    liars = WITNESSES[:3]
    added = bent(before_nine, liars, WITNESSES[3:7])
    found = opened(before_nine, added)
    assert found.seeds == opened(before_nine, {}).seeds
    assert found.false_shares == set(liars)
    assert found.false_commitments == frozenset()


def test_where_no_threshold_can_be_searched_the_quorum_is_believed_and_the_dealer_named(
    before_nine: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What remains of it with more than 15 witnesses, as the threat model says."""
    monkeypatch.setattr(opening, "_MOST_TRIED", comb(9, 5) - 1)
    added = bent(before_nine, WITNESSES[:3], WITNESSES[3:7])
    found = opened(before_nine, added)
    assert found.seeds != opened(before_nine, {}).seeds
    assert found.false_commitments == set(CENTRES)


def test_a_centre_that_was_put_out_has_no_false_pair_secret_opened_by_lying_members(
    before_nine: Play,
) -> None:
    """Centre 5 knows the secret of its pair with 1, so with four witnesses the whole curve: it
    commits to another secret, and they answer such shares that the lowest five give it."""
    liars = WITNESSES[:4]
    inside, about = (1, 2, 3, 4), {(1, 5)}
    true = opened(before_nine, {}, inside).seeds
    added = bent(before_nine, liars, WITNESSES[4:5])
    shift = prod(-before_nine.view.point(member) for member in WITNESSES[4:5])
    false = ((int.from_bytes(true[1, 5], "big") + shift) % PRIME).to_bytes(32, "big")
    said = {5: commit(before_nine.view, 1, 5, false)}
    found = opened(before_nine, added, inside, about, said)
    assert found.seeds == true
    assert found.false_commitments == frozenset()


def test_one_liar_more_than_is_tolerated_opens_nothing(before_nine: Play) -> None:
    with pytest.raises(Stuck):
        opened(before_nine, {liar: 7**liar % PRIME or 1 for liar in WITNESSES[:5]})


def test_a_dealer_that_commits_falsely_is_searched_for_once(
    before_nine: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other secrets are told by the quorum at once."""
    asked: list[int] = []
    searched = combinations

    def counting(*given: object) -> object:
        asked.append(1)
        return searched(*given)  # type: ignore[call-overload]

    monkeypatch.setattr(opening, "combinations", counting)
    closed = before_nine.close((1, 2, 3, 4))
    body = closed.contributions[2]
    false = {**closed.contributions, 2: replace(body, commitments=bytes(len(body.commitments)))}
    dg, marks = before_nine.sign(closed, before_nine.view.members)
    answers = [before_nine.respond(closed, dg, marks, m) for m in before_nine.view.members]
    found = recover(before_nine.view, false, answers)
    assert found.false_commitments == {2}
    assert found.seeds == opened(before_nine, {}, (1, 2, 3, 4)).seeds
    assert len(asked) == 1
