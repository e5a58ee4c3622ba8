"""P2: each committee member signs one set of centres, ever.

The caller stores the digest before the signature leaves, and refuses a second set.
"""

from collections.abc import Sequence

from privacy.secure_sum.keys import Identity
from privacy.secure_sum.labels import digest, u16
from privacy.secure_sum.refusal import BadSet, NotCertified
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Header, Mark
from schemas.signed import BadSignature, verify


def set_digest(view: RoundView, headers: Sequence[Header]) -> bytes:
    """`dg`: 32 bytes over the round and every header of the set, ascending by id."""
    return digest(
        "set", view.rid, *(u16(header.node) + header.digest(view.rid) for header in headers)
    )


def check_set(view: RoundView, headers: Sequence[Header]) -> None:
    """Raise BadSet unless these are enough headers, each signed by its centre for this round."""
    ids = [header.node for header in headers]
    if ids != sorted(set(ids)) or not view.place.keys() >= set(ids):
        raise BadSet("the set is not a sorted list of active centres")
    if len(ids) < view.parameters.floor:
        raise BadSet("the set is smaller than the floor of the round")
    for header in headers:
        try:
            verify(view.key(header.node), header.signature.hex(), header.digest(view.rid))
        except BadSignature:
            raise BadSet("a header that its centre did not sign for this round") from None


def set_message(dg: bytes) -> bytes:
    """What a member's signature on a set covers."""
    return b"wegwijs-sum/1 set " + dg


def sign_set(view: RoundView, identity: Identity, member: int, headers: Sequence[Header]) -> Mark:
    """Check the set and sign it. Raises BadSet."""
    if member not in view.committee or member not in view.prekeys:
        raise BadSet("this centre is not on the committee of the round, or sent no prekey for it")
    check_set(view, headers)
    return Mark(member, view.rid, identity.sign(set_message(set_digest(view, headers))))


def check_mark(view: RoundView, dg: bytes, mark: Mark) -> None:
    """Raise NotCertified unless a committee member with a prekey in this round signed `dg`."""
    if mark.rid != view.rid:
        raise NotCertified("a signature about another round")
    if mark.member not in view.committee or mark.member not in view.prekeys:
        raise NotCertified("a signature by somebody who may not certify this round")
    try:
        verify(view.key(mark.member), mark.signature.hex(), set_message(dg))
    except BadSignature:
        raise NotCertified("a signature on another set") from None


def check_quorum(view: RoundView, dg: bytes, marks: Sequence[Mark]) -> None:
    """Raise NotCertified unless a quorum of distinct committee members signed `dg`."""
    for mark in marks:
        check_mark(view, dg, mark)
    if len({mark.member for mark in marks}) < view.parameters.quorum:
        raise NotCertified("fewer signatures than a quorum")
