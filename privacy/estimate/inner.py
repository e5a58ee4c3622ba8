"""Inner cells: the nearest table without negative cells that keeps the published margins."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _fit(table: Floats, axis: int, margin: Floats) -> Floats:
    """The nearest table whose sums over all other axes are `margin`."""
    others = tuple(k for k in range(table.ndim) if k != axis)
    shape = [1] * table.ndim
    shape[axis] = -1
    size = table.size // table.shape[axis]
    gap: Floats = (margin - table.sum(axis=others)) / size
    fitted: Floats = table + gap.reshape(shape)
    return fitted


def project(table: Floats, margins: list[Floats], *, rounds: int = 400) -> Floats:
    """Return a non-negative table near `table` with the given one-way margins.

    `margins[k]` has the length of axis k. A negative margin counts as 0 and the others are
    scaled to the same total, for no non-negative table could keep it. Source: Dykstra 1983,
    alternating projections with corrections.
    """
    held = [np.clip(margin, 0.0, None) for margin in margins]
    total = float(np.mean([margin.sum() for margin in held]))
    held = [m * (total / m.sum()) if m.sum() > 0 else m for m in held]
    current, correction = table.astype(np.float64), np.zeros_like(table, dtype=np.float64)
    for _ in range(rounds):
        for axis, margin in enumerate(held):
            current = _fit(current, axis, margin)
        positive = np.clip(current + correction, 0.0, None)
        correction = current + correction - positive
        done = np.abs(positive - current).max() < 1e-6
        current = positive
        if done:
            break
    return current
