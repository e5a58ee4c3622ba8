"""Inner cells: the nearest table without negative cells that keeps the published margins."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def nearest_margin(margin: Floats, total: float) -> Floats:
    """Return the nearest non-negative vector with this total (0 when it is negative).

    No table without negative cells could keep a negative margin; the others give way by the
    same amount, far less than their own noise. Source: Held, Wolfe, Crowder 1974.
    """
    if total <= 0 or not margin.size:
        return np.zeros_like(margin)
    ordered = np.sort(margin)[::-1]
    shifts = (np.cumsum(ordered) - total) / np.arange(1, len(ordered) + 1)
    last = np.flatnonzero(ordered > shifts)[-1]  # the largest entry always is
    nearest: Floats = np.clip(margin - shifts[last], 0.0, None)
    return nearest


def project(
    table: Floats, margins: list[Floats], held: Flags | None = None, *, rounds: int = 2_000
) -> Floats:
    """Return the nearest non-negative table with the given one-way margins.

    `margins[k]` has the length of axis k; none is negative and all have the same total. Cells
    that are `held` keep their value, and the others share what these leave of the margins:
    nothing, where they leave less than nothing.
    Source: Dykstra 1983 (corrections are needed for the non-negative cone alone).
    """
    free = np.ones(table.shape, dtype=np.bool_) if held is None else ~held
    kept = np.where(free, 0.0, table)
    left = [_left(kept, free, axis, margin) for axis, margin in enumerate(margins)]
    current, correction = np.where(free, table, 0.0), np.zeros(table.shape)
    for _ in range(rounds):
        for axis, margin in enumerate(left):
            current = _fit(current, free, axis, margin)
        positive = np.clip(current + correction, 0.0, None)
        correction = current + correction - positive
        done = np.abs(positive - current).max() < 1e-8
        current = positive
        if done:
            break
    found: Floats = kept + current
    return found


def _left(kept: Floats, free: Flags, axis: int, margin: Floats) -> Floats:
    """What held cells leave of a margin to the others, nowhere below 0."""
    others = _others(kept, axis)
    found, open_ = np.zeros_like(margin), free.any(axis=others)
    remaining = margin - kept.sum(axis=others)
    found[open_] = nearest_margin(remaining[open_], float(margin.sum() - kept.sum()))
    return found


def _fit(table: Floats, free: Flags, axis: int, margin: Floats) -> Floats:
    """The nearest table whose sums over all other axes are `margin`; only free cells move."""
    others = _others(table, axis)
    gap: Floats = (margin - table.sum(axis=others)) / np.maximum(free.sum(axis=others), 1)
    fitted: Floats = table + np.expand_dims(gap, others) * free
    return fitted


def _others(table: Floats, axis: int) -> tuple[int, ...]:
    return tuple(k for k in range(table.ndim) if k != axis)
