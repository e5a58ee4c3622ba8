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


class AdmissionRefusal(ValueError):
    """This centre does not take part in the round. Nothing was sent, nothing was charged."""

    code: ClassVar[str] = "gate"


class NotEnrolled(AdmissionRefusal):
    """The roster does not name this centre yet."""

    code = "not-enrolled"


class NotApproved(AdmissionRefusal):
    """The owner has not agreed to the programme of this round."""

    code = "not-approved"


class UnreadRoster(AdmissionRefusal):
    """More of the roster than may collude was never shown to the owner; `approve` shows it."""

    code = "unread-roster"


class OutsideProgramme(AdmissionRefusal):
    """The programme does not allow this round."""

    code = "outside-programme"


class AskedBefore(AdmissionRefusal):
    """Quarters of this round were answered in another one, and the programme spreads nothing."""

    code = "asked-before"


class Paused(AdmissionRefusal):
    """The owner paused participation."""

    code = "paused"
