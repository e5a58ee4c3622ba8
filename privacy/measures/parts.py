"""Parts: the tables of numbers that a measure puts into the vector, and what bounds one person.

A measure says what one person adds in real units (a 1 in a one-hot, points, squared points).
`whole_within` makes integers of that and holds them inside the part's declared bounds, so that
no measure, whatever it computes, can move the vector further than was paid for. Fractions are
kept in parts of a step until all people of a cell are added up; only the sum is rounded, up or
down by chance, so that it is right on average whatever the values are. With the same chance a
neighbour's sum differs in each entry by her own number rounded one way or the other: one step
more than it at most, which the sensitivities count.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from privacy.noise.family import Sensitivity
from privacy.noise.sampler import RandomBytes
from schemas.statistic import View

Role = Literal[
    "count", "outcome", "sum", "people", "known", "answered", "square", "margin", "moment",
    "cross",
]  # fmt: skip
Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

FINEST: Final = 20
"""Bits kept below a step, at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """One block of an ask before its multiplier is known.

    `lanes`: numbers for each cell of the view. `rho_share`: its part of the ask's price. One
    person, who is in one cell, adds a row with L1 norm at most `unit_d1`, squared L2 norm at
    most `unit_d2_squared` and entries at most `unit_entry`, in real units. `touched`: how many
    numbers she can change, if not all lanes.
    """

    role: Role
    view: View
    lanes: int
    rho_share: Fraction
    unit_d1: Fraction
    unit_d2_squared: Fraction
    unit_entry: Fraction
    touched: int | None = None

    @property
    def whole(self) -> bool:
        """Whether a person adds ones, so that a small multiplier loses nothing."""
        return self.role in ("count", "outcome", "people", "known", "answered")

    @property
    def steps(self) -> int:
        """Entries that rounding may move one step further."""
        if self.whole:
            return 0
        return self.lanes if self.touched is None else self.touched

    def moved(self, multiplier: int) -> Sensitivity:
        """The most that one person moves the integers, steps of rounding included.

        In L1: sum |x| + 1; in squared L2: sum (|x| + 1)^2 = sum x^2 + 2 sum |x| + entries.
        """
        d1, d2_squared = self.unit_d1 * multiplier, self.unit_d2_squared * multiplier**2
        if self.whole:
            return Sensitivity(d1, d2_squared)
        return Sensitivity(d1 + self.steps, d2_squared + 2 * d1 + self.steps)

    def entry(self, multiplier: int) -> int:
        """The most she moves one entry."""
        return math.ceil(self.unit_entry * multiplier)

    def fine_bits(self, multiplier: int) -> int:
        """Bits kept below a step: as many as leave squared norms of rows within 64 bits."""
        if self.whole:
            return 0
        used = math.floor(self.unit_d2_squared * multiplier**2).bit_length()
        return max(0, min(FINEST, (61 - used) // 2))


def one_hot(role: Role, view: View, lanes: int, rho_share: Fraction) -> Part:
    """Return the part in which each person adds 1 to one number of her cell."""
    one = Fraction(1)
    return Part(role, view, lanes, rho_share, one, one, one)


def hot(lane: Whole, lanes: int) -> Floats:
    """Return one-hot rows, shape (people, lanes)."""
    rows = np.zeros((len(lane), lanes))
    rows[np.arange(len(lane)), lane] = 1.0
    return rows


def whole_within(rows: Floats, part: Part, multiplier: int, bits: int = 0) -> Whole:
    """Return trunc(multiplier x rows x 2^bits) toward zero, each row held inside its bounds.

    Exact: the bounds are compared in integers. Float rounding may put a row an ulp too far, and
    then its largest entries give one step each; a row further out is shrunk first.
    """
    fine = multiplier << bits
    entry = math.floor(part.unit_entry * fine)
    whole = np.clip(np.trunc(rows * fine), -entry, entry).astype(np.int64)
    whole = _held(whole, 1, math.floor(part.unit_d1 * fine))
    return _held(whole, 2, math.floor(part.unit_d2_squared * fine**2))


def rounded(sums: Whole, bits: int, fresh: RandomBytes | None) -> Whole:
    """Return sums x 2^-bits in whole steps: up with the chance that their fraction says.

    Without random bytes, to the nearest: for sums of which only the size matters.
    """
    if bits == 0:
        return sums
    if fresh is None:
        return (sums + (1 << (bits - 1))) >> bits
    chance = np.frombuffer(fresh(8 * sums.size), dtype="<u8").astype(np.uint64)
    below = (chance & np.uint64((1 << bits) - 1)).astype(np.int64)
    return (sums + below.reshape(sums.shape)) >> bits


def _held(whole: Whole, power: int, most: int) -> Whole:
    """Hold sum |entry|^power of each row at `most`."""
    sizes = (np.abs(whole) ** power).sum(axis=1)
    for place in np.flatnonzero(sizes > most):
        factor = (most / int(sizes[place])) ** (1 / power)
        row = whole[place]
        if factor < 1 - 1e-9:
            row = np.trunc(row * factor).astype(np.int64)
        while int((np.abs(row) ** power).sum()) > most:
            largest = int(np.argmax(np.abs(row)))
            row[largest] -= np.sign(row[largest])
        whole[place] = row
    return whole
