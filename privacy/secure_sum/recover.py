"""Secrets from shares: interpolate, correct, and name who was false.

Fast path: the `threshold` lowest members, when what they give is what the dealer committed to.
Else all responses are decoded as a Reed-Solomon word, which corrects and names up to
(m - t) / 2 false shares. If that is not what the dealer committed to, and the members are few
(up to 15 that answered), every threshold of them is tried until one gives it: an honest dealer's
secret opens when a threshold of honest members answered, however many others lie.

The dealer's commitment is one more witness and not the judge: what a quorum of the members'
shares say stands against it, so that a false commitment costs nobody else the round. With up to
100 centres a quorum holds a threshold of honest members, who fix the polynomial whatever the
liars among them say. With more centres, or more than 15 witnesses, it does not, and nobody can
try every threshold: there q - t + 1 members (of 17 witnesses: 5) that lie together could have a
false secret of a centre believed, and so a false sum. They open nothing by it, and the centre is
named for a false commitment, which its own copy of what it sent disproves.

What remains is inconsistent dealing: a centre that seals, under the right keys, shares that
belong to no polynomial. Nobody sees it before the set is certified. Then the round is stuck and
the dealer is named.

A share can be false because its member answered another number or because its dealer sealed
one. Nobody can prove which; who stands in most false shares is named first. Members whose
share was false once are used last, never thrown away: a dealer could frame honest members.
From then on all their shares are tested, or a member that always lies would look like the
victim of one dealer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

from privacy.secure_sum.contribute import commit
from privacy.secure_sum.reed_solomon import Code, Decoded, Undecodable
from privacy.secure_sum.refusal import Stuck
from privacy.secure_sum.shamir import combine, lagrange_at
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Sent, UnmaskResponse

Shares = Mapping[int, int]
"""Shamir's x -> share."""

_MOST_TRIED = comb(15, 8)
"""Thresholds of members that are tried for one dealer: less than a second."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Seeds by (sender, other); the centres whose shares were false, and those that committed
    to another secret than the one they shared."""

    seeds: Mapping[tuple[int, int], bytes] = field(repr=False)
    false_shares: frozenset[int]
    false_commitments: frozenset[int]


def recover(
    view: RoundView,
    contributions: Mapping[int, Sent],
    responses: Sequence[UnmaskResponse],
    removed: Mapping[int, Sent] | None = None,
) -> Recovered:
    """Open every secret that the set calls for. Raises Stuck; then nothing was lost.

    `removed`: contributions left out of the set because a pair disagreed. Their commitment to
    a pair secret counts as well as the other end's, or a centre that commits to a false one
    would first put its peer out and then look honest.
    """
    answers = {view.point(response.member): response for response in responses}
    if len(answers) < view.parameters.threshold:
        raise Stuck(
            f"{len(answers)} members answered and {view.parameters.threshold} are needed to open "
            "a secret; nothing is lost: ask the others"
        )
    opener = _Opener(view)
    seeds: dict[tuple[int, int], bytes] = {}
    miscommitted: set[int] = set()
    for place, (i, j) in enumerate(wanted(view, sorted(contributions))):
        if i in opener.unopened:
            continue
        shares = {
            x: share for x, answer in answers.items() if (share := answer.shares[place]) is not None
        }
        commitments = [contributions[i].commitment(view, j)]
        if removed and j in removed:
            commitments.append(removed[j].commitment(view, i))
        seed = opener.open(shares, (i, j), commitments)
        if seed is None:
            continue
        seeds[i, j] = seed
        if commit(view, i, j, seed) != commitments[0]:
            miscommitted.add(i)
    if opener.unopened:
        raise Stuck(
            "the shares of centres "
            + ", ".join(map(str, sorted(opener.unopened)))
            + " belong to no secret; the masked vectors are kept: ask members that did not "
            "answer yet",
            dealers=frozenset(opener.unopened),
        )
    return Recovered(seeds, _blamed(opener.false), frozenset(miscommitted))


class _Opener:
    """Remembers the coefficients of each quorum, whom to use last, and what did not open."""

    def __init__(self, view: RoundView) -> None:
        self._view = view
        self._coefficients: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        self._codes: dict[tuple[int, ...], Code] = {}
        self._doubted: set[int] = set()
        self._distrusted: set[int] = set()
        self.false: list[tuple[int, int]] = []
        self.unopened: set[int] = set()

    def open(
        self, shares: Shares, pair: tuple[int, int], commitments: Sequence[bytes]
    ) -> bytes | None:
        """Return the seed, noting false shares; or None, noting the dealer.

        `commitments`: the dealer's own, then what the other end said, which a friend of lying
        members may have made to fit a false seed: it is heard after the dealer's.

        Raises Stuck once more dealers than may be corrupt do not open: then it is not they.
        """
        threshold, dealer = self._view.parameters.threshold, pair[0]
        first = self._undoubted_first(shares)[:threshold]
        seed = self._committed(shares, first, pair, commitments[0])
        if seed is not None:
            tested = self._doubted.intersection(shares).difference(first)
            self._note(dealer, self._differing(shares, first, tested))
            return seed
        found = self._corrected(shares, pair, commitments)
        if found is not None:
            self._note(dealer, found.wrong)
            return found.secret.to_bytes(32, "big")
        self.unopened.add(dealer)
        if len(self.unopened) > self._view.parameters.corrupt:
            raise Stuck(
                "too many shares are false or missing to open the secrets of this round; the "
                "masked vectors are kept: ask members that did not answer yet"
            )
        return None

    def _corrected(
        self, shares: Shares, pair: tuple[int, int], commitments: Sequence[bytes]
    ) -> Decoded | None:
        """What all shares say, if the dealer committed to it; else what some say to which it
        did; else what enough of them say against it."""
        heard: list[tuple[Decoded, int]] = []
        for word, agreeing in self._words(shares):
            if self._said(word, pair, commitments[:1]):
                return word
            heard.append((word, agreeing))
        searched = self._searched(shares, pair, commitments[0])
        if searched is not None:
            return searched
        self._distrusted.add(pair[0])
        quorum = self._view.parameters.quorum
        for word, agreeing in heard:
            if agreeing >= quorum or self._said(word, pair, commitments[1:]):
                return word
        return None

    def _words(self, shares: Shares) -> Iterator[tuple[Decoded, int]]:
        """All shares decoded, then those of members that were never false; and how many agree."""
        undoubted = {x: share for x, share in shares.items() if x not in self._doubted}
        for some in (shares, undoubted):
            points = tuple(sorted(some))
            with suppress(Undecodable):
                word = self._code(points).decode([some[x] for x in points])
                yield word, len(points) - len(word.wrong)

    def _searched(self, shares: Shares, pair: tuple[int, int], commitment: bytes) -> Decoded | None:
        """Try every threshold of few members. Once a dealer: who committed falsely pays for it."""
        threshold = self._view.parameters.threshold
        if pair[0] in self._distrusted or not 0 < comb(len(shares), threshold) <= _MOST_TRIED:
            return None
        for some in combinations(self._undoubted_first(shares), threshold):
            seed = self._committed(shares, some, pair, commitment)
            if seed is not None:
                wrong = self._differing(shares, some, shares.keys() - set(some))
                return Decoded(int.from_bytes(seed, "big"), frozenset(wrong))
        return None

    def _undoubted_first(self, shares: Shares) -> tuple[int, ...]:
        return tuple(sorted(shares, key=lambda x: (x in self._doubted, x)))

    def _committed(
        self, shares: Shares, some: tuple[int, ...], pair: tuple[int, int], commitment: bytes
    ) -> bytes | None:
        """What these members give, if it is a threshold of them and the dealer committed to it."""
        if len(some) < self._view.parameters.threshold:
            return None
        seed = self._at(0, shares, some).to_bytes(32, "big")
        return seed if commit(self._view, *pair, seed) == commitment else None

    def _said(self, word: Decoded, pair: tuple[int, int], commitments: Sequence[bytes]) -> bool:
        return commit(self._view, *pair, word.secret.to_bytes(32, "big")) in commitments

    def _differing(self, shares: Shares, some: tuple[int, ...], others: Set[int]) -> set[int]:
        return {x for x in others if self._at(x, shares, some) != shares[x]}

    def _code(self, points: tuple[int, ...]) -> Code:
        return self._codes.setdefault(points, Code(points, self._view.parameters.threshold))

    def _at(self, x: int, shares: Shares, quorum: tuple[int, ...]) -> int:
        """Value at `x` of the polynomial through the quorum's shares."""
        if (x, quorum) not in self._coefficients:
            self._coefficients[x, quorum] = lagrange_at(x, quorum)
        return combine(self._coefficients[x, quorum], [shares[i] for i in quorum])

    def _note(self, dealer: int, points: set[int] | frozenset[int]) -> None:
        self._doubted |= points
        self.false += [(self._view.committee[x - 1], dealer) for x in points]


def _blamed(false: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Fewest names that explain the false (member, dealer) shares, greedily; tie: the member."""
    left, named = set(false), set()
    while left:
        members = Counter(member for member, _ in left)
        dealers = Counter(dealer for _, dealer in left)
        member, dealer = (
            max(members, key=lambda m: (members[m], m)),
            max(dealers, key=lambda d: (dealers[d], d)),
        )
        if members[member] >= dealers[dealer]:
            named.add(member)
            left = {pair for pair in left if pair[0] != member}
        else:
            named.add(dealer)
            left = {pair for pair in left if pair[1] != dealer}
    return frozenset(named)
