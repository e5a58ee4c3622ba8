"""Public figures about the clients of career guidance, with their sources: marginals.csv.

`verified` in that file: yes = read in the named source; no = from memory, derived or assumed.
The demo may use both; a page that shows a figure as a fact may use `yes` only.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas import codes

_FILE = Path(__file__).parent / "marginals.csv"
_ODDS_OF_OTHER_SECTORS = {
    "women among clients (relative odds)": 0.5,
    "low education among clients (relative odds)": 1.0,
}
Draws = NDArray[np.object_]


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with _FILE.open(encoding="utf-8", newline="") as source:
        return tuple(csv.DictReader(source))


def table(figure: str, dimension: str) -> dict[str, float]:
    """Return category -> value of one figure. Raises KeyError when there is none."""
    found = {
        row["category"]: float(row["value"])
        for row in _rows()
        if row["figure"] == figure and row["dimension"] == dimension
    }
    if not found:
        raise KeyError(f"marginals.csv has no {figure} by {dimension}")
    return found


def shares(dimension: str, figure: str = "clients (share, %)") -> dict[str, float]:
    """Return category -> share; the shares add up to 1."""
    percent = table(figure, dimension)
    total = sum(percent.values())
    return {category: value / total for category, value in percent.items()}


def odds_by_sector(figure: str) -> dict[str, float]:
    """Return sector -> relative odds, every section of NACE Rev. 2.1 named."""
    named = table(figure, "sector before, NACE Rev. 2.1")
    return {code: named.get(code, _ODDS_OF_OTHER_SECTORS[figure]) for code in codes.sectors()}


def quota(rng: np.random.Generator, wanted: Mapping[str, float], people: int) -> Draws:
    """Return `people` categories in random order, each as often as its share says.

    Largest remainders, so that a margin is met to within one person.
    """
    exact = np.array(list(wanted.values())) * people
    counts = np.floor(exact).astype(int)
    short = people - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    drawn = np.repeat(np.array(list(wanted), dtype=object), counts)
    return rng.permutation(drawn)


def tilted(rng: np.random.Generator, odds: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Draw yes or no for each person so that yes has `share`, more often where odds are high."""
    low, high = 1e-6, 1e6
    for _ in range(60):
        scale = (low * high) ** 0.5
        chance = scale * odds / (1 + scale * odds)
        low, high = (scale, high) if chance.mean() < share else (low, scale)
    return np.asarray(rng.random(len(odds)) < chance)


def allocation(
    rng: np.random.Generator, sizes: tuple[int, ...], homes: tuple[tuple[str, ...], ...]
) -> tuple[NDArray[np.int_], Draws]:
    """Return each person's centre and province.

    Centres get exactly `sizes`; provinces follow their marginal to within one person a centre;
    a centre draws eight times as many clients at home. Iterative proportional fitting
    (Deming, Stephan 1940).
    """
    provinces = shares("province of residence")
    column = np.array(list(provinces.values())) * sum(sizes)
    row = np.maximum(np.array(sizes, dtype=float), 1e-9)  # a centre may have nobody
    cells = np.array([[8.0 if p in home else 1.0 for p in provinces] for home in homes])
    for _ in range(100):
        cells *= (row / cells.sum(axis=1))[:, None]
        cells *= column / cells.sum(axis=0)
    drawn = [
        quota(rng, dict(zip(provinces, line / line.sum(), strict=True)), size)
        for line, size in zip(cells, sizes, strict=True)
    ]
    return np.repeat(np.arange(len(sizes)), sizes), np.concatenate(drawn)


def postcodes(rng: np.random.Generator, provinces: Draws) -> Draws:
    """Draw a real postcode in each person's province (NUTS 2), towns above villages."""
    weight = table("clients at a postcode (relative weight)", "postcode")
    inside: dict[str, list[str]] = {}
    for postcode, nuts3 in codes.nuts3_of_postcode().items():
        inside.setdefault(codes.nuts_parents()[nuts3], []).append(postcode)
    drawn = np.empty(len(provinces), dtype=object)
    for province in sorted(set(provinces)):
        choices = sorted(inside[province])
        chance = np.array([weight.get(postcode, 1.0) for postcode in choices])
        here = np.flatnonzero(provinces == province)
        drawn[here] = rng.choice(
            np.array(choices, dtype=object), len(here), p=chance / chance.sum()
        )
    return drawn
