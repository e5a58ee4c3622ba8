"""Where is guidance taken?"""

from dataclasses import dataclass
from typing import cast

from chassis.present import labels
from chassis.present.areas import WIDTH, Coloured, Level, Shape, coloured, shapes
from chassis.present.estimates import Estimate, Reading, read
from chassis.present.numbers import number
from chassis.present.sentences import estimated, most_of_all
from chassis.present.table import Style, make_table
from coordinator.web.public.pages.context import Choice, Content, PageContext

TERM = "trajectories"
ASK = f"{TERM}@start"


@dataclass(frozen=True, slots=True)
class Drawn:
    """An area on the map with its words; `reading` is None when it is too uncertain."""

    shape: Shape
    name: str
    short: str
    reading: Reading | None
    shade: str
    radius: float


@dataclass(frozen=True, slots=True)
class Map:
    """The map and its legend, low to high."""

    width: int
    height: int
    areas: tuple[Drawn, ...]
    legend: tuple[str, ...]
    dots: bool
    unknown: bool
    caption: str


def build(context: PageContext) -> Content:
    """Counts by province or arrondissement, on a map and in a table."""
    t = context.t
    choices = (Choice("nuts2", t("provinces")), Choice("nuts3", t("arrondissements")))
    level = cast(Level, context.chosen(choices))
    everywhere = list(context.along(ASK, "count", level))
    named, unseen = labels.seen_and_not(
        [(code, labels.area(code, t.language), one) for code, one in everywhere]
    )
    style = Style(
        t("Trajectories by residence of the client, {period}", period=context.period),
        t("Residence"), ranked=True,
    )  # fmt: skip
    national = context.estimate(ASK, "count")
    inside = [one for one in named if labels.in_view(one[0])]
    return Content(
        "places.html",
        t("Where is guidance taken?"),
        f"{_started(context, national)} {most_of_all(inside, t)}",
        t("Fit for comparing areas by the number of people who start."),
        {
            "map": draw(context, level, dict(everywhere)),
            "table": make_table(
                context.t, style, named, total=("", t("Whole region"), national), unseen=unseen
            ),
        },
        t("Show"),
        choices,
        (TERM,),
    )


def _started(context: PageContext, national: Estimate | None) -> str:
    if national is None:
        return estimated(national, context.t)
    said = read(national, context.t.language)
    return context.t(
        "An estimated {value} people started a trajectory in {period} ({between}).",
        value=said.value, between=said.between, period=context.period,
    )  # fmt: skip


def draw(context: PageContext, level: Level, estimates: dict[str, Estimate | None]) -> Map | None:
    """Return the map of a level; None when fewer than three areas can be shown."""
    outlines = shapes(level)
    here = {shape.code: estimates.get(shape.code) for shape in outlines.shapes}
    colours = coloured(here)
    if colours is None:
        return None
    language = context.t.language
    areas = []
    for shape in outlines.shapes:
        one = here[shape.code]
        kind = "unsure" if one is None else f"class{colours.classes[shape.code]}"
        areas.append(
            Drawn(
                shape, labels.area(shape.code, language), labels.short_area(shape.code),
                read(one, language) if one else None, kind, colours.radii.get(shape.code, 0.0),
            )
        )  # fmt: skip
    caption = context.t("Trajectories by residence of the client, {period}", period=context.period)
    unknown = None in here.values()
    legend = _legend(context, colours)
    return Map(WIDTH, outlines.height, tuple(areas), legend, colours.dots, unknown, caption)


def _legend(context: PageContext, colours: Coloured) -> tuple[str, ...]:
    low, high = (number(border, 0, context.t.language) for border in colours.borders)
    return (
        context.t("fewer than {n}", n=low),
        context.t("{lo} to {hi}", lo=low, hi=high),
        context.t("{n} or more", n=high),
    )
