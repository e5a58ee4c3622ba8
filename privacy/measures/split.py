"""How the price of a mean is split over sums, counts and squares: by what it is for.

Noise of variance A / rho in each of several sums, which move a figure by c each, is least for a
total rho when each gets a part that goes with c sqrt(A) (Cauchy, Schwarz). The figures are

    mean                centre + S / n            moves by S: 1, n: r
    standard deviation  V = Q / n - (S / n)^2     moves by Q: 1, S: 2 r, n: |r^2 - V|

with r the distance of the mean from its centre. A count per variable is made of everybody (one
number) and of who has it, as +1 or -1 (k numbers): n = (N + F) / 2. At a price in the ratio
1 : sqrt k its variance is (1 + sqrt k)^2 / 4 of that of a single count; of all ways to add
Gaussian noise to k counts of people who may have any of them, none has 8% less.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from privacy.measures.parts import Part, Role
from schemas.measures import Mean

_DISTANCE = {"mean": Fraction(1, 6), "spread": Fraction(1, 14), "share": Fraction(4, 5)}
"""Of the reach: how far from its centre a mean is expected, when a declaration does not say."""

_SPREAD = Fraction(9, 25)
"""Of the reach: what a standard deviation is expected to be. Scores have a third, amounts of money
three quarters; the error is then a twentieth and a fifth above the least possible."""

_SQUARES = Fraction(1, 50)
"""For means: enough for the sampling error of figures."""

_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one person's row x can be, in units of the scale: |x|_1, |x|_2^2, |x_i|."""

    lanes: int
    longest: Fraction
    d2_squared: Fraction
    entry: Fraction


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a price; they add up to 1."""

    sums: Fraction
    people: Fraction
    known: Fraction
    squares: Fraction

    @property
    def counts(self) -> Fraction:
        """Of all counts together."""
        return self.people + self.known


def split_of(measure: Mean, bounds: Bounds) -> Split:
    """Return the split that a declaration calls for.

    Square roots of floats are the same on every machine, and are cut to thousandths.
    """
    reach = Fraction(max(-measure.lower, measure.upper), measure.scale)
    distance = _DISTANCE[measure.aim] * reach
    if measure.beyond is not None:
        distance = Fraction(measure.beyond, measure.scale)
    sums, squares = math.sqrt(bounds.d2_squared), float(bounds.entry) * math.sqrt(bounds.d2_squared)
    count, r = (1 + math.sqrt(measure.counted)) / 2, float(distance)
    if measure.aim == "spread" and not measure.flags:
        variance = float(_SPREAD * reach) ** 2
        return _split(measure, (2 * r * sums, abs(r * r - variance) * count, squares))
    left = 0 if measure.flags else _SQUARES
    part = _cut(r * count / (sums + r * count)) * (1 - left)
    return _parts(measure, 1 - left - part, part, Fraction(left))


def _split(measure: Mean, weights: tuple[float, float, float]) -> Split:
    whole = sum(weights)
    sums, counts = (_cut(weight / whole) for weight in weights[:2])
    return _parts(measure, sums, counts, 1 - sums - counts)


def _cut(part: float) -> Fraction:
    """In thousandths, at least one of them."""
    return Fraction(max(1, round(part * _STEPS)), _STEPS)


def _parts(measure: Mean, sums: Fraction, counts: Fraction, squares: Fraction) -> Split:
    everybody = _cut(1 / (1 + math.sqrt(measure.counted))) * counts
    return Split(sums, everybody, counts - everybody, squares)


Use = Literal["counts", "sums", "squares", "products", "weighting"]

_USES: Mapping[Role, Use] = MappingProxyType(
    {
        "count": "counts", "outcome": "counts", "people": "counts", "known": "counts",
        "answered": "counts", "sum": "sums", "square": "squares", "margin": "weighting",
        "cross": "weighting", "moment": "products",
    }
)  # fmt: skip


def uses_of(parts: Iterable[Part]) -> dict[Use, Fraction]:
    """What the price of one ask is spent on, largest first; it adds up to 1."""
    found: dict[Use, Fraction] = {}
    listed = list(parts)
    weighted = any(part.role == "margin" for part in listed)
    for part in listed:
        use: Use = "weighting" if weighted and part.role == "moment" else _USES[part.role]
        found[use] = found.get(use, Fraction(0)) + part.rho_share
    return dict(sorted(found.items(), key=lambda one: -one[1]))
