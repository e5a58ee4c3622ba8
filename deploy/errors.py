"""How far off a programme's figures will be: synthetic clients, the real encoders and estimators.

Noise does not depend on data, but what it does to a ratio, a quantile or a coefficient depends on
how many people stand behind it. So the sum of the demo's clients, brought to the size of a
deployment and without any noise, goes through the code that makes every release: the errors it
states there are those that are to be expected, from the same variances that an announcement of a
round is made of.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.secure_sum.parameters import Policy, parameters_of
from schemas.programme import Programme
from schemas.release import Band, Figure
from schemas.roster import Centre, Roster
from schemas.round import Parameters
from schemas.units import UnixSeconds

_Row = tuple[str, str, str]
Place = Literal["national", "province", "sector", "other"]
PLACES: tuple[Place, ...] = ("national", "province", "sector", "other")
PEOPLE, SEED = 5_000, 2024
CLIENTS_OF_A_CENTRE = 60
"""As many clients a year as 250 Flemish centres have on average."""

_BANDS: tuple[Band, ...] = ("A", "B", "C", "D", "F")
_APART = frozenset({"survival", "quantile", "coefficient", "ratio"})
"""Measures whose variables are not alike: a row for each."""

_LEFT_OUT = frozenset({"answered", "sd", "bound_lo", "bound_hi"})


@dataclass(frozen=True, slots=True)
class Deployment:
    """So many centres of one organisation each, all present, and their clients of a year."""

    centres: int
    clients: int

    @property
    def honest(self) -> int:
        """Centres whose shares are the whole noise once excess noise is off: all came."""
        return self.limits.honest_in(self.centres)

    @property
    def limits(self) -> Parameters:
        """The floor, and how many centres' noise is counted on there. Raises BadRoster."""
        centres = tuple(
            Centre(
                id=k, name=f"{k}", key=f"{k:064x}", organisation=f"{k}", recognised_number=f"{k}"
            )
            for k in range(1, self.centres + 1)
        )
        roster = Roster(
            epoch=1, previous=None, seed="00" * 32, coordinator="00" * 32, centres=centres,
            valid_from=UnixSeconds(0), valid_until=UnixSeconds(1),
        )  # fmt: skip
        return parameters_of(roster, self.centres, Policy())


@dataclass(frozen=True, slots=True)
class Error:
    """What is typical of the cells of one place: half of the 95% noise interval, and the band.

    The median over cells that hold people; of several variables the one that is told worst,
    unless it is named. `half_width` is in the unit of the figure, None where most are too
    uncertain to have one. `readable` of the `cells` have a band other than F.
    """

    ask: str
    measure: str
    variable: str
    place: Place
    half_width: float | None
    band: Band
    cells: int
    readable: int


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A programme and the noiseless sum of its synthetic clients."""

    programme: Programme
    layout: Layout = field(repr=False)
    total: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, programme: Programme) -> "Foreseen":
        """Encode the clients once; sums of any size follow from that."""
        from deploy.demo.clients import generate
        from deploy.demo.records import records
        from deploy.demo.truth import counted
        from deploy.demo.unasked import filled

        layout = make_layout(programme, [ask.key for ask in programme.asks])
        people = filled(records(counted(generate(SEED, PEOPLE))), SEED)
        return cls(programme, layout, encode(people, layout, programme))

    def sum_of(self, clients: int) -> NDArray[np.int64]:
        """The sum of so many clients who are spread alike."""
        scaled: NDArray[np.int64] = np.rint(self.total * (clients / PEOPLE)).astype(np.int64)
        return scaled

    def figures(self, deployment: Deployment) -> tuple[Figure, ...]:
        """Every figure of the exact sum, with the errors that noise would give it."""
        return estimate(
            self.sum_of(deployment.clients), self.layout,
            contributors=deployment.centres, honest=deployment.honest,
        )  # fmt: skip

    def errors(self, deployment: Deployment) -> tuple[Error, ...]:
        """In the order of the figures, each with its places in the order of `PLACES`."""
        groups: dict[_Row, dict[Place, dict[str, list[Figure]]]] = {}
        for figure in self.figures(deployment):
            place = _place(figure)
            if place is not None:
                name = figure.variable if figure.measure in _APART else ""
                row = groups.setdefault((figure.statistic, figure.measure, name), {})
                row.setdefault(place, {}).setdefault(figure.variable, []).append(figure)
        return tuple(
            _typical(row, place, places[place].values())
            for row, places in groups.items()
            for place in PLACES
            if place in places
        )


def _place(figure: Figure) -> Place | None:
    """Where a figure belongs; None for what is not shown and for cells without people."""
    nobody = figure.n is not None and figure.n < 1
    nobody |= figure.measure == "count" and (figure.unadjusted or 0.0) < 1
    if figure.measure in _LEFT_OUT or nobody or "unknown" in dict(figure.cell).values():
        return None
    names = [dimension for dimension, _ in figure.cell]
    if not names:
        return "national"
    if len(names) > 1:
        return "other"
    if names[0] == "nuts2":
        return "province"
    return "sector" if names[0].startswith("sector_") else "other"


def _typical(row: _Row, place: Place, by_variable: Iterable[Sequence[Figure]]) -> Error:
    found = [(_middle_width(cells), _middle_band(cells), cells) for cells in by_variable]
    width, band, cells = max(found, key=lambda one: (_BANDS.index(one[1]), one[0]))
    readable = sum(figure.band != "F" for figure in cells)
    known = None if width == math.inf else width
    return Error(*row, place, known, band, len(cells), readable)


def _middle_width(cells: Sequence[Figure]) -> float:
    """Infinite where most cells have no interval."""
    widths = (
        math.inf if f.noise_lo is None or f.noise_hi is None else (f.noise_hi - f.noise_lo) / 2
        for f in cells
    )
    return statistics.median_high(widths)


def _middle_band(cells: Sequence[Figure]) -> Band:
    return _BANDS[statistics.median_high(_BANDS.index(figure.band) for figure in cells)]
