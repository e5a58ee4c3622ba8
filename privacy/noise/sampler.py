"""Drawing from a cumulative table with operating-system randomness."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from privacy.noise.cumulative import GUIDE_BITS, CumulativeTable

RandomBytes = Callable[[int], bytes]


def _words(count: int, random_bytes: RandomBytes) -> NDArray[np.uint64]:
    return np.frombuffer(random_bytes(8 * count), dtype="<u8").astype(np.uint64)


def draw(table: CumulativeTable, size: int, random_bytes: RandomBytes) -> NDArray[np.int64]:
    """Return `size` independent draws, int64.

    A draw u of 128 uniform bits gives the number of cumulative values <= u. The first 64 bits
    decide unless they equal the high half of some value (chance about atoms x 2^-64); only
    then 64 more are drawn.
    """
    high = _words(size, random_bytes)
    places = _places(table, high)
    tied = np.flatnonzero(table.high[np.maximum(places, 1) - 1] == high)
    for at in tied:
        places[at] = _settle(table, high[at], _words(1, random_bytes)[0])
    return table.first + np.minimum(places, table.atoms - 1)


def _places(table: CumulativeTable, high: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many high halves are <= each word. Nearly all are found in the guide; a search of the
    whole table would take most of the time of a contribution."""
    places: NDArray[np.int64] = table.guide[high >> np.uint64(64 - GUIDE_BITS)].astype(np.int64)
    searched = np.flatnonzero(places < 0)
    places[searched] = np.searchsorted(table.high, high[searched], side="right")
    return places


def _settle(table: CumulativeTable, high: np.uint64, low: np.uint64) -> int:
    start = int(np.searchsorted(table.high, high, side="left"))
    end = int(np.searchsorted(table.high, high, side="right"))
    return start + int(np.count_nonzero(table.low[start:end] <= low))


def distance_bound(table: CumulativeTable) -> float:
    """Bound on the statistical distance of one draw to the ideal: (atoms + 1) 2^-128."""
    return float((table.atoms + 1) * 2.0**-128)
