"""Are published figures those of the real people, and as good as a trusted curator's?

    python -m benchmarks.truth [--quick] [--json FILE] [--only SOURCE] [--all FILE] [--svg FILE]

Ten public data sets are spread over twenty centres, imported by the node's own command from files
with mappings, and asked every statistic of the catalogue that they can answer: as declared, and
one view alone. Each question has a round to itself, worth epsilon 0.5, 1 and 2 (delta 1e-6), 20
times each; everybody is present. Errors are against the exact figure of the pooled raw file, by
pandas, lifelines and statsmodels, and set beside those of a trusted curator with Gaussian noise
of the same rho (`benchmarks.truth.curator`). A question is one figure that the curator could tell.

    questions         how many
    within            share of them whose error is within 1.5 of the curator's
    ratio             geometric mean of our error over the curator's, of what we tell; also of
                      questions that ask for one table alone, where adjusting tables gains nothing
    covered           noise intervals that hold the truth; also of counts and all others apart
    covered_wide      intervals with sampling that hold it
    withheld_wrongly  we say nothing, though 1.5 times the curator's error would do
    worst             five questions by name
"""

import argparse
import json
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.bars import Bar, write_bars
from benchmarks.truth import followed, money, surveys, work
from benchmarks.truth.curator import answers
from benchmarks.truth.exact import exact
from benchmarks.truth.importing import Kept, import_all
from benchmarks.truth.rounds import honest_at, measure
from benchmarks.truth.score import Asked, by_statistic, compare, summary
from benchmarks.truth.sources import Source
from privacy.accounting import conversion
from schemas.units import MicroRho

SOURCES: dict[str, Callable[[], Source]] = {
    "wagepan": work.wagepan,
    "nsw": work.nsw,
    "injury": money.injury,
    "fringe": money.fringe,
    "twoyear": work.twoyear,
    "recid": followed.recid,
    "kidney": followed.kidney,
    "flchain": followed.flchain,
    "anes96": surveys.anes96,
    "fair": surveys.fair,
}
QUICK = ("wagepan", "kidney", "anes96")
DELTA = 1e-6
SEED = 20161


@dataclass(frozen=True)
class Effort:
    """How much is done: epsilons, repeats of ours, draws of the curator's."""

    epsilons: tuple[float, ...]
    repeats: int
    draws: int


FULL = Effort((0.5, 1.0, 2.0), 20, 1000)
LITTLE = Effort((1.0,), 8, 300)


@cache
def price_of(epsilon: float) -> int:
    """The most micro-rho within epsilon at delta."""
    prices = range(1, 1_000_000)
    found = bisect_right(prices, epsilon, key=lambda p: conversion.epsilon(MicroRho(p), DELTA))
    return prices[found - 1]


def asked_of(source: Source, kept: Sequence[Kept], effort: Effort) -> Iterator[Asked]:
    """Ask everything that a source can answer."""
    rng, honest = np.random.default_rng(SEED), honest_at()
    for query in source.queries:
        truth = exact(query, source.study)
        for epsilon in effort.epsilons:
            price = price_of(epsilon)
            curator = answers(query, source.study, price / 1e6, effort.draws, rng)
            ours = measure(source, query, kept, price)
            repeats = [ours.figures(honest, rng) for _ in range(effort.repeats)]
            name = f"{source.name} {query.name} eps {epsilon:g}"
            yield compare(name, query, truth, curator, repeats)


def run(names: Sequence[str], effort: Effort) -> tuple[list[Asked], bool]:
    """Import and ask each source; print how each does.

    The last question of each also goes through a real round: keys, masks, certificate, opened
    seeds. Returns whether all of these sums were exact, too.
    """
    found: list[Asked] = []
    whole = True
    for name in names:
        started = time.perf_counter()
        source = SOURCES[name]()
        with tempfile.TemporaryDirectory() as folder:
            kept = import_all(source, Path(folder))
            here = list(asked_of(source, kept, effort))
            published, same = measure(source, source.queries[-1], kept, price_of(1.0)).by_protocol()
        found, whole = found + here, whole and same and len(published) > 0
        told = summary(here)
        print(
            f"{name}: {len(source.study)} people, {told['questions']} questions, "
            f"ratio {told['ratio']:.2f}, within {told['within']:.2f}, "
            f"covered {told['covered_counts']:.3f} (counts) {told['covered_means']:.3f} (others), "
            f"withheld wrongly {told['withheld_wrongly']}, {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    return found, whole


def main() -> None:
    """Print and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three data sets, epsilon 1")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=sorted(SOURCES), action="append")
    parser.add_argument("--all", type=Path, help="every question, tab-separated, worst first")
    parser.add_argument("--svg", type=Path, default=Path("docs/truth.svg"))
    chosen = parser.parse_args()
    started = time.perf_counter()
    names = chosen.only or (QUICK if chosen.quick else tuple(SOURCES))
    found, whole = run(names, LITTLE if chosen.quick else FULL)
    facts = summary(found)
    facts |= {"protocol_exact": whole, "seconds": round(time.perf_counter() - started)}
    print(json.dumps(facts, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    if not (chosen.only or chosen.quick):
        bars = [Bar(name, ratio) for name, ratio in sorted(by_statistic(found).items())]
        write_bars(
            chosen.svg,
            "Error against a trusted curator on public data (1 = as good)",
            bars,
            line=1.0,
        )
    if chosen.all:
        questions = sorted((q for one in found for q in one.questions), key=lambda q: -q.ratio)
        lines = [f"{q.ratio:.2f}\t{q.ours:.4g}\t{q.curators:.4g}\t{q.told:.2f}\t{q.clear}\t{q.name}"
                 for q in questions]  # fmt: skip
        chosen.all.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
