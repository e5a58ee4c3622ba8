"""What the tests of means ask of a crowd, and the same crowd as a table for pandas."""

from typing import Any

import pandas as pd

from schemas.record import Trajectory
from schemas.statistic import Statistic

SIZES = (200, 1_000, 5_000, 15_000)
BY_GROUP = ((), ("gender",), ("education",))


def asked(module: Any, views: tuple[Any, ...] = BY_GROUP) -> Statistic:
    """The declaration at 12 months, in fewer and smaller tables."""
    return module.STATISTIC.model_copy(update={"views": views, "horizons": ("12m",)})


def frame_of(crowd: list[Trajectory]) -> pd.DataFrame:
    """The columns of a crowd that pandas groups by and adds up."""
    names = ("gender", "education", "price_public", "price_client", "price_employer")
    return pd.DataFrame({name: [getattr(p, name) for p in crowd] for name in names})
