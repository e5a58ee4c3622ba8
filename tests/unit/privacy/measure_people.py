"""A region of made-up people to draw from: what the pool holds is the parameter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from encode_people import programme_of, trajectory
from numpy.typing import NDArray

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import _Places, encode
from privacy.estimate.figures import estimate
from privacy.measures.kinds import MEASURES
from privacy.measures.parts import whole_within
from privacy.people.population import Asked, belongs
from schemas.programme import Programme
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory
from schemas.release import Figure
from schemas.statistic import Statistic

Floats = NDArray[np.float64]
CONTRIBUTORS, HONEST = 10, 8
_SECTORS = ("R", "Q", "C", "N", "G", "P", "K", None)


def _answers(rng: np.random.Generator, level: float) -> dict[str, tuple[int, ...]]:
    """Items with a shared part for each dimension; the third one is reversed."""
    made = {}
    for dimension in DIMENSIONS:
        centre = level + rng.normal(0, 0.5)
        items = np.clip(np.rint(centre + rng.normal(0, 0.7, 3)), 1, 5).astype(int)
        turned = [item.reversed for item in built_in().items_of(dimension)]
        made[dimension] = tuple(
            int(6 - a if back else a) for a, back in zip(items, turned, strict=True)
        )
    return made


def _person(rng: np.random.Generator, silent: float, lean: float) -> Trajectory:
    """`silent`: share without a follow-up; `lean`: how much that depends on age and start."""
    age, start = int(rng.integers(20, 63)), rng.normal(3.3, 0.5)
    hours = int(rng.integers(0, 41))
    gain = 0.3 + 0.25 * (45 - age) / 20 - 0.45 * (start - 3.3) + 0.02 * (hours / 4 - 5)
    felt = _answers(rng, start)
    items = [built_in().score(d, felt[d]) or 0.0 for d in DIMENSIONS]
    pull = (age - 41) / 12 + (sum(items) / 6 - 3.3) / 0.5
    there = rng.random() < 1 / (1 + np.exp(np.log(silent / (1 - silent)) + lean * pull))
    works = rng.random() < 1 / (1 + np.exp(0.4 * pull - 0.6))
    employer = rng.random() < 0.15
    public = 0 if employer else int(rng.choice([63_700, 68_300, 118_400]))
    wellbeing = {"intake": felt}
    later = _answers(rng, start + gain + rng.normal(0, 0.3))
    marks = {a: int(rng.integers(1, 6)) for a in ("culture", "team", "leadership")}
    if there:
        wellbeing["12m"] = later
    return trajectory(
        birth_year=2024 - age,
        gender=str(rng.choice(["f", "m"], p=[0.65, 0.35])),
        education=str(rng.choice(["low", "medium", "high"], p=[0.2, 0.4, 0.4])),
        residence="BE211" if rng.random() < 0.8 else "BE100",
        guidance_quarters=hours,
        sector_before=_SECTORS[int(rng.integers(len(_SECTORS)))],
        price_public=public,
        price_client=9_000,
        price_employer=int(rng.integers(40_000, 90_000)) if employer else 0,
        ended_on=date(2024, 3, 31),
        labour_status_12m=("employed" if works else "unemployed") if there else None,
        wellbeing=wellbeing,
        context_fit={"12m": marks} if there else {},
    )


def people(count: int, seed: int, *, silent: float = 0.4, lean: float = 0.0) -> list[Trajectory]:
    """The same people for the same seed, whoever of them answers afterwards."""
    rng = np.random.default_rng(seed)
    return [_person(rng, silent, lean) for _ in range(count)]


@dataclass
class Pool:
    """People whose vectors are known one by one, so that a crowd drawn from them is a product."""

    records: Sequence[Trajectory] = field(repr=False)
    asked: Sequence[tuple[Statistic, int]]
    _rows: dict[str, dict[str, Floats]] = field(default_factory=dict, repr=False)

    @cached_property
    def programme(self) -> Programme:
        return programme_of(*self.asked)

    @cached_property
    def layout(self) -> Layout:
        return make_layout(self.programme, [ask.key for ask in self.programme.asks])

    @cached_property
    def vectors(self) -> Floats:
        """Shape (people, entries), before sums of them are rounded."""
        made, places = np.zeros((len(self.records), self.layout.length)), _Places(self.records)
        everybody = np.arange(len(self.records))[:, None]
        for block in self.layout.blocks:
            rows = self.rows(self.layout.statistic(block.ask))[block.part.role]
            lanes = block.part.lanes
            first = block.start + places.cells(block.part.view) * lanes
            there = first[:, None] + np.arange(lanes)
            bits = block.part.fine_bits(block.multiplier)
            whole = whole_within(rows, block.part, block.multiplier, bits)
            made[everybody, there] = whole / 2.0**bits
        apart = made.sum(axis=0) - encode(self.records, self.layout, self.programme)
        assert np.abs(apart).max() <= 0.5
        return made

    def rows(self, statistic: Statistic) -> dict[str, Floats]:
        """What each person adds in real units, by role; computed once."""
        if statistic.id not in self._rows:
            self._rows[statistic.id] = self._computed(statistic)
        return self._rows[statistic.id]

    def _computed(self, statistic: Statistic) -> dict[str, Floats]:
        horizon = statistic.horizons[0]
        assert all(belongs(r, statistic.population, horizon) for r in self.records)
        asked = Asked(self.records, statistic, horizon, {"werkgeluk-1": built_in()})
        return dict(MEASURES[statistic.measure.kind].rows(asked))

    def figures(self, total: NDArray[np.int64]) -> dict[tuple[str, str, str, Any], Figure]:
        found = estimate(total, self.layout, contributors=CONTRIBUTORS, honest=HONEST)
        return {(f.statistic, f.measure, f.variable, f.cell): f for f in found}

    def crowds(
        self, draws: int, sizes: Sequence[int], seed: int
    ) -> Iterator[tuple[Floats, dict[tuple[str, str, str, Any], Figure]]]:
        """Draw people with replacement and noise: (how often each, figures)."""
        rng = np.random.default_rng(seed)
        for draw in range(draws):
            weights = rng.multinomial(sizes[draw % len(sizes)], self.even).astype(np.float64)
            total = (weights @ self.vectors).astype(np.int64) + self.noise(rng)
            yield weights, self.figures(total)

    def noise(self, rng: np.random.Generator) -> NDArray[np.int64]:
        lam = self.layout.noise_variance * CONTRIBUTORS / HONEST / 2
        return rng.poisson(lam, self.layout.length) - rng.poisson(lam, self.layout.length)

    @property
    def even(self) -> Floats:
        return np.full(len(self.records), 1 / len(self.records))


@dataclass
class Tally:
    """How often intervals held what they should."""

    noise: int = 0
    both: int = 0
    given: int = 0
    silent: int = 0

    def add(self, figure: Figure, pooled: float, parameter: float) -> None:
        if figure.estimate is None:
            self.silent += 1
            return
        assert figure.noise_lo is not None
        assert figure.noise_hi is not None
        assert figure.lo is not None
        assert figure.hi is not None
        self.given += 1
        self.noise += figure.noise_lo <= pooled <= figure.noise_hi
        self.both += figure.lo <= parameter <= figure.hi

    def __str__(self) -> str:
        given = max(1, self.given)
        return (
            f"noise {self.noise / given:.4f} both {self.both / given:.4f} "
            f"of {self.given}, {self.silent} not given"
        )

    def holds(self) -> bool:
        """Both in 93% to 97%."""
        return all(0.93 <= hits / self.given <= 0.97 for hits in (self.noise, self.both))
