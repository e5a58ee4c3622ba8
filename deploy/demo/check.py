"""Comparing a demo's release with the exact truth, and its ledgers with what should be charged."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from deploy.demo.truth import Key, pooled_truth
from schemas.release import Release


@dataclass(frozen=True, slots=True)
class Compared:
    """How many figures are shown, and of how many of these the noise interval holds the truth."""

    figures: int
    cells: int
    cells_covered: int
    by_statistic: Mapping[str, tuple[int, int]]


def truth_of(frame: pd.DataFrame, in_sum: Iterable[int]) -> dict[Key, float]:
    """The exact figures over the centres in the sum; centre 0 of the frame has roster id 1."""
    return pooled_truth(frame[frame["centre"].isin([node - 1 for node in in_sum])])


def compare(release: Release, truth: Mapping[Key, float]) -> Compared:
    """Count coverage of what is published: figures of band F are not.

    Raises ValueError where the number that is shown lies outside its own interval.
    """
    cells: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for figure in release.figures:
        exact = truth.get((figure.statistic, figure.measure, figure.variable, figure.cell))
        if exact is None or figure.band == "F" or figure.estimate is None:
            continue
        if figure.noise_lo is None or figure.noise_hi is None:
            continue
        if not figure.noise_lo <= figure.estimate <= figure.noise_hi:
            raise ValueError(f"{figure.statistic} {figure.cell} is shown outside its interval")
        cells[figure.statistic] += 1
        covered[figure.statistic] += figure.noise_lo <= exact <= figure.noise_hi
    by_statistic = {name: (cells[name], covered[name]) for name in cells}
    return Compared(len(release.figures), cells.total(), covered.total(), by_statistic)


@dataclass(frozen=True, slots=True)
class Charged:
    """Centres that were charged twice for something, or charged without being in the sum."""

    twice: int
    not_in_sum: int


def charged(ledgers: Mapping[int, Mapping[str, Any]], in_sum: Iterable[int]) -> Charged:
    """Judge what `wegwijs-node ledger --json` says at each centre."""
    inside = set(in_sum)
    twice = sum(_twice(ledger["charges"]) for ledger in ledgers.values())
    outside = sum(bool(ledger["charges"]) for node, ledger in ledgers.items() if node not in inside)
    return Charged(twice, outside)


def _twice(charges: Iterable[Mapping[str, Any]]) -> bool:
    keys = Counter((c["statistic"], c["horizon"], c["cohort"]) for c in charges)
    return any(times > 1 for times in keys.values())
