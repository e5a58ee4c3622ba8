"""A carrier where one centre answers what a test wants."""

from collections.abc import Callable, Iterator, Mapping

from small_region import Small

from coordinator.rounds.engine import Engine
from coordinator.store import rounds

Answer = Callable[[bytes], bytes]


class Odd:
    """The small region's carrier: one centre answers what a test wants; withdrawals are noted."""

    def __init__(self, small: Small, node: int = 1, answer: Answer | None = None) -> None:
        self._inner, self._node, self._answer = small.carrier, node, answer
        self.withdrawn: list[str] = []
        self._small = small
        region = small.region
        region.engine = Engine(region.store, self, region.coordinator, region.clock)

    def online(self) -> frozenset[int]:
        return self._inner.online()

    def exchange(
        self, requests: Mapping[int, bytes], *, seconds: float
    ) -> Iterator[tuple[int, bytes]]:
        for node, raw in self._inner.exchange(requests, seconds=seconds):
            odd = node == self._node and self._answer is not None
            yield node, self._answer(raw) if odd and self._answer else raw

    def withdraw(self) -> None:
        with self._small.region.store.begin() as connection:
            stored = rounds.of(connection, 1)
        self.withdrawn.append(stored.state if stored else "?")
