"""Who was seen when: noted when it changes, and otherwise every ten seconds."""

from dataclasses import dataclass

_EVERY = 10


@dataclass(slots=True)
class LastSeen:
    """The centres that were seen last, and when that was noted, in Unix seconds."""

    online: frozenset[int] = frozenset()
    noted: int = 0

    def due(self, now: int) -> bool:
        """Whether it is time to look, even if nothing is asked."""
        return abs(now - self.noted) >= _EVERY

    def news(self, online: frozenset[int], now: int) -> bool:
        """Whether this is worth a note; it is then taken as noted."""
        if online == self.online and not self.due(now):
            return False
        self.online, self.noted = online, now
        return True
