"""Was one client counted? An adversary who sees every release of a year guesses at its best.

The full plan of a year: all statistics, all views, the real encoders, noise as in a release, of
exactly h honest shares. The adversary knows every other client. Two clients are guessed: one
whose numbers reach every bound that the code lets through, and an ordinary one.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deploy.demo.clients import generate
from deploy.demo.records import records
from deploy.demo.truth import counted
from privacy.accounting.conversion import guess_odds
from privacy.audit.membership import Attack, delta_of_orders, log_ratios
from privacy.encode.layout import Block, Layout, make_layout
from privacy.encode.vector import encode
from privacy.measures.parts import whole_within
from privacy.noise.sampler import RandomBytes
from privacy.noise.skellam import Skellam
from schemas.catalogue.default import FULL, programme_of_year
from schemas.programme import Programme
from schemas.units import MicroRho, UnixSeconds

YEAR, SEED, CENTRE = 2024, 2024, 60
HONEST = 6
"""Of ten centres; any number of shares adds up to the same noise."""

EPSILONS = (0.0, 0.25, 0.5, 1.0, 1.5)
CHUNK = 1_000
Vector = NDArray[np.int64]
ALL = "all"


def programme(prices: Mapping[str, int] | None = None) -> Programme:
    """The year's programme; `prices` replace some of the plan's."""
    made = programme_of_year(YEAR, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**39), FULL)
    known = {ask.key: ask.price for ask in made.asks} | dict(prices or {})
    asks = [ask.model_copy(update={"price": MicroRho(known[ask.key])}) for ask in made.asks]
    return made.model_copy(update={"asks": tuple(asks)})


def layout_of(made: Programme) -> Layout:
    """Everything in one vector; rounds apart would have independent noise as well."""
    return make_layout(made, [ask.key for ask in made.asks])


@dataclass(frozen=True, eq=False)
class Canary:
    """What one client moves: her entries that are not 0, with the ask of each."""

    name: str
    moves: Vector = field(repr=False)
    asks: Sequence[str] = field(repr=False)

    @classmethod
    def of(cls, name: str, layout: Layout, vector: Vector) -> "Canary":
        """Leave out the zeros."""
        names = np.repeat([b.ask.key for b in layout.blocks], [b.size for b in layout.blocks])
        there = np.flatnonzero(vector)
        return cls(name, vector[there], names[there].tolist())

    @property
    def starts(self) -> list[int]:
        """Where each ask's entries start."""
        return [k for k, ask in enumerate(self.asks) if k == 0 or self.asks[k - 1] != ask]


def worst(layout: Layout) -> Vector:
    """A client at every bound at once, through the clamp that every client goes through.

    Sums of fractions are rounded in her direction as well.
    """
    vector = np.zeros(layout.length, dtype=np.int64)
    for block in layout.blocks:
        row = whole_within(_extreme(block)[None, :], block.part, block.multiplier)[0]
        row += np.sign(row) * (block.part.steps > 0)
        vector[block.start : block.start + block.part.lanes] = row
    return vector


def _extreme(block: Block) -> NDArray[np.float64]:
    """As many entries as fit at the bound of one; what is left of the norm in the next."""
    part = block.part
    entry, d1, square = float(part.unit_entry), float(part.unit_d1), float(part.unit_d2_squared)
    row = np.zeros(part.lanes)
    full = min(part.lanes, int(d1 / entry + 1e-9), int(square / entry**2 + 1e-9))
    row[:full] = entry
    if full < part.lanes:
        row[full] = min(max(0.0, d1 - full * entry), max(0.0, square - full * entry**2) ** 0.5)
    return row


def ordinary(layout: Layout, made: Programme) -> Vector:
    """The median client of a centre: its vector with her, minus its vector without her."""
    people = records(counted(generate(SEED, 2 * CENTRE)))[:CENTRE]
    alone = [encode([person], layout, made).astype(np.float64) for person in people]
    order = np.argsort([float(vector @ vector) for vector in alone])
    her = int(order[len(order) // 2])
    others = [person for k, person in enumerate(people) if k != her]
    return encode(people, layout, made) - encode(others, layout, made)


def attack(
    canaries: Sequence[Canary], noise: Skellam, claimed: int, trials: int, random_bytes: RandomBytes
) -> list[dict[str, Attack]]:
    """The scores over all releases, and over each ask's alone, of every canary.

    The adversary reckons with the variance that is claimed.
    """
    widest = max(len(canary.moves) for canary in canaries)
    found: list[list[tuple[NDArray[np.float64], ...]]] = [[] for _ in canaries]
    for start in range(0, trials, CHUNK):
        size = min(CHUNK, trials - start)
        shares = [noise.share(size * widest, random_bytes) for _ in range(HONEST)]
        drawn = np.sum(shares, axis=0).reshape(size, widest)
        for scores, canary in zip(found, canaries, strict=True):
            ratios = log_ratios(drawn[:, : len(canary.moves)], canary.moves, claimed)
            scores.append(tuple(np.add.reduceat(r, canary.starts, axis=1) for r in ratios))
    return [
        _attacks(canary, *map(np.concatenate, zip(*scores, strict=True)))
        for canary, scores in zip(canaries, found, strict=True)
    ]


def _attacks(
    canary: Canary, absent: NDArray[np.float64], present: NDArray[np.float64]
) -> dict[str, Attack]:
    names = [canary.asks[k] for k in canary.starts]
    single = {n: Attack(absent[:, k], present[:, k]) for k, n in enumerate(names)}
    return {ALL: Attack(absent.sum(axis=1), present.sum(axis=1)), **single}


def gdp(rho: int) -> float:
    """mu of the Gaussian mechanism that costs so many micro-rho."""
    return float(np.sqrt(2 * rho / 1_000_000))


@dataclass(frozen=True)
class YearRow:
    """What a year's releases are said to give away of one client, and what was got."""

    name: str
    entries: int
    claim: float
    """mu of everything that is charged."""
    proven: float
    """mu that hits and false alarms prove."""
    separation: float
    """mu that the scores themselves show."""
    right: float
    """Percent of guesses that are right, and what is promised at most."""
    right_claimed: float
    curve: Mapping[str, tuple[float, float]]
    """epsilon -> (delta proven, delta claimed)."""
    overdrawn: tuple[str, ...]
    """Asks that surely gave away more than they are charged."""

    @property
    def why(self) -> str:
        """What exceeds its claim; empty when nothing does."""
        if self.proven > self.claim:
            return "bound"
        if any(proven > claimed for proven, claimed in self.curve.values()):
            return "curve"
        return f"price of {self.overdrawn[-1]}" if self.overdrawn else ""


def judge(canary: Canary, attacks: Mapping[str, Attack], charged: Mapping[str, int]) -> YearRow:
    """Compare every attack with what is charged for what it saw."""
    rho = MicroRho(sum(charged.values()))
    total = attacks[ALL]
    claims = {ALL: gdp(rho)} | {ask: gdp(price) for ask, price in charged.items()}
    return YearRow(
        canary.name,
        len(canary.moves),
        claims[ALL],
        total.guesses().mu_proven,
        total.separation,
        total.right,
        guess_odds(rho),
        {str(e): (total.delta_proven(e), delta_of_orders(rho, e)) for e in EPSILONS},
        tuple(name for name, one in attacks.items() if one.separation_proven > claims[name]),
    )


PLANTED = {
    "a statistic at half its price": "trajectories@start",
    "the cheapest at half its price": "coverage@start",
}


@dataclass(frozen=True)
class Audited:
    """One canary's row, and whether a bug was planted."""

    row: YearRow
    planted: bool


def audits(trials: int, random_bytes: RandomBytes = os.urandom) -> list[Audited]:
    """Honest clients first, then the bugs that have to be found."""
    made = programme()
    layout, mu = layout_of(made), made.noise_variance
    charged = {ask.key: ask.price for ask in made.asks}
    whole = worst(layout)
    honest = [
        Canary.of("worst client, a year", layout, whole),
        Canary.of("ordinary client, a year", layout, ordinary(layout, made)),
    ]
    planted = [Canary.of("counted in two quarters", layout, 2 * whole)]
    for name, key in PLANTED.items():
        dearer = layout_of(programme({key: 2 * charged[key]}))
        planted.append(Canary.of(name, dearer, worst(dearer)))
    fewer = [Canary.of("noise for 2h honest", layout, whole)]
    first = attack([*honest, *planted], Skellam(mu, HONEST), mu, trials, random_bytes)
    second = attack(fewer, Skellam(mu, 2 * HONEST), mu, trials, random_bytes)
    return [
        Audited(judge(canary, found, charged), canary not in honest)
        for canary, found in zip([*honest, *planted, *fewer], [*first, *second], strict=True)
    ]
