"""Rounds as everybody sees them, checked once: what an answer costs does not grow with the region.

A descriptor's signature covers the hash of all its prekeys, so that what was verified under it
stays verified.
"""

from collections import OrderedDict

from coordinator.rounds.opening import view_of
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.view import RoundView

_MOST = 8


class Views:
    """The latest checked rounds, by the signature on their descriptor."""

    def __init__(self) -> None:
        self._checked: OrderedDict[str, RoundView] = OrderedDict()

    def of(self, connection: Connection, stored: StoredRound) -> RoundView:
        """The round, checked now or before. Raises WrongStep before it is open."""
        name = stored.descriptor.signature if stored.descriptor else ""
        if name not in self._checked:
            self._checked[name] = view_of(connection, stored)
            while len(self._checked) > _MOST:
                self._checked.popitem(last=False)
        return self._checked[name]
