"""What a round is, checked from public documents alone; the same for node, coordinator, reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from privacy.secure_sum.keys import check_public
from privacy.secure_sum.labels import digest, u16
from privacy.secure_sum.masks import Width
from privacy.secure_sum.parameters import check_thresholds, committee_of, present
from privacy.secure_sum.refusal import BadDescriptor, BadPrekeys
from schemas.document import MalformedDocument
from schemas.roster import Roster
from schemas.round import Descriptor, Parameters, Prekey
from schemas.signed import BadSignature, Signed


def excess(level: int) -> int:
    """Name of the seed of increment `level` where otherwise the id of a peer stands."""
    return -1 - level


def prekeys_digest(prekeys: Sequence[Signed]) -> str:
    """Hash of all signed prekeys, in the order given (by id); hexadecimal."""
    return digest("prekeys", *(prekey.canonical() for prekey in prekeys)).hex()


def round_id(descriptor: Descriptor) -> bytes:
    """`rid`: 32 bytes over the whole descriptor."""
    return digest("desc", descriptor.canonical())


@dataclass(frozen=True)
class RoundView:
    """A round as everybody sees it. Built by `view`, which checks it."""

    rid: bytes
    descriptor: Descriptor
    roster: Roster
    prekeys: Mapping[int, Prekey]

    @property
    def parameters(self) -> Parameters:
        """Committee, thresholds, floor."""
        return self.descriptor.parameters

    @property
    def active(self) -> tuple[int, ...]:
        """Ids that may contribute, ascending."""
        return self.descriptor.active

    @property
    def length(self) -> int:
        """Entries of the vector."""
        return self.descriptor.announcement.length

    @property
    def width(self) -> Width:
        """Bits of an entry."""
        return self.descriptor.announcement.width

    @cached_property
    def committee(self) -> tuple[int, ...]:
        """Ids of all committee members, ascending."""
        return committee_of(self.roster, self.descriptor.announcement.round)

    @cached_property
    def members(self) -> tuple[int, ...]:
        """Committee members that are active: those who receive shares."""
        here = self.descriptor.witnesses if self.roster.sitting else self.place
        return tuple(node for node in self.committee if node in here)

    @property
    def everybody(self) -> tuple[int, ...]:
        """Ids of the active centres, then of the active witnesses."""
        return (*self.active, *self.descriptor.witnesses)

    @cached_property
    def place(self) -> Mapping[int, int]:
        """Place of each active id on the active list."""
        return {node: place for place, node in enumerate(self.active)}

    @cached_property
    def secrets(self) -> Mapping[int, int]:
        """Place of each secret of a centre among its slots: by active id, its own b at its own
        id; then `excess(k)`, the seeds of the increments of noise."""
        levels = len(self.parameters.levels)
        return {**self.place, **{excess(k): len(self.active) + k for k in range(levels)}}

    @cached_property
    def seat(self) -> Mapping[int, int]:
        """Place of each member among those who receive shares."""
        return {node: place for place, node in enumerate(self.members)}

    @cached_property
    def _points(self) -> Mapping[int, int]:
        return {node: place for place, node in enumerate(self.committee, start=1)}

    @cached_property
    def _keys(self) -> Mapping[int, str]:
        return self.roster.identities

    def point(self, member: int) -> int:
        """Shamir's x of a member: 1 + its place on the committee."""
        return self._points[member]

    def key(self, node: int) -> str:
        """Identity key on the roster."""
        return self._keys[node]


def open_prekeys(
    prekeys: Sequence[Signed], roster: Roster, announcement_digest: str, round_number: int
) -> dict[int, Prekey]:
    """Check who signed each prekey and for which round. Raises BadPrekeys."""
    owners = {key: node for node, key in roster.identities.items()}
    centres, witnesses = set(roster.ids), set(roster.witness_ids)
    opened: dict[int, Prekey] = {}
    for signed in prekeys:
        try:
            prekey = signed.open(Prekey, signed.signer)
        except (BadSignature, MalformedDocument):
            raise BadPrekeys("a prekey that no rostered centre signed") from None
        if owners.get(signed.signer) != prekey.id:
            raise BadPrekeys("a prekey under another centre's id")
        if prekey.announcement != announcement_digest or prekey.round != round_number:
            raise BadPrekeys("a prekey of another round")
        if (prekey.mask_public is None) != (prekey.id in witnesses):
            raise BadPrekeys("a centre without a mask key, or a witness with one")
        peers = centres if prekey.id in witnesses else centres | witnesses
        if list(prekey.links) != sorted(set(prekey.links) & peers - {prekey.id}):
            raise BadPrekeys("links that are no sorted list of those this node masks or opens for")
        opened[prekey.id] = prekey
    if list(opened) != sorted(opened) or len(opened) != len(prekeys):
        raise BadPrekeys("prekeys are sorted by id, each id once")
    return opened


def view(signed: Signed, prekeys: Sequence[Signed], roster: Roster) -> RoundView:
    """Check descriptor and prekeys against the roster and each other.

    The roster's own signature is the caller's to check. Raises BadDescriptor, BadPrekeys.
    """
    try:
        descriptor = signed.open(Descriptor, roster.coordinator)
    except (BadSignature, MalformedDocument):
        raise BadDescriptor("the coordinator on the roster did not sign this descriptor") from None
    announcement = descriptor.announcement
    if announcement.roster != roster.digest():
        raise BadDescriptor("the descriptor is for another roster")
    if descriptor.prekeys != prekeys_digest(prekeys):
        raise BadPrekeys("these are not the prekeys that the descriptor names")
    opened = open_prekeys(prekeys, roster, announcement.digest(), announcement.round)
    here = present(opened, roster, announcement.round)
    if (descriptor.active, descriptor.witnesses) != (here.centres, here.witnesses):
        raise BadDescriptor("the active list is not the one that the prekeys give")
    everybody = (*here.centres, *here.witnesses)
    keys = [key for node in everybody for key in public_keys(opened[node])]
    if len(set(keys)) != len(keys):
        raise BadPrekeys("a key stands in two places")
    for key in keys:
        check_public(key)
    check_thresholds(descriptor.parameters, roster)
    seen = RoundView(round_id(descriptor), descriptor, roster, opened)
    _check_limits(seen)
    return seen


def _check_limits(seen: RoundView) -> None:
    announcement = seen.descriptor.announcement
    if seen.descriptor.deadline > announcement.deadline_latest:
        raise BadDescriptor("the deadline is after the latest deadline")
    if len(seen.members) < seen.parameters.quorum:
        raise BadDescriptor("too few active committee members for a quorum")
    if seen.parameters.floor > len(seen.active):
        raise BadDescriptor("fewer active centres than the floor")
    steps = (seen.parameters.floor, *seen.parameters.levels, len(seen.active) + 1)
    if any(low >= high for low, high in pairwise(steps)):
        raise BadDescriptor("attendance levels rise from the floor to the active centres")


def public_keys(prekey: Prekey) -> tuple[str, ...]:
    """The X25519 public keys, hexadecimal: mask and channel, or a witness's channel key alone."""
    mask = () if prekey.mask_public is None else (prekey.mask_public,)
    return (*mask, prekey.channel_public)


def pair(i: int, j: int) -> bytes:
    """Context of a pair: lower id, then higher id."""
    return u16(min(i, j)) + u16(max(i, j))
