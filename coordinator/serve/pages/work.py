"""Does work last after guidance?"""

from coordinator.serve.pages.scene import Choice, Content, Scene
from coordinator.serve.pages.table import Named, Style, Table, make_table
from coordinator.serve.words import labels
from coordinator.serve.words.reading import Estimate, percent, read
from coordinator.serve.words.sentences import compared
from schemas.statistic import TableDimension


def build(scene: Scene) -> Content:
    """Durable match by province and sector, 6 or 12 months after the end."""
    t = scene.t
    choices = (
        Choice("12m", t("12 months after the end")),
        Choice("6m", t("6 months after the end")),
    )
    horizon = scene.chosen(choices)
    key = f"durable_match@{horizon}"
    national = scene.estimate(key, "share")
    places = _along(scene, key, "nuts2")
    parts = {
        "tables": [
            _table(scene, national, places, t("Province")),
            _table(scene, national, _along(scene, key, "sector_before"), t("Sector")),
        ],
        "comparison": _comparison(scene, places),
        "response": national and national.response and percent(national.response, t.language),
    }
    return Content(
        "work.html",
        t("Does work last after guidance?"),
        answer(scene, horizon, national),
        t("Fit for following lasting work by province and sector."),
        parts,
        t("Show"),
        choices,
    )


def answer(scene: Scene, horizon: str, national: Estimate | None) -> str:
    """Say which share had lasting work."""
    if national is None:
        return scene.t("Too uncertain to show. Choose a larger area or a longer period.")
    said = read(national, scene.t.language)
    return scene.t(
        "Of those who completed and whose situation is known, an estimated {value} had lasting "
        "work after {months} months ({between}).",
        value=said.value, between=said.between, months=horizon.removesuffix("m"),
    )  # fmt: skip


def _along(scene: Scene, key: str, dimension: TableDimension) -> list[Named]:
    name = labels.area if dimension == "nuts2" else labels.sector
    return [
        (code, name(code, scene.t.language), one)
        for code, one in scene.along(key, "share", dimension)
    ]


def _table(scene: Scene, national: Estimate | None, named: list[Named], heading: str) -> Table:
    t = scene.t
    outside = [label for code, label, one in named if code.startswith("BE3") and one is None]
    style = Style(
        t("Lasting work by {dimension}, start of guidance in {period}", dimension=heading.lower(),
          period=scene.period),
        heading, zero=False, ranked=True,
    )  # fmt: skip
    seen = [one for one in named if one[1] not in outside]
    total = ("", t("Whole region"), national)
    return make_table(scene, style, seen, total=total, unseen=outside)


def _comparison(scene: Scene, places: list[Named]) -> str:
    """The two largest provinces set side by side: we compare, not the reader."""
    known = [(label, one) for code, label, one in places if one and code in labels.FLANDERS]
    if len(known) < 2:
        return ""
    (first, one), (second, other) = sorted(known, key=lambda pair: pair[1].half_width)[:2]
    return compared((first, second), (one, other), scene.t)
