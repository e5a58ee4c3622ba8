"""Abandoning: with q statements "I will never certify this round" no certificate can exist.

At most C + f - q < q members could then still sign a set, the f liars included. So nothing
can be unmasked, and a node may give its ledger the charge back.
"""

from collections.abc import Sequence

from privacy.secure_sum.keys import Identity
from privacy.secure_sum.refusal import BadAbandonment
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Mark
from schemas.round import Prekey
from schemas.signed import BadSignature, Signed, verify


def _message(view: RoundView) -> bytes:
    return b"wegwijs-sum/1 abandon " + view.rid


def check_may_abandon(view: RoundView, member: int, own: Signed | None) -> None:
    """Raise BadAbandonment when a member may have forgotten that it signed a set.

    Only who has its prekey in the round can have signed; a member restored from a backup does
    not remember that prekey (`own`: the one it remembers for this round number).
    """
    remembered = own.peek(Prekey) if own else None
    if member in view.prekeys and view.prekeys[member] != remembered:
        raise BadAbandonment("this centre does not remember what it said in the round")


def sign_abandonment(view: RoundView, identity: Identity, member: int) -> Mark:
    """State it. The caller has signed no set of this round (`check_may_abandon` tells when it
    cannot know) and stores this before it leaves."""
    if member not in view.committee:
        raise BadAbandonment("this centre is not on the committee of the round")
    return Mark(member, view.rid, identity.sign(_message(view)))


def check_statement(view: RoundView, mark: Mark) -> None:
    """Raise BadAbandonment unless a committee member made this statement for this round."""
    if mark.rid != view.rid or mark.member not in view.committee:
        raise BadAbandonment("a statement about another round, or by an outsider")
    try:
        verify(view.key(mark.member), mark.signature.hex(), _message(view))
    except BadSignature:
        raise BadAbandonment("a statement that its member did not sign") from None


def check_abandonment(view: RoundView, marks: Sequence[Mark]) -> None:
    """Raise BadAbandonment unless a quorum of distinct members stated it for this round."""
    for mark in marks:
        check_statement(view, mark)
    if len({mark.member for mark in marks}) < view.parameters.quorum:
        raise BadAbandonment("fewer statements than a quorum")
