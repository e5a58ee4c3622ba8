"""The layout of a vector: which block stands where, multiplied by what.

Everything follows from the signed programme and the asks of a round, so that coordinator and
nodes compute the same layout; its digest is the descriptor's specification.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from privacy.accounting.event import Event
from privacy.accounting.guarantee import Guarantee
from privacy.encode.asked import answerable
from privacy.encode.multipliers import balanced
from privacy.measures.kinds import MEASURES
from privacy.measures.parts import Part
from privacy.noise.family import Sensitivity
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam, rho_of
from privacy.people.dimensions import categories
from schemas.programme import Ask, Programme
from schemas.round import NoiseFamily
from schemas.statistic import Statistic, View
from schemas.units import MicroRho

MOST_PEOPLE = 5_000
"""Clients of one centre and cohort beyond which an entry is clamped (non-expansive)."""


MOST_NOISE = 2**48
"""Noise variance beyond which squared norms of rows would not be safe in 64 bits."""


MOST_SCALE = 20_000
"""Scale D1 / epsilon of Polya noise beyond which its tables would take too long to build."""


def cells_of(view: View) -> int:
    """Number of cells of a view."""
    return math.prod(len(categories(dimension)) for dimension in view)


@dataclass(frozen=True, slots=True)
class Block:
    """One part of one ask in the vector: entries start + cell x lanes + lane."""

    ask: Ask
    part: Part
    start: int
    cells: int
    multiplier: int

    @property
    def size(self) -> int:
        """Entries."""
        return self.cells * self.part.lanes

    @property
    def slice(self) -> slice:
        """Where the block stands in the vector."""
        return slice(self.start, self.start + self.size)

    @property
    def most(self) -> int:
        """The most that one person changes one entry."""
        return self.part.entry(self.multiplier)

    @property
    def moved(self) -> Sensitivity:
        """The most that one person moves the block."""
        return self.part.moved(self.multiplier)


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole vector of a round."""

    blocks: tuple[Block, ...]
    noise_variance: int
    statistics: tuple[Statistic, ...]
    """The declarations, without what no questionnaire of the programme asks."""
    epsilon: Fraction | None = None
    """Of a round that stands alone under Polya noise; None under Skellam noise."""

    @property
    def family(self) -> NoiseFamily:
        """Distribution of the noise."""
        return "skellam" if self.epsilon is None else "polya"

    def noise(self, honest: int) -> Skellam | Polya:
        """The noise of a round in which at least so many shares are honest."""
        if self.epsilon is None:
            return Skellam(self.noise_variance, honest)
        return Polya(self.epsilon, self.moved.d1, honest)

    def variance_of_sum(self, *, contributors: int, honest: int) -> float:
        """Variance of the noise of an entry of the integer sum."""
        return float(self.noise(honest).variance_of_sum(contributors))

    @property
    def length(self) -> int:
        """Entries of the vector."""
        return sum(block.size for block in self.blocks)

    @property
    def moved(self) -> Sensitivity:
        """The most that adding or removing one person moves the whole vector."""
        return _moved(self.blocks)

    @property
    def shifts(self) -> Mapping[int, int]:
        """How many entries one person changes by how much: as many as she has ones; where
        fractions are added, as many ones as D1."""
        found: Counter[int] = Counter()
        for block in self.blocks:
            whole = block.part.whole
            each, times = (block.multiplier, block.part.unit_d1) if whole else (1, block.moved.d1)
            found[each] += math.floor(times)
        return found

    @property
    def cost(self) -> MicroRho:
        """What the vector really costs each cohort, in micro-rho, rounded up."""
        return self.noise(1).cost(self.moved)

    def event(self, ask: Ask, honest: int) -> Event:
        """What the round says in one ask, under the noise of so many honest shares."""
        return Event(self.noise(honest), _moved(self.blocks_of(ask)))

    def guarantee(self, honest: int, delta: float) -> Guarantee:
        """What the whole round guarantees, charged at the declared prices."""
        event = Event(self.noise(honest), self.moved)
        return Guarantee(event, self.declared, delta, self.shifts)

    @property
    def declared(self) -> MicroRho:
        """The sum of the declared prices; never less than `cost`."""
        return MicroRho(sum(ask.price for ask in self.asks))

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The asks in their order."""
        return tuple(dict.fromkeys(block.ask for block in self.blocks))

    def bound(self, cohorts: int) -> int:
        """The most an entry of one node's vector can be before noise, over so many cohorts."""
        return cohorts * MOST_PEOPLE * max(block.most for block in self.blocks)

    def blocks_of(self, ask: Ask) -> tuple[Block, ...]:
        """The blocks of one ask, in their order."""
        key = ask.key  # no two asks of a layout share it, and texts compare faster than asks
        return tuple(block for block in self.blocks if block.ask.key == key)

    def statistic(self, ask: Ask) -> Statistic:
        """The declaration behind an ask."""
        return next(s for s in self.statistics if s.id == ask.statistic)

    @property
    def _noise(self) -> list[str | int]:
        return [self.family, self.noise_variance, str(self.epsilon or "")]

    def digest(self) -> str:
        """The specification hash of the layout, hexadecimal."""
        rows = [
            [b.ask.key, b.ask.price, b.part.role, list(b.part.view), b.start, b.cells,
             b.part.lanes, b.multiplier]
            for b in self.blocks
        ]  # fmt: skip
        names = sorted({dimension for b in self.blocks for dimension in b.part.view})
        lists = [[name, list(categories(name))] for name in names]
        declared = [statistic.digest() for statistic in self.statistics]
        text = json.dumps([rows, lists, declared, self._noise], separators=(",", ":"))
        return hashlib.sha256(b"wegwijs/layout/1\n" + text.encode()).hexdigest()


def _moved(blocks: Sequence[Block]) -> Sensitivity:
    """What one person moves of these blocks together."""
    each = [block.moved for block in blocks]
    return Sensitivity(
        sum((one.d1 for one in each), Fraction(0)),
        sum((one.d2_squared for one in each), Fraction(0)),
    )


def _gaussian(part: Part, most: Fraction) -> int:
    """The largest multiplier with a squared D2 of at most `most`, or one more.

    d2 m^2 + 2 b m + steps <= most, with b = D1 where rounding adds steps and 0 elsewhere.
    """
    d2, b = part.unit_d2_squared, part.unit_d1 if part.steps else Fraction(0)
    square = b * b + d2 * max(Fraction(0), most - part.steps)
    root = Fraction(math.isqrt(math.floor(square * 4**_ROOT_BITS)) + 1, 2**_ROOT_BITS)
    return max(0, math.floor((root - b) / d2))


def _multiplier(part: Part, ask: Ask, mu: int) -> int:
    """The largest integer whose cost is within the part's share of the price, exactly.

    Parts add up, so the vector then costs at most the sum of the prices. Raises ValueError
    when not even 1 is within it.
    """
    price = part.rho_share * Fraction(ask.price, 1_000_000)
    multiplier = _gaussian(part, 2 * mu * price)
    while multiplier > 0 and rho_of(part.moved(multiplier), mu) > price:
        multiplier -= 1
    if multiplier < 1:
        raise ValueError(f"{ask.key}: the price is too low to measure anything at this noise")
    return multiplier


_ROOT_BITS = 64
_FINE = 32
"""Under Polya noise: steps of a person's sum for each entry that rounding may move by one."""


class NotAlone(ValueError):
    """An ask under Polya noise beside others in one round."""


def make_layout(programme: Programme, asks: Sequence[str]) -> Layout:
    """Lay out the asks (`statistic@horizon`) of a round.

    Raises KeyError on an ask outside the programme; NotAlone on an ask under Polya noise beside
    others; ValueError on no ask, on one asked twice, or when a price is too low for the noise or
    the noise too large for 64 bits.
    """
    return _laid_out(programme, tuple(asks))


@lru_cache(maxsize=4)
def _laid_out(programme: Programme, asks: tuple[str, ...]) -> Layout:
    if not asks or len(set(asks)) != len(asks):
        raise ValueError("a round asks something, and nothing twice")
    asked = [programme.ask(key) for key in asks]
    forms, declared = programme.questionnaires, programme.by_id
    by_id = {ask.statistic: answerable(declared[ask.statistic], forms) for ask in asked}
    statistics = tuple(by_id.values())
    if any(ask.noise == "polya" for ask in asked):
        if len(asked) > 1:
            raise NotAlone("an ask under Polya noise stands alone in its round")
        return _alone(asked[0], statistics[0])
    mu = programme.noise_variance
    if mu > MOST_NOISE:
        raise ValueError("the noise variance is beyond what 64-bit tables can hold")
    wanted = [
        (ask, part, _multiplier(part, ask, mu))
        for ask in asked
        for part in _parts(by_id[ask.statistic])
    ]
    return Layout(_placed(wanted), mu, statistics)


def _parts(statistic: Statistic) -> list[Part]:
    return MEASURES[statistic.measure.kind].parts(statistic)


def _placed(wanted: Sequence[tuple[Ask, Part, int]]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    start = 0
    for ask, part, multiplier in wanted:
        blocks.append(Block(ask, part, start, cells_of(part.view), multiplier))
        start += blocks[-1].size
    return tuple(blocks)


def _least(part: Part) -> int:
    """The multiplier at which rounding adds at most one part in 32 to what a person moves."""
    return max(1, math.ceil(_FINE * part.steps / part.unit_d1))


def _alone(ask: Ask, statistic: Statistic) -> Layout:
    """The layout under Polya noise: epsilon is what the price buys, eps^2 / 2 = rho."""
    parts = _parts(statistic)
    multipliers = balanced([(p.rho_share, p.unit_d2_squared, _least(p)) for p in parts])
    epsilon = Fraction(math.isqrt(2 * ask.price * 1_000_000), 1_000_000)
    blocks = _placed([(ask, part, m) for part, m in zip(parts, multipliers, strict=True)])
    bare = Layout(blocks, 1, (statistic,), epsilon)
    if bare.moved.d1 > MOST_SCALE * epsilon:
        raise ValueError(f"{ask.key}: the price is too low for Polya noise")
    return replace(bare, noise_variance=math.ceil(bare.noise(1).variance_of_sum(1)))
