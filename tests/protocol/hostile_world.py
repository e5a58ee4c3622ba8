"""A region with hostile centres, played round after round: real engine, nodes and stores.

The stores are made once and put back for each play, so that a play costs a round and no more.
"""

import atexit
import base64
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hostile import HARMLESS, WAYS, Carrier, Hostile
from lives import FIRST, Lives, make_lives
from numpy.typing import NDArray
from region import DAY

from coordinator.carrier.seam import Carrier as EngineCarrier
from coordinator.releases.desk import publish
from coordinator.rounds.engine import Engine
from coordinator.rounds.opening import view_of
from coordinator.rounds.refusal import TooFew, WrongStep
from coordinator.store import rounds
from node.rounds import contribution
from privacy.encode.layout import make_layout
from privacy.noise.excess import remove
from privacy.secure_sum.contribute import NoisyVector, excess_key
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.view import RoundView

MOST_TICKS = 60
WINDOW = 3_600


@cache
def template(nodes: int, witnesses: int) -> tuple[Lives, Path]:
    """A region, and copies of its files: before its pairs were linked, and after."""
    memory = Path("/dev/shm")  # noqa: S108 - only where to make a folder with a fresh name
    root = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None, prefix="wegwijs-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    lives = make_lives(root / "live", nodes, witnesses)
    _close(lives)
    shutil.copytree(root / "live", root / "new")
    lives.announced((FIRST,))
    lives.region.ask("abandon", 1)
    lives.region.ticks(1)
    _close(lives)
    shutil.copytree(root / "live", root / "linked")
    return lives, root


def _close(lives: Lives) -> None:
    for store in (lives.region.store, *lives.region.nodes.values()):
        store._engine.dispose()


@dataclass
class World:
    """One round of a region of `nodes` centres before so many witnesses, some of them hostile."""

    nodes: int
    witnesses: int = 0
    hostile: dict[int, Hostile] = field(default_factory=dict)
    masked: dict[int, tuple[RoundView, NoisyVector]] = field(default_factory=dict)
    ticks: int = 0
    number: int = 0

    def begin(self, hostile: Iterable[int], seed: bytes, *, linked: bool) -> None:
        """Put the region back, with or without its links, and announce a round."""
        self.lives, root = template(self.nodes, self.witnesses)
        _close(self.lives)
        shutil.rmtree(root / "live")
        shutil.copytree(root / ("linked" if linked else "new"), root / "live")
        region = self.lives.region
        region.clock.now = 1_760_000_000
        self.hostile = {
            node: Hostile(
                node, region.nodes[node], self.lives.carrier.handlers[node],  # type: ignore[arg-type]
                region.store, seed=seed + bytes([node]), clock=region.clock,
            )
            for node in hostile
        }  # fmt: skip
        self.engine = Engine(region.store, self.carrier(), region.coordinator, region.clock)
        self._real = contribution.contribute
        contribution.contribute = self._tap  # type: ignore[assignment]
        self.number = region.announce((FIRST,))

    def carrier(self) -> EngineCarrier:
        """What the engine speaks over."""
        return self.direct()

    def direct(self) -> Carrier:
        """Asks everybody at once, and yields whatever the hostile ones send."""
        return Carrier(self.lives.carrier.handlers, self.lives.region.documents, self.hostile)

    def end(self) -> None:
        """Take the tap off."""
        contribution.contribute = self._real

    def _tap(self, view: RoundView, identity: Any, *rest: Any) -> Any:
        node = next(c.id for c in view.roster.centres if c.key == identity.public_hex)
        self.masked[node] = (view, rest[2])
        return self._real(view, identity, *rest)

    def tick(self) -> None:
        """One step of the engine; there is an end to them."""
        self.ticks += 1
        assert self.ticks <= MOST_TICKS, "the round does not end"
        self.engine.tick()

    def later(self, seconds: int) -> None:
        self.lives.region.clock.now += seconds

    @property
    def facts(self) -> dict[str, Any]:
        return self.lives.region.status(self.number)

    @property
    def everybody_but_one(self) -> bool:
        """Whether enough prekeys are here to try whether the round can be opened."""
        return bool(self.facts["prekeys"] >= self.nodes + self.witnesses - 1)

    def ask(self, what: str) -> bool:
        """What an operator does; False where it has to wait."""
        try:
            self.lives.region.ask(what, self.number)
        except (TooFew, WrongStep):
            return False
        return True

    def tick_for(self, count: int) -> None:
        for _ in range(count):
            self.tick()

    def finish(self) -> None:
        """An operator brings the round to its end, in the time that it has."""
        if self.facts["state"] == "ANNOUNCED":
            self.tick_for(3)
            self.later(WINDOW // 2 + 1)
            self.tick_for(3)
        if self.facts["state"] == "ANNOUNCED" and not self.ask("open"):
            self.ask("abandon")
        self.tick_for(3)
        if self.facts["state"] == "OPEN" and not self.ask("close"):
            self.ask("abandon")
        self.tick_for(8)
        if self.facts["state"] == "OPEN":  # too few agreed
            self.ask("abandon")
        self.tick_for(4)
        if self.facts["state"] in ("OPEN", "CLOSING", "CERTIFIED"):
            self.later(31 * DAY)
            self.tick_for(3)
        if self.facts["state"] == "DRAFT":  # a vector that lies can make a sum hard to believe
            self._publish()
        self.hear()

    def hear(self) -> None:
        """Everybody else asks how the round ended."""
        for node in self.lives.region.nodes.keys() - self.hostile.keys():
            self.lives.region.endings(node).step()

    def _publish(self) -> None:
        """A person publishes a draft that waits, with a reason."""
        region = self.lives.region
        with region.store.begin() as connection:
            publish(connection, self.number, "asked every centre", region.coordinator,
                    region.clock())  # fmt: skip

    # -- what has to hold at the end

    def check(self) -> None:
        facts = self.facts
        spare = self.nodes - -(-4 * self.nodes // 5)  # how many may be missing
        ended = {"PUBLISHED"} if self._costs(facts) <= spare else {"PUBLISHED", "ABANDONED"}
        if self._witnesses_may_fail():
            ended = {"PUBLISHED", "ABANDONED", "STUCK"}
        assert facts["state"] in ended, facts
        if facts["state"] == "STUCK":
            assert self._cannot_be_opened(facts), facts
        if facts["state"] == "PUBLISHED":
            self._check_sum(set(self.lives.region.release().in_sum))
        self._check_charges(facts["state"])
        named = self._named(facts)
        for node, one in self.hostile.items():
            if one.told - HARMLESS - set(self._unseen(node)):
                assert node in named, (one.told, facts)

    def _witnesses_may_fail(self) -> bool:
        """Whether so many are hostile that no quorum of the others need be left."""
        size = self.witnesses
        quorum = (size + (size - 1) // 2) // 2 + 1
        return self.witnesses > 0 and len(self.hostile) > size - quorum

    def _cannot_be_opened(self, facts: dict[str, Any]) -> bool:
        """Whether too few signed, or too few honest members have a seat to open a secret."""
        with self.lives.region.store.begin() as connection:
            stored = rounds.of(connection, self.number)
            assert stored is not None
            seen = view_of(connection, stored)
        limits, honest = seen.parameters, set(seen.members) - self.hostile.keys()
        return facts["signatures"] < limits.quorum or len(honest) < limits.threshold

    def _costs(self, facts: dict[str, Any]) -> int:
        """Places that the hostile centres can cost: each its own; and where a pair lacks a link,
        of which nobody can tell who withholds it, its peer's before its own."""
        without = {
            node
            for one in facts["faults"]
            if one["reason"] == "pair-without-link"
            for node in (one["centre"], one["peer"])
        }
        return len(self.hostile) + len(without & set(self.hostile))

    def _check_sum(self, inside: set[int]) -> None:
        everybody = set(range(1, self.nodes + 1))
        lost, hostile = everybody - inside, set(self.hostile)
        assert len(lost) <= self._costs(self.facts), (lost, self.facts)
        disagreeing = {
            frozenset((one["centre"], one["peer"]))
            for one in self.facts["faults"]
            if one["peer"] is not None
        }
        for node in lost - hostile:  # of two that disagree nobody can tell which one lies
            assert any(frozenset((node, other)) in disagreeing for other in hostile), node
        total = np.frombuffer(base64.b64decode(self.lives.region.release().sum), dtype="<i8")
        with np.errstate(over="ignore"):
            expected = np.sum([self._vector(node, len(inside)) for node in inside], axis=0)
        assert np.array_equal(total, expected)

    def _vector(self, node: int, contributors: int) -> NDArray[np.int64]:
        """What a centre masked, without the noise that so many centres can do without."""
        view, noisy = self.masked[node]
        programme = self.lives.region.programme
        layout = make_layout(programme, view.descriptor.announcement.asks)
        streams = {
            k: [keystream(excess_key(view, seed))]
            for k, seed in enumerate(noisy.spare[: view.parameters.reached(contributors)])
        }
        noise = layout.noise(view.parameters.honest)
        values = remove(noisy.values, noise, view.parameters.honest_at, streams)
        one = self.hostile.get(node)
        return values if one is None or one.shift is None else values + one.shift

    def _check_charges(self, state: str) -> None:
        """Nobody pays twice, and nobody pays for a round that was given up."""
        for node in self.lives.region.nodes:
            if node in self.hostile:
                continue
            rids = set(self.lives.charges(node).values())
            assert len(rids) <= (
                1 if state in ("PUBLISHED", "STUCK") and node in self.masked else 0
            ), node

    def _named(self, facts: dict[str, Any]) -> set[int]:
        found = {one["centre"] for one in facts["faults"]} | set(facts["refused_by"])
        found |= {one["peer"] for one in facts["faults"] if one["peer"] is not None}
        with self.lives.region.store.begin() as connection:
            stored = rounds.of(connection, self.number)
            assert stored is not None
            here = stored.described
            active = {*here.active, *here.witnesses} if here else set()
        return found | set(facts["missing"]) | (set(self.hostile) - active)

    def _unseen(self, node: int) -> set[str]:
        """Ways of lying that leave no trace where nobody had to look."""
        unseen = {"nothing", "earlier"}  # who says nothing for once
        unseen |= {"ready: one link withheld", "ready: no links"}  # said for once, of links it had
        if not self.hostile[node].sent_links:  # all were on their way before it lied about them
            unseen |= {
                name for name in WAYS if name.startswith(("ready: links for", "ready: links that"))
            }
        last = 100 + (self.witnesses + 1) // 2 if self.witnesses else 3
        if node > last:  # shares beyond the first threshold are not looked at
            unseen |= {"shares: false shares", "shares: one false share"}
        victim = (2 if node == 1 else 1) + (100 if self.witnesses else 0)
        if victim in self.hostile:  # to which alone it dealt a false share, and who need not say so
            unseen.add("contribute: a false share for one")
        if sum("shares: one false share" in one.told for one in self.hostile.values()) > 1:
            unseen.add("shares: one false share")  # their one dealer explains both
        return unseen
