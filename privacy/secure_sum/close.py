"""P4, the coordinator: accept contributions, fix the set, open what it needs, sum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.secure_sum.certify import check_quorum
from privacy.secure_sum.contribute import excess_key, pair_mask, self_mask
from privacy.secure_sum.masks import add_masks, centre_lift, dtype
from privacy.secure_sum.parameters import agreeing
from privacy.secure_sum.recover import recover
from privacy.secure_sum.refusal import BadContribution, BelowFloor, Malformed
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, Mark, Sent, UnmaskRequest, UnmaskResponse
from schemas.signed import BadSignature, verify


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
    """U, the centres in the sum; the pairs whose ends disagreed about their secret; and what
    the centres sent that were left out for it."""

    contributions: Mapping[int, Sent] = field(repr=False)
    disagreeing: tuple[tuple[int, int], ...]
    removed: Mapping[int, Sent] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> tuple[int, ...]:
        """U, ascending."""
        return tuple(sorted(self.contributions))


def close_set(view: RoundView, accepted: Mapping[int, Sent]) -> ClosedSet:
    """Remove centres until all pairs agree (most disagreements first; tie: by `tie_rank`).

    Without this one bad link would spend everybody's budget on a garbage sum. Raises
    BelowFloor.
    """
    pairs = disagreeing(view, accepted)
    against: dict[int, set[int]] = {node: set() for node in accepted}
    for i, j in pairs:
        against[i].add(j)
        against[j].add(i)
    staying = agreeing(against, view.roster, view.descriptor.announcement.round)
    left = {node: accepted[node] for node in sorted(staying)}
    if len(left) < view.parameters.floor:
        raise BelowFloor(
            f"{len(left)} centres answered and {view.parameters.floor} are needed; "
            "nothing was revealed"
        )
    removed = {node: accepted[node] for node in accepted.keys() - left.keys()}
    return ClosedSet(left, pairs, removed)


def disagreeing(view: RoundView, accepted: Mapping[int, Sent]) -> tuple[tuple[int, int], ...]:
    """Pairs (lower, higher) whose ends committed to different secrets."""
    nodes = sorted(accepted)
    columns = [view.place[node] for node in nodes]
    table = np.array(
        [np.frombuffer(accepted[n].commitments, "<u8").reshape(-1, 4)[columns] for n in nodes]
    ).reshape(len(nodes), len(nodes), 4)
    differs = np.triu((table != table.transpose(1, 0, 2)).any(axis=2))
    return tuple((nodes[i], nodes[j]) for i, j in np.argwhere(differs))


def unmask_request(
    view: RoundView, closed: ClosedSet, marks: Sequence[Mark], member: int
) -> UnmaskRequest:
    """Return what one member needs: the certifying signatures and its slots, nothing else."""
    slots = tuple(
        closed.contributions[sender].slot(view, member, other)
        for sender, other in wanted(view, closed.ids)
    )
    return UnmaskRequest(view.rid, tuple(marks), slots)


def accept_response(
    view: RoundView, in_set: Sequence[int], raw: bytes, member: int
) -> UnmaskResponse:
    """Read and check one member's shares. Raises Malformed."""
    response = UnmaskResponse.from_bytes(raw, len(wanted(view, in_set)))
    if response.member != member or response.rid != view.rid or member not in view.seat:
        raise Malformed("shares under another name or for another round")
    try:
        verify(view.key(member), response.signature.hex(), response.digest())
    except BadSignature:
        raise Malformed("shares that their member did not sign") from None
    return response


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum of the noisy vectors of U, and centres whose shares or commitments were false.

    `spare`: by level, the keys of the increments of noise that U can do without, one a centre;
    they are still in `total`.
    """

    total: NDArray[np.int64] = field(repr=False)
    false_shares: frozenset[int]
    false_commitments: frozenset[int]
    spare: Mapping[int, tuple[bytes, ...]] = field(default_factory=dict, repr=False)

    @property
    def liars(self) -> frozenset[int]:
        """Both, whichever was false."""
        return self.false_shares | self.false_commitments


def sum_up(
    view: RoundView,
    closed: ClosedSet,
    dg: bytes,
    marks: Sequence[Mark],
    responses: Sequence[UnmaskResponse],
) -> Summed:
    """Return the signed sum, shape (L,), int64. Raises NotCertified, Stuck."""
    check_quorum(view, dg, marks)
    opened = recover(view, closed.contributions, responses, closed.removed)
    total = np.zeros(view.length, dtype=dtype(view.width))
    for contribution in closed.contributions.values():
        np.add(total, contribution.vector, out=total)
    plus: list[bytes] = []
    minus: list[bytes] = []
    spare: dict[int, list[bytes]] = {k: [] for k in range(view.parameters.reached(len(closed.ids)))}
    for (i, j), seed in opened.seeds.items():
        if j < 0:
            spare[-1 - j].append(excess_key(view, seed))
        elif i == j:
            minus.append(self_mask(view, seed))
        else:
            (minus if j > i else plus).append(pair_mask(view, seed, i, j))
    add_masks(total, plus, minus)
    keys = {level: tuple(found) for level, found in spare.items()}
    false = (opened.false_shares, opened.false_commitments)
    return Summed(centre_lift(total), *false, keys)
