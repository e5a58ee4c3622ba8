"""What a round will be able to tell, and its cost, shown before anybody spends budget."""

from dataclasses import dataclass, field
from typing import Any, Literal

from coordinator.store.database import Connection
from coordinator.store.signed_documents import of_round
from privacy.encode.layout import Layout, make_layout
from privacy.estimate.forecast import predict
from privacy.inference.reach import Z95
from privacy.measures.parts import Role
from privacy.measures.split import Use, uses_of
from privacy.secure_sum.parameters import FAILING, chance_of_abort
from schemas.programme import Ask
from schemas.round import Announcement
from schemas.statistic import View

_TELLING: tuple[Role, ...] = ("count", "outcome", "sum")
_PEOPLE = 1_000
"""Means and shares are told for so many people who answered: their real number is not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """Half-widths of 95% noise intervals of one ask, by view.

    In people for counts; per 1,000 answering people, in percentage points for shares and in
    points for means.
    """

    ask: str
    unit: Literal["people", "percentage points per 1,000", "points per 1,000"]
    half_widths: dict[str, float]
    uses: dict[Use, float] = field(default_factory=dict)
    """Percentages of its price, largest first."""

    @property
    def national(self) -> str:
        """For people."""
        return f"{self.half_widths['national']:.3g} {self.unit}"

    @property
    def region(self) -> str:
        """The coarsest view by region, or the worst view where there is none."""
        by_region = [width for view, width in self.half_widths.items() if view.startswith("nuts")]
        return f"{by_region[0] if by_region else max(self.half_widths.values()):.3g} {self.unit}"

    @property
    def facts(self) -> dict[str, Any]:
        """For machines."""
        return {
            "ask": self.ask, "unit": self.unit, "half_widths": self.half_widths,
            "uses": self.uses,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected errors when every centre takes part, the price in micro-rho, and the risk.

    `share` and `abort` are percentages: of the yearly budget, and the chance that so many of
    the centres that got ready fail that the floor is missed.
    """

    rows: tuple[Row, ...]
    cost: int
    share: str
    floor: int
    abort: str


def forecast(connection: Connection, announcement: Announcement) -> Forecast:
    """Compute it; no data are needed for it."""
    here = of_round(connection, announcement.roster, announcement.programme)
    layout = make_layout(here.programme, announcement.asks)
    everybody = len(here.roster.ids)
    limits = here.limits(everybody)
    rows = tuple(_rows(layout, everybody, limits.honest_in(everybody)))
    share = f"{100 * layout.declared / here.programme.budget:.1f}"
    abort = f"{100 * float(chance_of_abort(everybody, limits.floor, FAILING)):.2g}"
    return Forecast(rows, layout.declared, share, limits.floor, abort)


def _rows(layout: Layout, contributors: int, honest: int) -> list[Row]:
    found: dict[str, Row] = {}
    for expected in predict(layout, contributors=contributors, honest=honest):
        if expected.role not in _TELLING:
            continue
        half = Z95 * expected.worst
        key = expected.ask.key
        uses = _uses(layout, expected.ask)
        match expected.role:
            case "count":
                row = Row(key, "people", {}, uses)
            case "outcome":
                row = Row(key, "percentage points per 1,000", {}, uses)
                half = 100 * half / _PEOPLE
            case _:
                row, half = Row(key, "points per 1,000", {}, uses), half / _PEOPLE
        found.setdefault(key, row).half_widths[_name(expected.view)] = round(half, 4)
    return list(found.values())


def _uses(layout: Layout, ask: Ask) -> dict[Use, float]:
    found = uses_of(block.part for block in layout.blocks_of(ask))
    return {use: round(100 * float(share), 1) for use, share in found.items()}


def _name(view: View) -> str:
    return " x ".join(view) or "national"
