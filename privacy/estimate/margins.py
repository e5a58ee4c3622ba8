"""Margins: tables measured apart become one consistent table by weighted least squares.

Within one ask each view carries noise of one variance, 1/w of that of a unit measurement. With A
the cells of all views as sums of the finest cells and W their weights, the estimate is
y -> A (A'WA)^+ A'W y; the noise of adjusted cells has covariance A (A'WA)^+ A'.
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
    """The projection onto consistent tables of one list of views, cells stacked in order.

    `covariance` is that of the adjusted cells' noise when a measurement of weight 1 has
    variance 1.
    """

    projector: Floats = field(repr=False)
    covariance: Floats = field(repr=False)

    def adjust(self, stacked: Floats) -> Floats:
        """Return consistent tables, shape (cells of all views, ...)."""
        return self.projector @ stacked

    @property
    def variance(self) -> Floats:
        """Variance of each adjusted cell, for measurements of weight 1 and variance 1."""
        return np.clip(np.diag(self.covariance), 0.0, None)


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


@lru_cache(maxsize=64)
def margins(views: tuple[View, ...], weights: tuple[float, ...] | None = None) -> Margins:
    """Return the projection for a list of views, each measured with its weight (else 1).

    Computed once for each list; about a second for 1,500 cells.
    """
    finest = _finest(views)
    designs = [_design(view, finest) for view in views]
    each = np.ones(len(views)) if weights is None else np.asarray(weights)
    roots = np.sqrt(np.repeat(each, [len(design) for design in designs]))[:, None]
    left, singular, _ = np.linalg.svd(np.vstack(designs) * roots, full_matrices=False)
    basis = left[:, singular > singular[0] * 1e-9]
    scaled = basis / roots
    return Margins(scaled @ (basis * roots).T, scaled @ scaled.T)
