"""What a measure adds for a few people, and the parts it declares; for tests of encoders."""

from collections.abc import Mapping
from typing import Any

from encode_people import declared

from privacy.measures.kinds import MEASURES
from privacy.measures.parts import Floats, Part, Role
from privacy.people.population import Asked
from schemas.questionnaire import built_in
from schemas.record import Trajectory
from schemas.statistic import Horizon, Statistic

GENDER = ((), ("gender",))


def rows(
    measure: Any, *people: Trajectory, horizon: Horizon = "12m", **fields: Any
) -> Mapping[Role, Floats]:
    statistic: Statistic = declared("asked", measure, **{"horizons": (horizon,), **fields})
    asked = Asked(people, statistic, horizon, {"werkgeluk-1": built_in()})
    return MEASURES[measure.kind].rows(asked)


def parts(measure: Any, **fields: Any) -> list[Part]:
    statistic: Statistic = declared("asked", measure, **{"views": GENDER, **fields})
    return MEASURES[measure.kind].parts(statistic)
