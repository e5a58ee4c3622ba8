"""At most so many requests from one address in a while; the rest are asked to wait."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from threading import Lock

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


def network_of(peer: tuple[str, int] | None) -> str:
    """An IPv4 address, or the /64 of an IPv6 one: what one customer of a provider has."""
    host = peer[0] if peer else ""
    with suppress(ValueError):
        address = ip_address(host.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is not None:
            return str(mapped)
        if address.version == 6 and not address.is_loopback:
            return str(ip_network((address, 64), strict=False))
    return host
