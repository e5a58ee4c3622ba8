"""Refusals of the secure sum. Codes are a closed list and carry no data.

SumRefusal
├── BadRoster, BadDescriptor, BadPrekeys, NotActive, TooLate, AlreadyBurnt
├── BelowPolicy, WouldWrap
├── BadCard, BadLink, LinkTooOld
├── Malformed
├── BadContribution, BadSet, AlreadySigned, NotCertified, BadAbandonment
└── BelowFloor, Stuck
"""

from typing import ClassVar


class SumRefusal(ValueError):
    """A check of the protocol failed. Nothing was sent; the round goes on without this node."""

    code: ClassVar[str] = "refused"


class BadRoster(SumRefusal):
    """The roster cannot carry a round under this node's policy."""

    code = "bad-roster"


class BadDescriptor(SumRefusal):
    """The descriptor breaks a rule of the protocol."""

    code = "bad-descriptor"


class BadPrekeys(SumRefusal):
    """The prekeys do not fit the descriptor, the roster or each other."""

    code = "bad-prekeys"


class NotActive(SumRefusal):
    """This node sent no prekey for the round, or was left out of it."""

    code = "not-active"


class TooLate(SumRefusal):
    """The deadline of the round has passed."""

    code = "too-late"


class AlreadyBurnt(SumRefusal):
    """This round number, or a later one, was used before."""

    code = "round-burnt"


class BelowPolicy(SumRefusal):
    """The round promises fewer centres or fewer honest noise shares than this node demands."""

    code = "below-policy"


class WouldWrap(SumRefusal):
    """The largest possible sum does not fit the width of the vector."""

    code = "would-wrap"


class BadCard(SumRefusal):
    """A key card holds no ML-KEM-768 key."""

    code = "bad-card"


class BadLink(SumRefusal):
    """A link does not fit the cards of its two ends."""

    code = "bad-link"


class LinkTooOld(SumRefusal):
    """The pair is more than 64 rounds behind: it needs a new link."""

    code = "link-too-old"


class Malformed(SumRefusal):
    """The bytes are not a record of the protocol."""

    code = "malformed"


class BadContribution(SumRefusal):
    """A contribution fails its checks."""

    code = "bad-contribution"


class BadSet(SumRefusal):
    """The proposed set of centres fails its checks."""

    code = "bad-set"


class AlreadySigned(SumRefusal):
    """This member has signed another set, or has abandoned this round, before."""

    code = "already-signed"


class NotCertified(SumRefusal):
    """Too few members signed the set that this member signed."""

    code = "not-certified"


class BadAbandonment(SumRefusal):
    """The statements do not prove that the round is abandoned."""

    code = "bad-abandonment"


class BelowFloor(SumRefusal):
    """Fewer centres than the floor of the round. No sum exists; nothing was revealed."""

    code = "below-floor"


class Stuck(SumRefusal):
    """The shares do not open a secret. No sum exists; the masked vectors are kept.

    `dealers`: centres whose shares belong to no polynomial, if these are few.
    """

    code = "stuck"

    def __init__(self, message: str, *, dealers: frozenset[int] = frozenset()) -> None:
        super().__init__(message)
        self.dealers = dealers
