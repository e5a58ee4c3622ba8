"""What the coordinator refuses its own operator in a round.

Refusal
├── NotReady     no roster or programme installed, or another round is still open
├── WrongStep    the round is past, or not yet at, that step
├── AskedBefore  the people of the round were asked about in another one
└── TooFew       fewer centres than the floor of the round
"""

from chassis.errors import NotAllowed, NotYet


class NotReady(NotYet):
    """Something has to be done before a round can be announced."""

    code = "not-ready"


class WrongStep(NotYet):
    """The round is not at that step. It stands where it stood."""

    code = "wrong-step"


class AskedBefore(NotAllowed):
    """The people of the round were asked about in another one, and nothing spreads questions."""

    code = "asked-before"


class TooFew(NotAllowed):
    """Fewer centres than the floor; wait for more, or give up the round. Nothing was lost."""

    code = "too-few"
