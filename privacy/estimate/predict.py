"""What a round will be able to tell, before anything is spent: errors follow from the layout."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.encode.parts import Role
from privacy.estimate.reach import Z95
from privacy.estimate.tables import cell_variance, roles_of
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


def half_width_of_mean(
    sums: Expected, counts: Expected, *, people: float, beyond: float, sd: float
) -> float:
    """Half of the 95% interval (noise and sampling) of a mean over so many people.

    `beyond`: how far the mean lies from its centre; `sd`: of one person's value.
    """
    noise = math.hypot(sums.worst, beyond * counts.worst) / people
    return Z95 * math.hypot(noise, sd / math.sqrt(people))


def half_width_of_share(outcomes: Expected, *, people: float, share: float) -> float:
    """Half of the 95% interval (noise and sampling) of a share of so many people."""
    noise = outcomes.worst * math.hypot(share, 1 - share) / people
    return Z95 * math.hypot(noise, math.sqrt(share * (1 - share) / people))
