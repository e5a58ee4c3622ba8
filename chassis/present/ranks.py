"""Rank ranges: which places an area may hold, given its uncertainty.

Source: Mogstad, Romano, Shaikh, Wilhelm 2024 (Rev. Econ. Stud.), with Bonferroni's bound over
all pairs in place of their bootstrap: wider, and free of resampling.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

from chassis.present.estimates import Estimate


def rank_ranges(estimates: Sequence[Estimate]) -> list[tuple[int, int]]:
    """Return (best, worst) place of each, 1 is largest; all hold together in 95% of cases."""
    count = len(estimates)
    pairs = max(1, count * (count - 1) // 2)
    z = NormalDist().inv_cdf(1 - 0.025 / pairs)

    def above(one: Estimate, other: Estimate) -> bool:
        return one.value - other.value > z * math.hypot(one.se, other.se)

    return [
        (
            1 + sum(above(other, one) for other in estimates),
            count - sum(above(one, other) for other in estimates),
        )
        for one in estimates
    ]
