"""P0: every check that a node makes before it says anything in a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from privacy.secure_sum.parameters import Policy, check_parameters
from privacy.secure_sum.refusal import (
    AlreadyBurnt,
    BadPrekeys,
    BadRoster,
    NotActive,
    TooLate,
    WouldWrap,
)
from privacy.secure_sum.view import RoundView, view
from schemas.roster import Roster
from schemas.round import NoiseFamily
from schemas.signed import Signed


@dataclass(frozen=True, slots=True)
class Own:
    """What the node itself knows: who it is, its prekey of this round, the last burnt round."""

    node: int
    prekey: Signed | None
    last_burnt: int
    policy: Policy = field(default_factory=Policy)


_SIGMAS: Mapping[NoiseFamily, int] = {"skellam": 10, "polya": 64}
"""How far noise reaches: beyond it lies a chance below e^-50, e^-90 (Polya has longer tails)."""


def fits(
    length_bound: int, n: int, variance: int, honest: int, width: int, sigmas: int = 10
) -> bool:
    """n * bound + sigmas x sigma_total < 2^(w-1), in integers; sigma_total^2 = mu n / h."""
    room: int = 2 ** (width - 1) - n * length_bound
    return room > 0 and bool(room * room * honest > sigmas**2 * variance * n)


def prepare(
    signed: Signed, prekeys: Sequence[Signed], roster: Roster, own: Own, *, now: int, bound: int
) -> RoundView:
    """Return the round if this node may contribute to it.

    `bound`: the most that an entry of this node's vector can be before noise. Programme,
    approval and ledger are the gate's to check. Raises a SumRefusal.
    """
    seen = view(signed, prekeys, roster)
    descriptor, announcement = seen.descriptor, seen.descriptor.announcement
    if own.node not in seen.active:
        raise NotActive("this centre is not active in the round")
    if own.prekey is None or own.prekey not in prekeys:
        raise BadPrekeys("the prekey under this centre's name is not the one it sent")
    if announcement.round <= own.last_burnt:
        raise AlreadyBurnt("this round number, or a later one, was used before")
    if now > descriptor.deadline:  # never after the latest deadline: `view` refuses that
        raise TooLate("the deadline of the round has passed")
    if not roster.valid_from <= now <= roster.valid_until:
        raise BadRoster("the roster is not valid today")
    check_parameters(seen.parameters, roster, own.policy)
    if not fits(
        bound,
        len(roster.ids),
        descriptor.noise_variance,
        seen.parameters.honest,
        announcement.width,
        _SIGMAS[descriptor.noise],
    ):
        raise WouldWrap("the largest possible sum does not fit the width of the vector")
    return seen
