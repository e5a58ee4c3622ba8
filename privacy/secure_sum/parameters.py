"""Who may be missing and who may lie: committee, thresholds, floor. All integers."""

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from privacy.secure_sum.labels import digest, u16, u64
from privacy.secure_sum.refusal import BadDescriptor, BadRoster, BelowPolicy
from schemas.enrolment import RosterCandidate
from schemas.roster import FEWEST_WITNESSES, Roster
from schemas.round import Parameters, Prekey

_COMMITTEE = 100
_CORRUPT_OF_100 = 40
FAILING = Fraction(3, 100)
"""How many of the centres that got ready are expected to fail in a round."""
_MOST_LEVELS = 8
_RAISED = (Fraction(95, 100), Fraction(90, 100), Fraction(85, 100), Fraction(80, 100))


Committee = Literal["either", "centres", "witnesses"]
"""Whom a node takes as the committee."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a node demands. The shares are of organisations and centres on the whole roster.

    `least_witnesses`: fewest of them, where the committee is the witnesses.
    """

    colluding: Fraction = Fraction(1, 5)
    floor: Fraction = Fraction(4, 5)
    least_honest: int = 5
    committee: Committee = "either"
    least_witnesses: int = FEWEST_WITNESSES


def committee_of(roster: Roster, round_number: int) -> tuple[int, ...]:
    """Ids on the committee, ascending: the witnesses if there are enough of them; else all up to
    100 centres; else 100 of these drawn by hash.

    Drawn from the roster, never from who is active: a coordinator could withhold honest
    prekeys until its friends have the majority.
    """
    if roster.sitting:
        return roster.witness_ids
    if len(roster.ids) <= _COMMITTEE:
        return roster.ids
    seed = bytes.fromhex(roster.seed)

    def rank(node: int) -> bytes:
        return digest("committee", seed, u64(round_number), u16(node))

    return tuple(sorted(sorted(roster.ids, key=rank)[:_COMMITTEE]))


def colluders(roster: Roster, share: Fraction) -> int:
    """c: centres run by the floor(share x organisations) organisations that run most."""
    sizes = roster.sizes
    by_organisation = sum(sizes[: math.floor(share * len(sizes))])
    return max(by_organisation, math.floor(share * len(roster.ids)))


def chance_of_abort(active: int, floor: int, failing: Fraction) -> Fraction:
    """P(fewer than `floor` of `active` stay) when each fails independently; exact."""
    fail, stay = failing.numerator, failing.denominator - failing.numerator
    ways = sum(
        math.comb(active, k) * stay**k * fail ** (active - k) for k in range(min(floor, active + 1))
    )
    return Fraction(ways, failing.denominator**active)


def attendance_floor(n: int, active: int, policy: Policy, failing: Fraction) -> int:
    """u_min: the policy's floor, raised (n >= 40) while at most 1% of rounds would abort."""
    floor = math.ceil(policy.floor * n)
    if n < 40:
        return floor
    for share in _RAISED:
        raised = max(floor, math.ceil(share * active))
        if chance_of_abort(active, raised, failing) <= Fraction(1, 100):
            return raised
    return floor


def attendance_levels(floor: int, active: int) -> tuple[int, ...]:
    """At most 8 levels above the floor, evenly apart, the highest being that all are there.

    Reaching a level takes noise off: with steps of 7 centres of 250 the noise is on average
    0.9% above what the exact number of centres would need, and each level costs each centre
    one seed and two draws.
    """
    step = max(1, math.ceil((active - floor) / _MOST_LEVELS))
    return tuple(range(active, floor, -step))[::-1]


def parameters_of(
    roster: Roster,
    active: int,
    policy: Policy,
    failing: Fraction = FAILING,
    *,
    remove_excess: bool = True,
) -> Parameters:
    """Return the parameters a coordinator puts in a descriptor. Raises BadRoster.

    Where excess noise is removed afterwards, the floor can stay at the policy's; else it is
    raised as far as the risk of an abort allows, for a higher floor means less noise.
    """
    n = len(roster.ids)
    c = _checked_colluders(roster, policy)
    size, corrupt = committee_size(roster)
    if remove_excess:
        floor = math.ceil(policy.floor * n)
        levels = attendance_levels(floor, active)
    else:
        floor, levels = attendance_floor(n, active, policy, failing), ()
    return Parameters(
        committee=size,
        corrupt=corrupt,
        threshold=corrupt + 1,
        quorum=(size + corrupt) // 2 + 1,
        floor=floor,
        honest=max(1, floor - c),
        levels=levels,
    )


def opening(roster: Roster | RosterCandidate) -> tuple[int, int]:
    """(t, C): how many of the committee, with the coordinator, could open a centre's vector."""
    size, corrupt = committee_size(roster)
    return corrupt + 1, size


def committee_size(roster: Roster | RosterCandidate) -> tuple[int, int]:
    """(C, f) of a roster. Of witnesses almost half may be corrupt: they are few, each is of
    another organisation, and none gains from what it would learn."""
    n, witnesses = len(roster.ids), len(roster.sitting)
    if witnesses:
        return witnesses, (witnesses - 1) // 2
    return (n, (n - 1) // 3) if n <= _COMMITTEE else (_COMMITTEE, _CORRUPT_OF_100)


def _checked_colluders(roster: Roster, policy: Policy) -> int:
    """c, about centres whoever the committee is."""
    c = colluders(roster, policy.colluding)
    of_centres = not roster.sitting and len(roster.ids) <= _COMMITTEE
    if of_centres and committee_size(roster)[1] < c:
        raise BadRoster("so few centres, or so few organisations, cannot outvote colluders")
    return c


def check_thresholds(given: Parameters, roster: Roster) -> None:
    """Raise BadDescriptor unless C, f, t and q are the roster's.

    For every size of roster these allow one certificate only: t > f, 2q > C + f, t <= q <= C.
    """
    size, corrupt = committee_size(roster)
    stated = (given.committee, given.corrupt, given.threshold, given.quorum)
    if stated != (size, corrupt, corrupt + 1, (size + corrupt) // 2 + 1):
        raise BadDescriptor("committee, thresholds or quorum are not those of the roster")


def check_committee(roster: Roster, policy: Policy) -> None:
    """Raise BelowPolicy when this node's policy refuses the committee that the roster gives."""
    if roster.sitting and policy.committee == "centres":
        raise BelowPolicy("the committee is witnesses, and this node takes one of centres only")
    if not roster.sitting and policy.committee == "witnesses":
        raise BelowPolicy("the committee is centres, and this node takes one of witnesses only")
    if roster.sitting and len(roster.sitting) < policy.least_witnesses:
        raise BelowPolicy("fewer witnesses than the least this node demands")


def check_parameters(given: Parameters, roster: Roster, policy: Policy) -> None:
    """Raise unless the parameters are sound and at least what this node's policy demands."""
    n = len(roster.ids)
    c = _checked_colluders(roster, policy)
    check_thresholds(given, roster)
    check_committee(roster, policy)
    if not math.ceil(policy.floor * n) <= given.floor <= n:
        raise BelowPolicy("the floor is lower than this centre's policy allows")
    if given.honest > given.floor - c:
        raise BelowPolicy("the noise counts on more honest centres than this centre does")
    if given.honest < policy.least_honest:
        raise BelowPolicy("fewer honest centres than the least this centre demands")


def tie_rank(roster: Roster, round_number: int, node: int) -> bytes:
    """Who goes first when as much speaks against several: the highest of these 32 bytes.

    Neither the coordinator nor a centre chooses it: the authority drew the seed, and each round
    ranks anew. By id alone a low id could put out any higher one it wants.
    """
    return digest("tie", bytes.fromhex(roster.seed), u64(round_number), u16(node))


@dataclass(frozen=True, slots=True)
class Present:
    """Who is active together, ascending: centres, and the witnesses if they are the committee."""

    centres: tuple[int, ...]
    witnesses: tuple[int, ...]


def present(prekeys: Mapping[int, Prekey], roster: Roster, round_number: int) -> Present:
    """Return who is active, from the prekeys alone; every node computes the same.

    While some pair lacks its link on either side, the id with most missing pairs goes (tie:
    by `tie_rank`). Two witnesses have nothing to say to each other, and are no pair.
    """
    left = agreeing(missing_links(prekeys, roster), roster, round_number)
    witnesses = left & set(roster.witness_ids)
    return Present(tuple(sorted(left - witnesses)), tuple(sorted(witnesses)))


def missing_links(prekeys: Mapping[int, Prekey], roster: Roster) -> dict[int, set[int]]:
    """Each id with those that lack its link, or whose link it lacks."""
    links = {node: set(prekey.links) for node, prekey in prekeys.items()}
    witnesses = links.keys() & set(roster.witness_ids)
    missing = {i: links.keys() - held - {i} for i, held in links.items()}
    for witness in witnesses:
        missing[witness] -= witnesses
    for i, lacked in [(i, tuple(lacked)) for i, lacked in missing.items()]:
        for j in lacked:
            missing[j].add(i)
    return missing


def agreeing(against: Mapping[int, Set[int]], roster: Roster, round_number: int) -> frozenset[int]:
    """Who is left when, while two are against each other, the one with most against it goes."""
    left = {node: set(others) for node, others in against.items()}
    while any(left.values()):
        worst = max(left, key=lambda node: (len(left[node]), tie_rank(roster, round_number, node)))
        for other in left.pop(worst):
            left[other].discard(worst)
    return frozenset(left)
