"""Choices: each person adds 1 to her option, or to not answered, in her cell of every view."""

from collections.abc import Mapping

import numpy as np

from privacy.encode.parts import Floats, Part, Role, hot, one_hot
from privacy.people.outcomes import CHOICES
from privacy.people.population import Asked
from schemas.measures import Choice
from schemas.statistic import Statistic


def parts(statistic: Statistic) -> list[Part]:
    """One table for each view."""
    lanes = len(statistic.measured_by(Choice).options) + 1
    return [one_hot("outcome", v, lanes, statistic.share_of(v)) for v in statistic.views]


def rows(asked: Asked) -> Mapping[Role, Floats]:
    """The options in the order of the declaration, then not answered."""
    measure = asked.statistic.measured_by(Choice)
    lanes: dict[str | None, int] = {option: k for k, option in enumerate(measure.options)}
    silent = len(lanes)
    lanes[None] = silent
    chosen = [lanes[CHOICES[measure.of](record, asked.horizon)] for record in asked.records]
    return {"outcome": hot(np.array(chosen, dtype=np.int64), silent + 1)}
