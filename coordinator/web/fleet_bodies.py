"""How much of the fleet's bodies this process holds: little before login, bounded after it.

A small body is held for anyone. A larger one is held only for a node whose signature was
checked, up to so many bytes a node and so many for all; the rest are asked to come again.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

SMALL = 64 * 1024
Login = Callable[[Mapping[str, str]], bytes | None]
"""Headers of a call -> the node's public key if it signed them, else None."""


class Unwelcome(ValueError):
    """A call that is not forwarded; `status` is what its sender hears."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Room:
    """What may be held at once: calls of one node from one address, bytes of one node, of all."""

    calls: int = 8
    node: int = 20 * 2**20
    all: int = 192 * 2**20


@dataclass
class FleetBodies:
    """Counts calls and bytes in hand. Lives on one event loop, so it needs no lock."""

    login: Login
    room: Room = field(default_factory=Room)
    _calls: Counter[bytes] = field(default_factory=Counter, repr=False)
    _bytes: Counter[bytes] = field(default_factory=Counter, repr=False)

    @contextmanager
    def call(self, key: bytes) -> Iterator[None]:
        """Hold one call. `key`: who it says it is, and from where. Raises Unwelcome: too many."""
        if self._calls[key] >= self.room.calls:
            raise Unwelcome(429)
        self._calls[key] += 1
        try:
            yield
        finally:
            self._calls[key] -= 1
            if not self._calls[key]:
                del self._calls[key]

    async def read(
        self, chunks: AsyncIterator[bytes], headers: Mapping[str, str], most: int
    ) -> tuple[bytes, Callable[[], None]]:
        """Return the whole body, and what gives its room back. Raises Unwelcome."""
        if _announced(headers) > most:
            raise Unwelcome(413)
        held, whole = _Held(), False
        try:
            async for chunk in chunks:
                self._grow(held, len(chunk), headers, most)
                held.body += chunk
            whole = True
        finally:
            if not whole:
                self._give_back(held)
        return bytes(held.body), lambda: self._give_back(held)

    def _grow(self, held: "_Held", more: int, headers: Mapping[str, str], most: int) -> None:
        size = len(held.body) + more
        if size > most:
            raise Unwelcome(413)
        if size > SMALL:
            held.node = held.node or self._admit(headers)
            self._take(held, size - held.taken)

    def _admit(self, headers: Mapping[str, str]) -> bytes:
        node = self.login(headers)
        if node is None:
            raise Unwelcome(401)
        return node

    def _take(self, held: "_Held", size: int) -> None:
        here, everywhere = self._bytes[held.node], self._bytes.total()
        if here + size > self.room.node or everywhere + size > self.room.all:
            raise Unwelcome(429)
        self._bytes[held.node] += size
        held.taken += size

    def _give_back(self, held: "_Held") -> None:
        if held.taken:
            self._bytes[held.node] -= held.taken
            held.taken = 0
            if not self._bytes[held.node]:
                del self._bytes[held.node]


@dataclass(slots=True)
class _Held:
    """One body in hand; `taken`: how much of its node's room it takes."""

    body: bytearray = field(default_factory=bytearray, repr=False)
    node: bytes = b""
    taken: int = 0


def _announced(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else 2**62
