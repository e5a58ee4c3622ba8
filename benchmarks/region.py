"""A round in memory, through the code that centres and coordinator run, from prekeys to the sum.

Keys, signatures, masks, sealed shares, certificate and opening are real. Only the pair keys are
made up instead of encapsulated, and nothing is stored or sent.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from privacy.secure_sum.certify import set_digest, sign_set
from privacy.secure_sum.close import (
    ClosedSet,
    Summed,
    accept,
    accept_response,
    close_set,
    sum_up,
    unmask_request,
)
from privacy.secure_sum.contribute import ChannelKeys, Contributed, NoisyVector, contribute
from privacy.secure_sum.keys import Identity, RoundKeys
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.parameters import present
from privacy.secure_sum.unmask import open_shares
from privacy.secure_sum.view import RoundView, prekeys_digest, view
from privacy.secure_sum.wire import Contribution, Mark, UnmaskResponse
from privacy.secure_sum.witness import witness
from schemas.roster import Centre, Roster, Witness
from schemas.round import Announcement, Descriptor, Parameters, Prekey
from schemas.signed import Signed
from schemas.units import UnixSeconds

START, END = UnixSeconds(0), UnixSeconds(1000)
Links = Mapping[int, LinkState]


@dataclass(frozen=True)
class Region:
    """Nodes of one round, with their keys."""

    view: RoundView
    identities: Mapping[int, Identity]
    keys: Mapping[int, RoundKeys]

    def links(self, node: int) -> Links:
        """Both ends of a pair get the same key."""
        return {
            peer: LinkState(
                peer,
                1,
                1,
                1,
                1,
                hashlib.sha256(f"{min(node, peer)}|{max(node, peer)}".encode()).digest(),
            )
            for peer in self.view.everybody
            if peer != node
        }

    def channel(self, member: int, arrived: Mapping[int, "Arrived"]) -> ChannelKeys:
        """What a member keeps until it has answered: from P1, or a witness's own."""
        if member in arrived:
            return arrived[member].channel
        return witness(self.view, member, self.keys[member], self.links(member)).channel

    def contribute(self, node: int, links: Links, noisy: NoisyVector) -> Contributed:
        """P1 of one node."""
        return contribute(
            self.view, self.identities[node], self.keys[node], links, noisy, os.urandom
        )

    def take(self, node: int, made: Contributed) -> "Arrived":
        """What the coordinator accepts, and what the node keeps until it has answered."""
        return Arrived(accept(self.view, made.message, node), made.channel)


@dataclass(frozen=True)
class Arrived:
    """A contribution, checked, and its sender's channel keys."""

    contribution: Contribution
    channel: ChannelKeys


def make_region(
    n: int,
    length: int,
    limits_of: Callable[[Roster], Parameters],
    noise_variance: int = 4,
    witnesses: int = 0,
) -> Region:
    """n centres, each of an organisation of its own, all awake; every document is signed.

    `witnesses`: how many others are the committee, with the ids after those of centres; none
    leaves it to the centres.
    """
    identities = {node: Identity.new(os.urandom) for node in range(1, n + witnesses + 1)}
    centres, aside = range(1, n + 1), range(n + 1, n + witnesses + 1)
    coordinator = Identity.new(os.urandom)
    roster = Roster(
        epoch=1, previous=None, seed="00" * 32, coordinator=coordinator.public_hex,
        valid_from=START, valid_until=END,
        centres=tuple(
            Centre(
                id=node, name=f"c{node}", key=identities[node].public_hex,
                organisation=f"o{node}", recognised_number=str(node),
            )
            for node in centres
        ),
        operator="region" if witnesses else None,
        witnesses=tuple(
            Witness(id=w, name=f"w{w}", key=identities[w].public_hex, organisation=f"p{w}")
            for w in aside
        ),
    )  # fmt: skip
    announcement = Announcement(
        round=1, roster=roster.digest(), programme="00" * 32, period="year", cohorts=("2024Q1",),
        asks=("a@start",), length=length, width=32, announced_at=START, prekeys_until=START,
        deadline_latest=END,
    )  # fmt: skip
    keys = {node: RoundKeys.new(os.urandom) for node in identities}
    opened = {
        node: Prekey(
            id=node, round=1, announcement=announcement.digest(),
            mask_public=None if node in aside else own.public[0], channel_public=own.public[1],
            links=tuple(p for p in (centres if node in aside else identities) if p != node),
        )
        for node, own in keys.items()
    }  # fmt: skip
    prekeys = [Signed.seal(body, identities[node].private) for node, body in opened.items()]
    here = present(opened, roster, 1)
    descriptor = Descriptor(
        announcement=announcement, prekeys=prekeys_digest(prekeys), active=here.centres,
        witnesses=here.witnesses, parameters=limits_of(roster),
        noise="skellam", noise_variance=noise_variance, specification="11" * 32, deadline=END,
    )  # fmt: skip
    seen = view(Signed.seal(descriptor, coordinator.private), prekeys, roster)
    return Region(seen, identities, keys)


@dataclass(frozen=True)
class Answered:
    """A round up to the moment at which the server can sum."""

    view: RoundView
    closed: ClosedSet
    digest: bytes
    marks: Sequence[Mark]
    responses: Sequence[UnmaskResponse]

    def sum(self) -> Summed:
        """P4."""
        return sum_up(self.view, self.closed, self.digest, self.marks, self.responses)


def answer(region: Region, arrived: Mapping[int, Arrived]) -> Answered:
    """P2 and P3: a quorum signs, a threshold answers."""
    seen = region.view
    closed = close_set(seen, {node: one.contribution for node, one in arrived.items()})
    headers = [closed.contributions[node].header for node in closed.ids]
    digest, limits = set_digest(seen, headers), seen.parameters
    marks = [
        sign_set(seen, region.identities[m], m, headers) for m in seen.members[: limits.quorum]
    ]
    responses = []
    answering = [m for m in seen.members if m in arrived or m in seen.descriptor.witnesses]
    for member in answering[: limits.threshold]:
        request = unmask_request(seen, closed, marks, member)
        signed = (digest, closed.ids)
        response = open_shares(
            seen,
            region.identities[member],
            member,
            region.channel(member, arrived),
            signed,
            request,
        )
        responses.append(accept_response(seen, closed.ids, response.to_bytes(), member))
    return Answered(seen, closed, digest, marks, responses)
