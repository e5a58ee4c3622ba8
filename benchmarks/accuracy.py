"""How far are figures from those of a trusted curator, and from those of other ways?

    python -m benchmarks.accuracy [--quick] [--json FILE]

250 centres, 15,000 synthetic clients, one round over the whole default programme, everybody
present. Ratios of root mean square errors, same draws, geometric mean over a fixed list of figures:
all that a reader gets to see (bands A to D, judged by true values and our noise).

    central_same     a trusted curator with our strategy: same tables, same least squares
    central_tables   a trusted curator that gives each table equal rho, without least squares
    local            each centre adds all the noise itself
    suppression      each centre leaves out cells below 5, no noise at all
"""

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.bars import Bar, write_bars
from benchmarks.strategies import measured_alone, not_for_display
from deploy.demo.clients import generate
from deploy.demo.records import records
from deploy.demo.truth import counted
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.secure_sum.parameters import attendance_levels
from schemas.catalogue.default import FULL, programme_of_year
from schemas.programme import Programme
from schemas.record import Trajectory
from schemas.release import Figure
from schemas.statistic import View
from schemas.units import UnixSeconds

CENTRES, CLIENTS, SEED, YEAR = 250, 15_000, 2024, 2024
COLLUDING = 50
FLOORS = {0.80: 200, 0.85: 213, 0.90: 225, 0.95: 238}
SMALLEST = 5
Vector = NDArray[np.int64]
Key = tuple[str, str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class World:
    """The programme, its layout, and the exact vector of each centre."""

    programme: Programme
    layout: Layout
    centres: Sequence[Vector]

    @cached_property
    def exact(self) -> Vector:
        """The exact sum."""
        total: Vector = np.sum(self.centres, axis=0)
        return total

    @cached_property
    def listed(self) -> "frozenset[Key]":
        """The fixed list: what is not too uncertain to show, by true values and our noise."""
        found = _estimated(self.exact, self.layout, CENTRES / (FLOORS[0.95] - COLLUDING))
        return frozenset(key_of(f) for f in found if f.band != "F" and f.measure != "answered")

    @cached_property
    def truth(self) -> "dict[Key, float]":
        """The exact figures of the list."""
        return estimates(self.exact, self.layout, 1e-9, self.listed)


def sizes(rng: np.random.Generator) -> NDArray[np.int64]:
    """A centre for each of 250 shares, skewed as real centres are."""
    weights = rng.lognormal(0, 0.9, CENTRES)
    return rng.choice(CENTRES, CLIENTS, p=weights / weights.sum())


def world() -> World:
    """Encode the clients of every centre; none is so large that its counts would be clamped."""
    programme = programme_of_year(YEAR, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**39), FULL)
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    people = records(counted(generate(SEED, CLIENTS)))
    homes = sizes(np.random.default_rng(SEED))
    by_centre: dict[int, list[Trajectory]] = {}
    for record, home in zip(people, homes.tolist(), strict=False):
        by_centre.setdefault(home, []).append(record)
    vectors = [encode(found, layout, programme) for _, found in sorted(by_centre.items())]
    return World(programme, layout, vectors)


def key_of(figure: Figure) -> Key:
    """Which figure it is."""
    return figure.statistic, figure.measure, figure.variable, figure.cell


def _estimated(total: Vector, layout: Layout, spread: float) -> Sequence[Figure]:
    """`spread`: noise variance over mu."""
    scaled = replace(layout, noise_variance=max(1, round(layout.noise_variance * spread)))
    return estimate(total, scaled, contributors=1, honest=1)


def estimates(
    total: Vector, layout: Layout, spread: float, listed: frozenset[Key]
) -> dict[Key, float]:
    """Unbiased values of the listed figures."""
    with not_for_display():
        found = _estimated(total, layout, spread)
    return {
        key_of(f): f.unadjusted for f in found if f.unadjusted is not None and key_of(f) in listed
    }


def rmse(
    world_: World, layout: Layout, exact: Vector, spread: float, draws: Sequence[Vector]
) -> dict[Key, float]:
    """Root mean square error of each listed figure over the draws of noise."""
    errors: dict[Key, list[float]] = {}
    scale = math.sqrt(layout.noise_variance * spread)
    for draw in draws:
        noisy = exact + np.rint(draw * scale).astype(np.int64)
        for key, value in estimates(noisy, layout, spread, world_.listed).items():
            if key in world_.truth:
                errors.setdefault(key, []).append((value - world_.truth[key]) ** 2)
    return {k: math.sqrt(sum(e) / len(e)) for k, e in errors.items() if len(e) == len(draws)}


def equal_tables(layout: Layout) -> Layout:
    """The layout of a curator that pays each table alike, whatever it is worth."""
    blocks = layout.blocks
    count = len({(block.ask.key, block.part.view) for block in blocks})
    each = Fraction(layout.declared, 1_000_000 * count)
    roles = {
        (block.ask.key, block.part.view): sum(
            b.part.rho_share for b in blocks
            if (b.ask.key, b.part.view) == (block.ask.key, block.part.view)
        )
        for block in blocks
    }  # fmt: skip
    paid = [
        replace(
            block,
            multiplier=max(1, math.isqrt(math.floor(
                2 * layout.noise_variance * each * block.part.rho_share
                / roles[block.ask.key, block.part.view] / block.part.unit_d2_squared
            ))),
        )
        for block in blocks
    ]  # fmt: skip
    return replace(layout, blocks=tuple(paid))


def rescaled(exact: Vector, layout: Layout, other: Layout) -> Vector:
    """The exact sum under the multipliers of another layout."""
    made = np.zeros_like(exact)
    for old, new in zip(layout.blocks, other.blocks, strict=True):
        real = exact[old.slice] / old.multiplier
        made[new.slice] = np.rint(real * new.multiplier).astype(np.int64)
    return made


def suppressed(world_: World) -> Vector:
    """Each centre blanks cells of fewer than five people, with the sums that belong to them."""
    total = np.zeros_like(world_.exact)
    for vector in world_.centres:
        kept = vector.copy()
        _suppress(kept, world_.layout)
        total += kept
    return total


def _suppress(vector: Vector, layout: Layout) -> None:
    small: dict[tuple[str, View], NDArray[np.bool_]] = {}
    for block in layout.blocks:
        if block.part.role in ("count", "outcome", "people", "answered"):
            cells = vector[block.slice].reshape(block.cells, block.part.lanes)
            people = cells / block.multiplier
            low = (people > 0) & (people < SMALLEST)
            cells[low] = 0
            small[block.ask.key, block.part.view] = low[:, 0]
    for block in layout.blocks:
        table = block.ask.key, block.part.view
        if block.part.role in ("sum", "known") and table in small:
            cells = vector[block.slice].reshape(block.cells, block.part.lanes)
            cells[small[table]] = 0


def geometric(ours: Mapping[Key, float], theirs: Mapping[Key, float]) -> tuple[float, int]:
    """(geometric mean of the ratios, figures that both have)."""
    both = [k for k in ours if k in theirs and ours[k] > 0 and theirs[k] > 0]
    logs = [math.log(ours[k] / theirs[k]) for k in both]
    return math.exp(sum(logs) / len(logs)), len(both)


def main() -> None:
    """Print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="6 draws of noise instead of 40")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path, default=Path("docs/accuracy.svg"))
    chosen = parser.parse_args()
    started = time.perf_counter()
    made = world()
    rng = np.random.default_rng(7)
    draws = [rng.standard_normal(made.layout.length) for _ in range(6 if chosen.quick else 40)]
    facts = measured(made, draws)
    facts["seconds"] = time.perf_counter() - started
    if chosen.json:
        chosen.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    write_bars(
        chosen.svg,
        "Error against a trusted curator with the same strategy (1 = as good)",
        [
            Bar("Wegwijs, excess noise removed", facts["ratio_central_removal"]),
            Bar("all noise kept, floor 95%", facts["floor_0.95"]),
            Bar("all noise kept, floor 80%", facts["floor_0.80"]),
        ],
        line=1.0,
    )


def measured(made: World, draws: Sequence[Vector]) -> dict[str, float]:
    """All ratios of one run."""
    layout, exact = made.layout, made.exact
    central = rmse(made, layout, exact, 1.0, draws)
    facts: dict[str, float] = {}
    for share, floor in FLOORS.items():
        spread = CENTRES / (floor - COLLUDING)
        ours = rmse(made, layout, exact, spread, draws)
        name = f"floor_{share:.2f}"
        facts[name], figures = geometric(ours, central)
        print(f"floor {share:.2f}: {facts[name]:.3f} of a trusted curator's error "
              f"(analytic {math.sqrt(spread):.3f}; {figures} figures)")  # fmt: skip
    facts |= removal(made, draws, central, facts)
    facts["ratio_central_same"], facts["figures"] = facts["floor_0.95"], len(central)
    facts["analytic"] = math.sqrt(CENTRES / (FLOORS[0.95] - COLLUDING))
    other = equal_tables(layout)
    with measured_alone():
        apart = rmse(made, other, rescaled(exact, layout, other), 1.0, draws)
    against = {
        "central_tables": apart,
        "local": rmse(made, layout, exact, float(CENTRES), draws),
        "suppression": rmse(made, layout, suppressed(made), 1e-9, draws[:1]),
    }
    for name, theirs in against.items():
        ratio, figures = geometric(ours, theirs)
        facts[f"ratio_{name}"], facts[f"figures_{name}"] = ratio, figures
        print(f"{name}: {ratio:.3f} ({figures} figures)")
    return facts


def removal(
    made: World, draws: Sequence[Vector], central: Mapping[Key, float], floors: Mapping[str, float]
) -> dict[str, float]:
    """What taking excess noise off gives, under the floor of the policy, against raised floors."""
    reached = max(attendance_levels(math.ceil(CENTRES * 0.8), CENTRES))
    spread = CENTRES / (reached - COLLUDING)
    ours = rmse(made, made.layout, made.exact, spread, draws)
    ratio = geometric(ours, central)[0]
    gains = {f"removal_gain_{x}": 1 - ratio / floors[f"floor_{x}"] for x in ("0.90", "0.95")}
    told = ", ".join(f"{gain:.1%}" for gain in gains.values())
    print(f"excess noise removed: {ratio:.3f} (analytic {math.sqrt(spread):.3f}); gain over the "
          f"floors .90 and .95: {told}")  # fmt: skip
    return {"ratio_central_removal": ratio, **gains}


if __name__ == "__main__":
    main()
