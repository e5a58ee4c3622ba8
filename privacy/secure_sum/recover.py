"""Secrets from shares: interpolate, test against the commitment, and name who was false.

A share can be false because its member answered another number or because its dealer sealed
one. Nobody can prove which; who stands in most false shares is named first. Members whose
share was false once are used last, never thrown away: a dealer could frame honest members.
From then on all their shares are tested, or a member that always lies would look like the
victim of one dealer.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, islice

from privacy.secure_sum.contribute import commit
from privacy.secure_sum.refusal import Stuck
from privacy.secure_sum.shamir import combine, lagrange_at
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, UnmaskResponse

MOST_SUBSETS = 1000

Shares = Mapping[int, int]
"""Shamir's x -> share, in the order in which they are to be used."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """Seeds by (sender, other), and the centres whose shares were false."""

    seeds: Mapping[tuple[int, int], bytes] = field(repr=False)
    liars: frozenset[int]


def recover(
    view: RoundView,
    contributions: Mapping[int, Contribution],
    responses: Sequence[UnmaskResponse],
    removed: Mapping[int, Contribution] | None = None,
) -> Recovered:
    """Open every secret that the set calls for. Raises Stuck; then nothing was lost.

    `removed`: contributions left out of the set because a pair disagreed. Their commitment to
    a pair secret counts as well as the other end's, or a centre that commits to a false one
    would first put its peer out and then stop the round.
    """
    answers = {view.point(response.member): response for response in responses}
    if len(answers) < view.parameters.threshold:
        raise Stuck(
            f"{len(answers)} members answered and {view.parameters.threshold} are needed to open "
            "a secret; nothing is lost: ask the others"
        )
    opener = _Opener(view)
    seeds: dict[tuple[int, int], bytes] = {}
    false: list[tuple[int, int]] = []
    miscommitted: set[int] = set()
    for place, (i, j) in enumerate(wanted(view, sorted(contributions))):
        shares = {
            x: share
            for x in sorted(answers, key=opener.rank)
            if (share := answers[x].shares[place]) is not None
        }
        commitments = [contributions[i].commitment(view, j)]
        if removed and j in removed:
            commitments.append(removed[j].commitment(view, i))
        seeds[i, j], points = opener.open(shares, (i, j), commitments)
        false += [(view.committee[x - 1], i) for x in points]
        if commit(view, i, j, seeds[i, j]) != commitments[0]:
            miscommitted.add(i)
    return Recovered(seeds, _blamed(false) | miscommitted)


class _Opener:
    """Remembers the Lagrange coefficients of each quorum, and whom to use last."""

    def __init__(self, view: RoundView) -> None:
        self._view = view
        self._coefficients: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        self._doubted: set[int] = set()

    def rank(self, x: int) -> tuple[bool, int]:
        """Order in which points are used: the lowest first, the doubted last."""
        return x in self._doubted, x

    def open(
        self, shares: Shares, pair: tuple[int, int], commitments: Sequence[bytes]
    ) -> tuple[bytes, frozenset[int]]:
        """Return the seed and the points with false shares. Raises Stuck."""
        quorums = subsets(tuple(shares), self._view.parameters.threshold)
        for tried, quorum in enumerate(islice(quorums, MOST_SUBSETS + 1)):
            seed = self._at(0, shares, quorum).to_bytes(32, "big")
            if commit(self._view, *pair, seed) in commitments:
                # with the first quorum right, testing all others would cost more than it tells
                return seed, self._false(shares, quorum, set(shares) if tried else self._doubted)
        raise Stuck(
            f"the shares of a secret of centre {pair[0]} do not open its commitment; the masked "
            "vectors are kept: ask members that did not answer yet"
        )

    def _at(self, x: int, shares: Shares, quorum: tuple[int, ...]) -> int:
        """Value at `x` of the polynomial through the quorum's shares."""
        if (x, quorum) not in self._coefficients:
            self._coefficients[x, quorum] = lagrange_at(x, quorum)
        return combine(self._coefficients[x, quorum], [shares[i] for i in quorum])

    def _false(
        self, shares: Shares, quorum: tuple[int, ...], suspects: Collection[int]
    ) -> frozenset[int]:
        tested = (set(suspects) & set(shares)) - set(quorum)
        found = frozenset(x for x in tested if self._at(x, shares, quorum) != shares[x])
        self._doubted |= found
        return found


def subsets(points: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """Subsets in an order in which k false points among the first size + k soon fall out.

    All subsets of the first `size` points, then of the first size + 1, and so on: with 41 of
    100, any one liar is out after 41 other subsets and any two after 902.
    """
    return chain.from_iterable(
        ((*rest, points[last]) for rest in combinations(points[:last], size - 1))
        for last in range(size - 1, len(points))
    )


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
