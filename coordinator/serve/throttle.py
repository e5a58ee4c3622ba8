"""At most so many requests from one address in a while; the rest are asked to wait."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from coordinator.serve.connections import network_of

_MOST_ADDRESSES = 10_000


@dataclass
class Throttle:
    """A window for each address, of IPv6 for each /64; `clock` gives Unix seconds."""

    clock: Callable[[], int]
    most: int = 120
    seconds: int = 60
    _seen: dict[str, list[int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def full(self, address: str) -> int:
        """Return the seconds until a request would be heard, and count none."""
        now, address = self.clock(), network_of((address, 0))
        with self._lock:
            times = [t for t in self._seen.get(address, []) if t > now - self.seconds]
            return times[0] + self.seconds - now if len(times) >= self.most else 0

    def wait(self, address: str) -> int:
        """Count a request; return 0, or the seconds to wait before the next is heard."""
        now, address = self.clock(), network_of((address, 0))
        with self._lock:
            times = [t for t in self._seen.get(address, []) if t > now - self.seconds]
            if len(times) >= self.most:
                self._seen[address] = times
                return times[0] + self.seconds - now
            if len(self._seen) >= _MOST_ADDRESSES:
                self._seen.clear()  # forgetting lets some through; growing for ever lets none
            self._seen[address] = [*times, now]
            return 0
