"""Inner cells: the nearest table without negative cells that keeps the published margins."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def nearest_margin(margin: Floats, total: float) -> Floats:
    """Return the nearest non-negative vector with this total (0 when it is negative).

    No table without negative cells could keep a negative margin; the others give way by the
    same amount, far less than their own noise. Source: Held, Wolfe, Crowder 1974.
    """
    if total <= 0:
        return np.zeros_like(margin)
    ordered = np.sort(margin)[::-1]
    shifts = (np.cumsum(ordered) - total) / np.arange(1, len(ordered) + 1)
    last = np.flatnonzero(ordered > shifts)[-1]  # the largest entry always is
    nearest: Floats = np.clip(margin - shifts[last], 0.0, None)
    return nearest


def _fit(table: Floats, axis: int, margin: Floats) -> Floats:
    """The nearest table whose sums over all other axes are `margin`."""
    others = tuple(k for k in range(table.ndim) if k != axis)
    shape = [1] * table.ndim
    shape[axis] = -1
    size = table.size // table.shape[axis]
    gap: Floats = (margin - table.sum(axis=others)) / size
    fitted: Floats = table + gap.reshape(shape)
    return fitted


def project(table: Floats, margins: list[Floats], *, rounds: int = 2_000) -> Floats:
    """Return the nearest non-negative table with the given one-way margins.

    `margins[k]` has the length of axis k; none is negative and all have the same total.
    Source: Dykstra 1983 (corrections are needed for the non-negative cone alone).
    """
    current, correction = table.astype(np.float64), np.zeros_like(table, dtype=np.float64)
    for _ in range(rounds):
        for axis, margin in enumerate(margins):
            current = _fit(current, axis, margin)
        positive = np.clip(current + correction, 0.0, None)
        correction = current + correction - positive
        done = np.abs(positive - current).max() < 1e-8
        current = positive
        if done:
            break
    return current
