"""What an adversary computes from keys and messages that a test puts into its hands."""

from collections.abc import Iterator, Sequence

import numpy as np
from cast import Cast, Play
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from numpy.typing import NDArray

from privacy.secure_sum.contribute import commit, pair_mask, self_mask, slot_context
from privacy.secure_sum.keys import RoundKeys, agreeing
from privacy.secure_sum.labels import derive, u16
from privacy.secure_sum.masks import add_masks, centre_lift
from privacy.secure_sum.shamir import combine, lagrange_at
from privacy.secure_sum.view import RoundView, pair
from privacy.secure_sum.wire import Contribution


class Recorder:
    """Hands on another source of bytes and remembers what it gave."""

    def __init__(self, inner) -> None:  # type: ignore[no-untyped-def]
        self._inner, self.given = inner, []

    def __call__(self, size: int) -> bytes:
        self.given.append(self._inner(size))
        return self.given[-1]


def round_keys(cast: Cast, node: int) -> RoundKeys:
    """A node's X25519 keys of the round."""
    keys = cast.players[node].keys
    assert keys is not None
    return keys


def pair_seed(seen: RoundView, mask: bytes, me: int, peer: int, link_key: bytes) -> bytes:
    """s_ij from one end's X25519 key and a guess at the pair's ratcheted key."""
    shared = agreeing(mask)(seen.prekeys[peer].mask_public or "")
    return derive(shared + link_key, "pair-seed", pair(me, peer), salt=seen.rid)


def channel_key(
    seen: RoundView, channel: bytes, ends: tuple[int, int], peer: int, link_key: bytes
) -> bytes:
    """The key of the channel from ends[0] to ends[1]; `peer` is the end whose key is public."""
    shared = agreeing(channel)(seen.prekeys[peer].channel_public) + link_key
    return derive(shared, "share", u16(ends[0]) + u16(ends[1]), salt=seen.rid)


def open_slot(
    seen: RoundView, key: bytes, body: Contribution, member: int, other: int
) -> int | None:
    """One share, or None when the key or the round is another."""
    nonce, context = slot_context(seen, body.node, member, seen.place[other])
    sealed = body.slot(seen, member, other)
    try:
        return int.from_bytes(ChaCha20Poly1305(key).decrypt(nonce, sealed, context), "big")
    except InvalidTag:
        return None


def secret_of(round_: Play, node: int, other: int, members: Sequence[int]) -> bytes:
    """b (other = node) or s_ij, put together from these members' channel keys."""
    seen, shares, points = round_.view, [], []
    for member in members:
        key = round_.channel(member).keys[node]
        share = open_slot(seen, key, round_.bodies[node], member, other)
        assert share is not None
        shares.append(share)
        points.append(seen.point(member))
    secret = combine(lagrange_at(0, points), shares).to_bytes(32, "big")
    assert commit(seen, node, other, secret) == round_.bodies[node].commitment(seen, other)
    return secret


def without_masks(
    seen: RoundView, body: Contribution, own: bytes | None, pairs: dict[int, bytes]
) -> NDArray[np.int64]:
    """A masked vector after removing b and these pair seeds."""
    me, vector = body.node, body.vector.copy()
    plus = [pair_mask(seen, seed, me, peer) for peer, seed in pairs.items() if peer < me]
    minus = [pair_mask(seen, seed, me, peer) for peer, seed in pairs.items() if peer > me]
    if own is not None:
        minus.append(self_mask(seen, own))
    add_masks(vector, plus, minus)
    return centre_lift(vector)


def parts(nodes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every part of the nodes with somebody in it."""
    for bits in range(1, 2 ** len(nodes)):
        yield tuple(node for place, node in enumerate(nodes) if bits >> place & 1)
