"""P1: a noisy vector becomes a masked message.

y = x' + PRG(b) + sum over j > i of PRG(s_ij) - sum over j < i of PRG(s_ij), modulo 2^w.
Every secret is Shamir-shared; each share is sealed for one member in a slot of its own. So are
the seeds of the increments of noise that a larger set can do without.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from numpy.typing import NDArray

from privacy.secure_sum.keys import Agree, Identity, RoundKeys, agreeing
from privacy.secure_sum.labels import derive, digest, u16
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.masks import add_masks, dtype
from privacy.secure_sum.refusal import BadContribution, BadLink, Malformed
from privacy.secure_sum.shamir import PRIME, RandomBytes, split
from privacy.secure_sum.view import RoundView, excess, pair
from privacy.secure_sum.wire import Contribution


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """Keys that open the slots sent to this member; kept from P1 until it has answered."""

    keys: Mapping[int, bytes] = field(repr=False)

    def to_bytes(self) -> bytes:
        """34 bytes a sender, for the node's own encrypted store."""
        return b"".join(u16(node) + key for node, key in sorted(self.keys.items()))

    @classmethod
    def from_bytes(cls, raw: bytes) -> "ChannelKeys":
        """The inverse. Raises Malformed."""
        if len(raw) % 34:
            raise Malformed("channel keys of the wrong size")
        keys = {
            struct.unpack_from(">H", raw, at)[0]: raw[at + 2 : at + 34]
            for at in range(0, len(raw), 34)
        }
        if list(keys) != sorted(keys) or 34 * len(keys) != len(raw):
            raise Malformed("channel keys that are not sorted by sender, or one twice")
        return cls(keys)


@dataclass(frozen=True, slots=True)
class Contributed:
    """What P1 leaves behind: bytes to send, channel keys, and each pair's next state.

    All three are stored in the transaction that charges the ledger, before a byte is sent.
    """

    message: bytes = field(repr=False)
    channel: ChannelKeys
    links: tuple[LinkState, ...]


@dataclass(frozen=True, slots=True)
class NoisyVector:
    """What a centre adds to the sum, shape (L,), its share of noise included.

    `spare`: the seeds of the increments in that noise, one a level; see `fresh_seed`.
    """

    values: NDArray[np.int64] = field(repr=False)
    spare: Sequence[bytes] = field(default=(), repr=False)


def contribute(
    view: RoundView,
    identity: Identity,
    keys: RoundKeys,
    links: Mapping[int, LinkState],
    noisy: NoisyVector,
    random_bytes: RandomBytes,
) -> Contributed:
    """Mask a noisy vector. The caller forgets keys, noise, seeds and vector after it.

    `links`: the pair state of every active peer and witness, of this round or up to 64 rounds
    before.
    Raises BadContribution on a vector of another length or other levels, BadLink on a missing
    pair.
    """
    me = _own_id(view, identity)
    if noisy.values.shape != (view.length,):
        raise BadContribution("the vector is not as long as the round says")
    if len(noisy.spare) != len(view.parameters.levels):
        raise BadContribution("one seed of noise is shared for each level of the round")
    peers = [node for node in view.active if node != me]
    now = links_now(view, links, [node for node in view.everybody if node != me])
    agree = agreeing(keys.mask)
    seeds = {p: _pair_seed(view, agree, me, now[p]) for p in peers}
    own_seed = fresh_seed(random_bytes)
    seeds |= {me: own_seed, **{excess(level): seed for level, seed in enumerate(noisy.spare)}}

    masked = noisy.values.astype(dtype(view.width))
    add_masks(
        masked,
        [self_mask(view, own_seed), *(pair_mask(view, seeds[p], me, p) for p in peers if p > me)],
        [pair_mask(view, seeds[p], me, p) for p in peers if p < me],
    )
    channel = _channel_keys(view, keys, me, now, random_bytes)
    unsigned = Contribution(
        me,
        view.rid,
        masked,
        b"".join(commit(view, me, other, seeds[other]) for other in view.secrets),
        _sealed(view, me, seeds, channel, random_bytes),
    )
    signature = identity.sign(unsigned.header.digest(view.rid))
    signed = Contribution(me, view.rid, masked, unsigned.commitments, unsigned.slots, signature)
    advanced = tuple(state.at(state.round + 1) for state in now.values())
    return Contributed(signed.to_bytes(), channel.receiving, advanced)


def links_now(
    view: RoundView, links: Mapping[int, LinkState], peers: Sequence[int]
) -> dict[int, LinkState]:
    """The pair states of this round. Raises BadLink on a missing one, AlreadyBurnt, LinkTooOld."""
    if any(peer not in links for peer in peers):
        raise BadLink("an active peer without a link")
    return {peer: links[peer].at(view.descriptor.announcement.round) for peer in peers}


def fresh_seed(random_bytes: RandomBytes) -> bytes:
    """Return 32 random bytes that are an element of the field, so that they can be shared."""
    while True:
        seed = random_bytes(32)
        if int.from_bytes(seed, "big") < PRIME:
            return seed


def _own_id(view: RoundView, identity: Identity) -> int:
    public = identity.public_hex
    for centre in view.roster.centres:
        if centre.key == public and centre.id in view.place:
            return centre.id
    raise BadContribution("this identity is not active in the round")


def self_mask(view: RoundView, seed: bytes) -> bytes:
    """Key of PRG(b)."""
    return derive(seed, "self-prg", salt=view.rid)


def pair_mask(view: RoundView, seed: bytes, i: int, j: int) -> bytes:
    """Key of PRG(s_ij)."""
    return derive(seed, "pair-prg", pair(i, j), salt=view.rid)


def excess_key(view: RoundView, seed: bytes) -> bytes:
    """Key of the stream from which an increment of noise is drawn, and drawn again."""
    return derive(seed, "excess-noise", salt=view.rid)


def commit(view: RoundView, i: int, j: int, seed: bytes) -> bytes:
    """Commitment to s_ij, or, with i = j, to b_i; both ends of a pair must agree on it.

    With an `excess` for j: to the seed of an increment.
    """
    if j < 0:
        return digest("excess", view.rid, u16(i), u16(-j), seed)
    return digest("commit", view.rid, u16(min(i, j)), u16(max(i, j)), seed)


def _pair_seed(view: RoundView, agree: Agree, me: int, link: LinkState) -> bytes:
    """Hybrid: safe while either X25519 or the ratcheted ML-KEM secret holds."""
    theirs = view.prekeys[link.peer].mask_public
    if theirs is None:
        raise BadContribution("a pair mask with a witness")
    shared = agree(theirs)
    return derive(shared + link.key, "pair-seed", pair(me, link.peer), salt=view.rid)


@dataclass(frozen=True, slots=True)
class _Channels:
    sending: Mapping[int, bytes] = field(repr=False)
    receiving: ChannelKeys


def _channel_keys(
    view: RoundView,
    keys: RoundKeys,
    me: int,
    links: Mapping[int, LinkState],
    random_bytes: RandomBytes,
) -> _Channels:
    """One key for each direction in which shares go; a member seals its own under a random key."""
    to_self = random_bytes(32)
    sending, receiving = {me: to_self}, {me: to_self}
    agree, opens = agreeing(keys.channel), me in view.seat
    for peer in links if opens else view.members:
        shared = channel_secret(view, agree, links[peer])
        sending[peer] = channel_key(view, shared, me, peer)
        if opens:
            receiving[peer] = channel_key(view, shared, peer, me)
    return _Channels(sending, ChannelKeys(receiving if opens else {}))


def channel_secret(view: RoundView, agree: Agree, link: LinkState) -> bytes:
    """What both ends of a pair derive the keys of their slots from; hybrid. `agree`: with the
    private channel key of one of them."""
    return agree(view.prekeys[link.peer].channel_public) + link.key


def channel_key(view: RoundView, shared: bytes, sender: int, member: int) -> bytes:
    """Key of the slots that one seals for the other."""
    return derive(shared, "share", u16(sender) + u16(member), salt=view.rid)


def slot_context(view: RoundView, sender: int, member: int, slot: int) -> tuple[bytes, bytes]:
    """(nonce, additional data) of a slot; a key seals each slot number once."""
    place = struct.pack(">HHI", sender, member, slot)
    return place.rjust(12, b"\0"), view.rid + place


def _sealed(
    view: RoundView,
    me: int,
    seeds: Mapping[int, bytes],
    channels: _Channels,
    random_bytes: RandomBytes,
) -> bytes:
    secrets = [int.from_bytes(seeds[other], "big") for other in view.secrets]
    if any(secret >= PRIME for secret in secrets):
        raise BadContribution("a seed outside the field; start the round again")
    points = [view.point(member) for member in view.members]
    shares = split(secrets, view.parameters.threshold, points, random_bytes)
    sealed = []
    for member, point in zip(view.members, points, strict=True):
        box = ChaCha20Poly1305(channels.sending[member])
        for slot, share in enumerate(shares[point]):
            nonce, context = slot_context(view, me, member, slot)
            sealed.append(box.encrypt(nonce, share.to_bytes(32, "big"), context))
    return b"".join(sealed)
