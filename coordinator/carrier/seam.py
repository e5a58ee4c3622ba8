"""The one seam to the nodes: bytes out, bytes back. Flower in production, a dict in tests."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

Handler = Callable[[bytes], bytes]


class Carrier(Protocol):
    """Carries requests to nodes and their answers back.

    Sending a request again is always allowed: a node gives the same answer. Nodes are named
    by their id on the roster.
    """

    def online(self) -> frozenset[int]:
        """Nodes that can be reached now."""
        ...

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (node, answer) as answers arrive; end when all answered or time is up."""
        ...

    def withdraw(self) -> None:
        """Take back every request that no node has taken up yet."""
        ...


class InProcessCarrier:
    """Calls the nodes' own handlers; a killed node answers nothing."""

    def __init__(self, handlers: Mapping[int, Handler]) -> None:
        self._handlers = handlers
        self._dead: set[int] = set()

    def kill(self, node: int) -> None:
        """From now on this node does not answer."""
        self._dead.add(node)

    def revive(self, node: int) -> None:
        """It answers again."""
        self._dead.discard(node)

    def online(self) -> frozenset[int]:
        """All nodes that were not killed."""
        return frozenset(self._handlers) - self._dead

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        """Call each living node once."""
        del seconds
        for node, request in requests.items():
            if node in self.online():
                yield node, self._handlers[node](request)

    def withdraw(self) -> None:
        """Nothing waits here: who is dead was never asked."""
