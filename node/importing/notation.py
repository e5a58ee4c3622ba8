"""How one column writes its values, where a value alone can be read in two ways.

The mapping file says it, or the whole column shows it; a single cell never decides.
"""

from dataclasses import dataclass
from typing import Literal

DateOrder = Literal["day-first", "month-first"]
DecimalMark = Literal[",", "."]


@dataclass(frozen=True, slots=True)
class Notation:
    """`dates`: what stands first in 04/05/2024. `decimal`: the mark before the decimals, where
    the other one groups thousands. `utc`: times stand in UTC. `scale`: lowest and highest score
    of the file, brought to the questionnaire's. `provinces`: the column holds provinces, so that
    Antwerpen is none of its cities."""

    dates: DateOrder = "day-first"
    decimal: DecimalMark | None = None
    utc: bool = False
    scale: tuple[int, int] | None = None
    provinces: bool = False


USUAL = Notation()
"""Of a column about which nothing else is said."""
