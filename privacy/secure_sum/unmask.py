"""P3: a member opens, once, exactly the shares that the certified set calls for.

For every centre in the set its b, and the seeds of the increments of noise that a set of this
size can do without; for every pair of one centre in the set and one that is active but missing,
their pair secret. Never the b of a missing centre, never the secret of a pair in the set.
"""

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from privacy.secure_sum.certify import check_quorum
from privacy.secure_sum.contribute import ChannelKeys, slot_context
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.refusal import NotCertified
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.view import RoundView, excess
from privacy.secure_sum.wire import UnmaskRequest, UnmaskResponse


def wanted(view: RoundView, in_set: Sequence[int]) -> list[tuple[int, int]]:
    """(sender, other) of each secret to open, in the one order that everybody uses.

    other == sender means b; an `excess` the seed of an increment.
    """
    inside = set(in_set)
    missing = [node for node in view.active if node not in inside]
    spare = [excess(level) for level in range(view.parameters.reached(len(inside)))]
    return [(i, j) for i in sorted(in_set) for j in (i, *missing, *spare)]


def open_shares(
    view: RoundView,
    identity: Identity,
    member: int,
    channel: ChannelKeys,
    signed_set: tuple[bytes, Sequence[int]],
    request: UnmaskRequest,
) -> UnmaskResponse:
    """Answer an unmask request. The caller stores the answer first and forgets the channel keys.

    `signed_set`: the digest that this member itself signed, and the ids of that set. Raises
    NotCertified. A slot that does not open is answered as missing.
    """
    dg, in_set = signed_set
    if request.rid != view.rid:
        raise NotCertified("a request about another round")
    check_quorum(view, dg, request.marks)
    secrets = wanted(view, in_set)
    if len(secrets) != len(request.slots):
        raise NotCertified("other slots than the certified set calls for")
    shares = tuple(
        _open(view, channel, member, sender, other, slot)
        for (sender, other), slot in zip(secrets, request.slots, strict=True)
    )
    unsigned = UnmaskResponse(member, view.rid, shares)
    return UnmaskResponse(member, view.rid, shares, identity.sign(unsigned.digest()))


def _open(
    view: RoundView, channel: ChannelKeys, member: int, sender: int, other: int, sealed: bytes
) -> int | None:
    key = channel.keys.get(sender)
    if key is None:
        return None
    nonce, context = slot_context(view, sender, member, view.secrets[other])
    try:
        share = int.from_bytes(ChaCha20Poly1305(key).decrypt(nonce, sealed, context), "big")
    except InvalidTag:
        return None
    return share if share < PRIME else None
