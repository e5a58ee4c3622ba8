"""Why a centre does not take part in a round.

GateRefusal
├── NotEnrolled        no roster with this centre on it yet
├── NotApproved        the owner has not agreed to this programme
├── UnreadRoster       more of the roster than may collude was never shown to the owner
├── OutsideProgramme   the programme does not allow this round
├── AskedBefore        these quarters were answered in another round, and nothing spreads them
└── Paused             the owner paused participation
"""

from typing import ClassVar


class GateRefusal(ValueError):
    """This centre does not take part in the round. Nothing was sent, nothing was charged."""

    code: ClassVar[str] = "gate"


class NotEnrolled(GateRefusal):
    """The roster does not name this centre yet."""

    code = "not-enrolled"


class NotApproved(GateRefusal):
    """The owner has not agreed to the programme of this round."""

    code = "not-approved"


class UnreadRoster(GateRefusal):
    """More of the roster than may collude was never shown to the owner; `approve` shows it."""

    code = "unread-roster"


class OutsideProgramme(GateRefusal):
    """The programme does not allow this round."""

    code = "outside-programme"


class AskedBefore(GateRefusal):
    """Quarters of this round were answered in another one, and the programme spreads nothing."""

    code = "asked-before"


class Paused(GateRefusal):
    """The owner paused participation."""

    code = "paused"
