"""The hostile world over the real bookkeeping of requests and answers: replies are announced, their
objects come one by one, and one centre's or witness's come slowly, or not, or wrongly.

Time is the test's: a wait makes it later, and nobody waits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from hostile_world import World

from coordinator.carrier.arriving import Announced, Arrivals, Gone, Limits, Nothing, Unreadable
from coordinator.carrier.delivery import RunCarrier
from coordinator.rounds.unusable import note
from schemas.message import Frame, Kind

_FLOWER = 1_000  # how far Flower's ids are from those of the roster
_LIMITS = Limits(seconds=2.0)  # not two minutes, for the plays' sake

WAYS = {
    "half-sent": "half-sent", "dripping": "half-sent", "vanishing": "half-sent",
    "too-many-objects": "too-many-objects", "too-large": "too-large", "noise": "another-shape",
}  # fmt: skip
"""How a reply may come, and what the operator is told of it."""

_NEVER = float("inf")
_PAUSES = {
    "half-sent": (0.0, _NEVER, _NEVER), "dripping": (0.0, 1.0, 2.5), "slow": (0.0, 0.8, 1.6),
}  # fmt: skip
"""Seconds after which each third of a reply is there; of the last one all come in time."""


@dataclass
class Time:
    """Seconds that pass when somebody waits; the region's clock goes with them."""

    region: Callable[[int], None]
    now: float = 0.0
    slept: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds
        if (whole := int(self.slept)) > 0:
            self.slept -= whole
            self.region(whole)


@dataclass
class Reply:
    """The objects of one reply, and from when on each is there."""

    asked: str
    objects: dict[str, tuple[float, bytes]]


@dataclass
class Wires:
    """One run of a SuperLink: `slow` answers requests of `kind` in its `way`."""

    time: Time
    answer: Callable[[int, bytes], Iterable[bytes]]
    kind_of: Callable[[bytes], Kind]
    slow: int
    kind: Kind
    way: str
    lost: bool = False
    here: frozenset[int] = frozenset()
    replies: dict[str, Reply] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.arrivals = Arrivals(self, _LIMITS, self.time)

    def online(self) -> frozenset[int]:
        return frozenset(_FLOWER + node for node in self.here)

    def push(self, requests: Mapping[int, bytes]) -> dict[int, str]:
        return {to: self._push(to - _FLOWER, body) for to, body in requests.items()}

    def _push(self, node: int, body: bytes) -> str:
        name = f"{node}/{len(self.replies)}"
        for said in self.answer(node, body):
            wrongly = node == self.slow and self.kind_of(body) is self.kind
            self.replies[name] = Reply(name, self._objects(name, said, wrongly=wrongly))
        return name

    def _objects(self, name: str, said: bytes, *, wrongly: bool) -> dict[str, tuple[float, bytes]]:
        third, now = len(said) // 3, self.time.now
        parts = (said[:third], said[third : 2 * third], said[2 * third :])
        if not wrongly:
            return {f"{name}/{k}": (now, part) for k, part in enumerate(parts)}
        if self.way in _PAUSES:
            late = zip(_PAUSES[self.way], parts, strict=True)
            return {f"{name}/{k}": (now + pause, part) for k, (pause, part) in enumerate(late)}
        odd = {"vanishing": ["gone"], "noise": ["noise"], "too-many-objects": range(12)}
        if self.way == "too-large":
            return {f"{name}/{k}": (now, bytes(9 * 2**20)) for k in range(2)}
        return {f"{name}/{k}": (now, b"") for k in odd[self.way]}

    def announced(self, asked: Sequence[str]) -> Iterable[Announced]:
        found = [name for name in asked if name in self.replies and name not in self.told]
        self.told.update(found)
        return [Announced(f"reply {n}", n, tuple(self.replies[n].objects)) for n in found]

    def object(self, name: str) -> bytes | None:
        if name.endswith("/gone"):
            raise Gone(name)
        since, content = self.replies["/".join(name.split("/")[:2])].objects[name]
        return content if self.time.now >= since else None

    def read(self, reply: Announced, contents: dict[str, bytes]) -> bytes:
        if any(name.endswith("/noise") for name in contents):
            raise Unreadable("noise")
        return b"".join(contents[name] for name in reply.objects)

    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | Nothing]:
        return self.arrivals.take(message_ids)

    def close(self) -> None:
        self.arrivals.close()


@dataclass
class SlowWorld(World):
    """One centre or witness answers one kind of request in a wrong way, over and over."""

    slow: int = 0
    kind: Kind = Kind.ANNOUNCE
    way: str = "half-sent"

    def tick(self) -> None:
        """The engine takes a step a second, whether or not there is anything to wait for."""
        super().tick()
        self.time.sleep(1.0)

    def carrier(self) -> RunCarrier:
        region, direct = self.lives.region, self.direct()
        self.time = Time(self.later)
        kinds: dict[bytes, Kind] = {}

        def answer(node: int, body: bytes) -> list[bytes]:
            return [said for _, said in direct.exchange({node: body}, seconds=0)]

        def kind_of(body: bytes) -> Kind:
            if body not in kinds:
                kinds[body] = Frame.from_bytes(direct.filled(body)).kind
            return kinds[body]

        def opened() -> Wires:
            return Wires(
                self.time, answer, kind_of, self.slow, self.kind, self.way,
                here=frozenset(region.nodes),
            )  # fmt: skip

        tell = partial(note, region.store, region.clock)
        made = RunCarrier(opened, clock=self.time, sleep=self.time.sleep, tell=tell)
        made._nodes.update({node: _FLOWER + node for node in region.nodes})
        return made
