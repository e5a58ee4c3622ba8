"""Margins: tables measured apart become one consistent table by least squares.

Within one ask all views carry noise of the same variance, so the projection depends on the
views alone: y -> A (A'A)^+ A' y, with A the cells of all views as sums of the finest cells.
Its diagonal gives the variance of each cell after adjustment.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from privacy.encode.dimensions import GEOGRAPHY, categories, within
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """The projection onto consistent tables of one list of views, cells stacked in order."""

    projector: Floats = field(repr=False)

    def adjust(self, stacked: Floats) -> Floats:
        """Return consistent tables, shape (cells of all views, ...)."""
        return self.projector @ stacked

    @property
    def variance(self) -> Floats:
        """Variance of each adjusted cell, for measurements of variance 1."""
        return np.clip(np.diag(self.projector), 0.0, None)


def _finest(views: tuple[View, ...]) -> tuple[TableDimension, ...]:
    """Dimensions of the finest table: every dimension, geography at its finest level only."""
    names = {dimension for view in views for dimension in view}
    levels = sorted(names & set(GEOGRAPHY))
    return tuple(sorted(names - set(levels[:-1])))


def _membership(coarse: TableDimension, fine: TableDimension) -> Floats:
    """Matrix (categories of coarse, categories of fine): 1 where fine lies in coarse."""
    inside = within(coarse, fine)
    matrix = np.zeros((len(categories(coarse)), len(inside)))
    matrix[list(inside), np.arange(len(inside))] = 1
    return matrix


def _design(view: View, finest: tuple[TableDimension, ...]) -> Floats:
    """Matrix (cells of the view, finest cells); the view's order of dimensions decides rows."""
    matrix: Floats = np.ones((1, 1))
    order: list[TableDimension] = []
    for fine in finest:
        family = set(GEOGRAPHY) if fine in GEOGRAPHY else {fine}
        used = [dimension for dimension in view if dimension in family]
        columns = len(categories(fine))
        factor = _membership(used[0], fine) if used else np.ones((1, columns))
        matrix = np.asarray(np.kron(matrix, factor), dtype=np.float64)
        order += used
    return _reorder(matrix, tuple(order), view)


def _reorder(matrix: Floats, order: tuple[TableDimension, ...], view: View) -> Floats:
    if order == view:
        return matrix
    shape = [len(categories(dimension)) for dimension in order]
    rows = np.arange(matrix.shape[0]).reshape(shape)
    return matrix[rows.transpose([order.index(dimension) for dimension in view]).ravel()]


@lru_cache(maxsize=16)
def margins(views: tuple[View, ...]) -> Margins:
    """Return the projection for a list of views (computed once; about a second for 1,500)."""
    finest = _finest(views)
    design = np.vstack([_design(view, finest) for view in views])
    left, singular, _ = np.linalg.svd(design, full_matrices=False)
    basis = left[:, singular > singular[0] * 1e-9]
    return Margins(basis @ basis.T)
