"""P4, the coordinator: accept contributions, fix the set, open what it needs, sum."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from privacy.secure_sum.certify import check_quorum
from privacy.secure_sum.contribute import commit, pair_mask, self_mask
from privacy.secure_sum.masks import add_masks, centre_lift, dtype
from privacy.secure_sum.refusal import BadContribution, BelowFloor, Malformed, Stuck
from privacy.secure_sum.shamir import combine, lagrange_at_zero, on_one_polynomial
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, Mark, UnmaskRequest, UnmaskResponse
from schemas.signed import BadSignature, verify

MOST_SUBSETS = 1000


def accept(view: RoundView, raw: bytes, sender: int) -> Contribution:
    """Read and check one contribution. Raises Malformed or BadContribution."""
    contribution = Contribution.from_bytes(raw, view)
    if contribution.node != sender:
        raise BadContribution("a contribution under another centre's name")
    header = contribution.header
    try:
        verify(view.key(sender), header.signature.hex(), header.digest(view.rid))
    except BadSignature:
        raise BadContribution("a contribution that its centre did not sign") from None
    return contribution


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """U, the centres in the sum, and the pairs whose ends disagreed about their secret."""

    contributions: Mapping[int, Contribution] = field(repr=False)
    disagreeing: tuple[tuple[int, int], ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """U, ascending."""
        return tuple(sorted(self.contributions))


def close_set(view: RoundView, accepted: Mapping[int, Contribution]) -> ClosedSet:
    """Remove centres until all pairs agree (most disagreements first; tie: the higher id).

    Without this one bad link would spend everybody's budget on a garbage sum. Raises
    BelowFloor.
    """
    left = dict(accepted)
    against: dict[int, set[int]] = {node: set() for node in left}
    for i, j in combinations(sorted(left), 2):
        if left[i].commitment(view, j) != left[j].commitment(view, i):
            against[i].add(j)
            against[j].add(i)
    pairs = tuple((i, j) for i in sorted(against) for j in sorted(against[i]) if i < j)
    while any(against.values()):
        worst = max(against, key=lambda node: (len(against[node]), node))
        for other in against.pop(worst):
            against[other].discard(worst)
        del left[worst]
    if len(left) < view.parameters.floor:
        raise BelowFloor(
            f"{len(left)} centres answered and {view.parameters.floor} are needed; "
            "nothing was revealed"
        )
    return ClosedSet(left, pairs)


def unmask_request(
    view: RoundView, closed: ClosedSet, marks: Sequence[Mark], member: int
) -> UnmaskRequest:
    """Return what one member needs: the certifying signatures and its slots, nothing else."""
    slots = tuple(
        closed.contributions[sender].slot(view, member, other)
        for sender, other in wanted(view, closed.ids)
    )
    return UnmaskRequest(view.rid, tuple(marks), slots)


def accept_response(view: RoundView, closed: ClosedSet, raw: bytes, member: int) -> UnmaskResponse:
    """Read and check one member's shares. Raises Malformed."""
    response = UnmaskResponse.from_bytes(raw, len(wanted(view, closed.ids)))
    if response.member != member or response.rid != view.rid or member not in view.members:
        raise Malformed("shares under another name or for another round")
    try:
        verify(view.key(member), response.signature.hex(), response.body())
    except BadSignature:
        raise Malformed("shares that their member did not sign") from None
    return response


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum of the noisy vectors of U, and members whose shares were false."""

    total: NDArray[np.int64] = field(repr=False)
    liars: frozenset[int]


def sum_up(
    view: RoundView,
    closed: ClosedSet,
    dg: bytes,
    marks: Sequence[Mark],
    responses: Sequence[UnmaskResponse],
) -> Summed:
    """Return the signed sum, shape (L,), int64. Raises NotCertified, Stuck."""
    check_quorum(view, dg, marks)
    seeds, liars = _open_seeds(view, closed, {r.member: r for r in responses})
    total = np.zeros(view.length, dtype=dtype(view.width))
    for contribution in closed.contributions.values():
        np.add(total, contribution.vector, out=total)
    plus: list[bytes] = []
    minus: list[bytes] = []
    for (i, j), seed in seeds.items():
        if i == j:
            minus.append(self_mask(view, seed))
        else:
            (minus if j > i else plus).append(pair_mask(view, seed, i, j))
    add_masks(total, plus, minus)
    return Summed(centre_lift(total), liars)


def _open_seeds(
    view: RoundView, closed: ClosedSet, responses: Mapping[int, UnmaskResponse]
) -> tuple[dict[tuple[int, int], bytes], frozenset[int]]:
    if len(responses) < view.parameters.threshold:
        raise Stuck("fewer members answered than it takes to open a secret")
    seeds: dict[tuple[int, int], bytes] = {}
    liars: set[int] = set()
    opener = _Opener(view, {})
    for place, (i, j) in enumerate(wanted(view, closed.ids)):
        shares = {
            view.point(member): share
            for member, response in responses.items()
            if (share := response.shares[place]) is not None and member not in liars
        }
        commitment = closed.contributions[i].commitment(view, j)
        seed, false = opener.open(shares, i, j, commitment)
        seeds[i, j] = seed
        liars |= {view.committee[x - 1] for x in false}
    return seeds, frozenset(liars)


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens secrets; one set of Lagrange coefficients for each distinct quorum."""

    view: RoundView
    coefficients: dict[tuple[int, ...], tuple[int, ...]]

    def open(
        self, shares: Mapping[int, int], i: int, j: int, commitment: bytes
    ) -> tuple[bytes, set[int]]:
        """Return the seed and the points with false shares. Raises Stuck."""
        for quorum in islice(self._quorums(shares), MOST_SUBSETS + 1):
            if quorum not in self.coefficients:
                self.coefficients[quorum] = lagrange_at_zero(quorum)
            secret = combine(self.coefficients[quorum], [shares[x] for x in quorum])
            seed = secret.to_bytes(32, "big")
            if commit(self.view, i, j, seed) == commitment:
                return seed, self._false(shares, quorum)
        raise Stuck("the shares of a secret do not open its commitment")

    def _quorums(self, shares: Mapping[int, int]) -> Iterator[tuple[int, ...]]:
        return combinations(sorted(shares), self.view.parameters.threshold)

    def _false(self, shares: Mapping[int, int], quorum: tuple[int, ...]) -> set[int]:
        first = tuple(sorted(shares))[: len(quorum)]
        if quorum == first:
            return set()  # nothing failed; checking the others would cost more than it tells
        return {x for x in shares if on_one_polynomial(shares, quorum, x) != shares[x]}
