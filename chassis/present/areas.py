"""The map of Flanders: borders as SVG paths, classes that the figures can carry."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from chassis.present.axis import breaks
from chassis.present.estimates import Estimate

Level = Literal["nuts2", "nuts3"]
Point = tuple[float, float]

WIDTH = 720
_FOLDER = Path(__file__).parent / "geo"
_MOST_IN_DOUBT = 0.2
_LARGEST_DOT = 46.0
_NAMED_AT: Mapping[str, Point] = {"BE24": (492.8, 209.4)}
"""Brussels lies in the middle of Flemish Brabant: its name stands more to the east."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One area: its outline and where its name stands."""

    code: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shapes:
    """All areas of a level on one sheet of WIDTH by `height`."""

    height: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Coloured:
    """How each area is drawn: a class 0..2 and a dot's radius; neither when too uncertain.

    `dots`: classes would promise too much, for too many areas may stand in another one.
    """

    borders: tuple[float, float]
    classes: Mapping[str, int]
    radii: Mapping[str, float]
    dots: bool


@cache
def shapes(level: Level) -> Shapes:
    """Read and project the borders: equirectangular, true at the middle of the region."""
    source = json.loads((_FOLDER / f"{level}.geojson").read_text(encoding="utf-8"))
    rings = {feature["id"]: _rings(feature["geometry"]) for feature in source["features"]}
    points = [point for parts in rings.values() for ring in parts for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = WIDTH / (east - west)
    tall = scale / math.cos(math.radians((south + north) / 2))

    def project(point: Point) -> Point:
        return (point[0] - west) * scale, (north - point[1]) * tall

    drawn = {
        code: [[project(point) for point in ring] for ring in parts]
        for code, parts in rings.items()
    }
    return Shapes(
        math.ceil((north - south) * tall),
        tuple(_shape(code, drawn[code]) for code in sorted(drawn)),
    )


def coloured(estimates: Mapping[str, Estimate | None]) -> Coloured | None:
    """Choose classes, or dots; None when fewer than three areas can be shown."""
    known = {code: one for code, one in estimates.items() if one is not None}
    if len(known) < 3:
        return None
    borders = breaks([one.value for one in known.values()])
    classes = {code: _class(one.value, borders) for code, one in known.items()}
    doubt = sum(_class(one.lo, borders) != _class(one.hi, borders) for one in known.values())
    largest = max(one.value for one in known.values()) or 1.0  # all of them may be 0
    radii = {
        code: round(_LARGEST_DOT * math.sqrt(max(one.value, 0) / largest), 1)
        for code, one in known.items()
    }
    return Coloured(borders, classes, radii, dots=doubt > _MOST_IN_DOUBT * len(known))


def _class(value: float, borders: tuple[float, float]) -> int:
    return sum(value >= border for border in borders)


def _rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    """Rings of a Polygon or a MultiPolygon."""
    parts = geometry["coordinates"]
    if geometry["type"] == "MultiPolygon":
        parts = [ring for polygon in parts for ring in polygon]
    return [[(float(x), float(y)) for x, y in ring] for ring in parts]


def _shape(code: str, rings: Sequence[Sequence[Point]]) -> Shape:
    spelled = " ".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring[:-1]) + "Z" for ring in rings
    )
    _, *middle = max(_middle(ring) for ring in rings)
    x, y = _NAMED_AT.get(code, middle)
    return Shape(code, spelled, round(x, 1), round(y, 1))


def _middle(ring: Sequence[Point]) -> tuple[float, float, float]:
    """(area, x, y of the centroid) of a ring."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    return abs(area) / 2, x / (3 * area), y / (3 * area)
