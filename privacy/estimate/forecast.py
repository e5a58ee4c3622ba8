"""What a round will be able to tell, before anything is spent: errors follow from the layout."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.estimate.tables import cell_variance, roles_of
from privacy.measures.parts import Role
from schemas.programme import Ask
from schemas.statistic import View

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """The noise of one table after adjustment, in people, points or squared points."""

    ask: Ask
    role: Role
    view: View
    noise_se: Floats = field(repr=False)

    @property
    def worst(self) -> float:
        """The largest SE of its cells."""
        return float(self.noise_se.max())


def predict(layout: Layout, *, contributors: int, honest: int) -> tuple[Expected, ...]:
    """Return the noise of every table, for so many centres in the sum and honest shares.

    It does not depend on any data: anyone can know it beforehand.
    """
    noise = layout.variance_of_sum(contributors=contributors, honest=honest)
    found: list[Expected] = []
    for ask in layout.asks:
        for role, blocks in roles_of(layout, ask).items():
            se = np.sqrt(cell_variance(blocks, noise))
            start = int(() not in [block.part.view for block in blocks])
            if start:
                found.append(Expected(ask, role, (), se[:1]))
            for block in blocks:
                cells = se[start : start + block.cells]
                found.append(Expected(ask, role, block.part.view, cells))
                start += block.cells
    return tuple(found)
