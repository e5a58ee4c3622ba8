"""Parts: the tables of numbers that a measure puts into the vector, and what bounds one person.

A measure says what one person adds in real units (a 1 in a one-hot, points, squared points).
`whole_within` makes integers of that and holds them inside the part's declared bounds, so that
no measure, whatever it computes, can move the vector further than was paid for.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from schemas.statistic import View

Role = Literal[
    "count", "outcome", "sum", "answered", "square", "margin", "moment", "cross",
]  # fmt: skip
Whole = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One block of an ask before its multiplier is known.

    `lanes`: numbers for each cell of the view. `rho_share`: its part of the ask's price. One
    person, who is in one cell, adds a row with L1 norm at most `unit_d1`, squared L2 norm at
    most `unit_d2_squared` and entries at most `unit_entry`, in real units.
    """

    role: Role
    view: View
    lanes: int
    rho_share: Fraction
    unit_d1: Fraction
    unit_d2_squared: Fraction
    unit_entry: Fraction

    @property
    def whole(self) -> bool:
        """Whether a person adds ones, so that a small multiplier loses nothing."""
        return self.role in ("count", "outcome", "answered")


def one_hot(role: Role, view: View, lanes: int, rho_share: Fraction) -> Part:
    """Return the part in which each person adds 1 to one number of her cell."""
    one = Fraction(1)
    return Part(role, view, lanes, rho_share, one, one, one)


def hot(lane: Whole, lanes: int) -> Floats:
    """Return one-hot rows, shape (people, lanes)."""
    rows = np.zeros((len(lane), lanes))
    rows[np.arange(len(lane)), lane] = 1.0
    return rows


def whole_within(rows: Floats, part: Part, multiplier: int) -> Whole:
    """Return trunc(multiplier x rows) toward zero, each row held inside the part's bounds.

    Exact: the bounds are compared in integers. Float rounding may put a row an ulp too far, and
    then its largest entries give one step each; a row further out is shrunk first.
    """
    entry = math.floor(part.unit_entry * multiplier)
    whole = np.clip(np.trunc(rows * multiplier), -entry, entry).astype(np.int64)
    whole = _held(whole, 1, math.floor(part.unit_d1 * multiplier))
    return _held(whole, 2, math.floor(part.unit_d2_squared * multiplier**2))


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
