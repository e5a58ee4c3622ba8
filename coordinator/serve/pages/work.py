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
    key, also = f"durable_match@{horizon}", f"employment@{horizon}"
    national = scene.estimate(key, "share")
    lasting = t("Lasting work by {dimension}, start of guidance in {period}")
    at_work = t("At work by {dimension}, start of guidance in {period}")
    others = _tables(scene, also, at_work) if scene.asked(also) else []
    parts = {
        "both": _both(scene, national, scene.estimate(also, "share")) if others else None,
        "tables": [*_tables(scene, key, lasting), *others],
        "comparison": _comparison(scene, key),
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
        ("durable_match", "employment") if others else ("durable_match",),
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


def _both(scene: Scene, lasting: Estimate | None, at_work: Estimate | None) -> Table:
    """Lasting work beside work of any kind, in the whole region."""
    t = scene.t
    caption = t("Lasting work and all work, start of guidance in {period}", period=scene.period)
    lines = [("lasting", t("Lasting work"), lasting), ("at_work", t("At work"), at_work)]
    return make_table(scene, Style(caption, t("Whole region"), zero=False), lines)


def _tables(scene: Scene, key: str, caption: str) -> list[Table]:
    """A share by province and by sector."""
    t, national = scene.t, scene.estimate(key, "share")
    places, sectors = _along(scene, key, "nuts2"), _along(scene, key, "sector_before")
    return [
        _table(scene, national, labels.seen_and_not(places), (caption, t("Province"))),
        _table(scene, national, (sectors, []), (caption, t("Sector"))),
    ]


def _table(
    scene: Scene,
    national: Estimate | None,
    named: tuple[list[Named], list[str]],
    titles: tuple[str, str],
) -> Table:
    """`named`: the rows, and the names that have none; `titles`: the caption, which names the
    dimension and the period, and the dimension."""
    t, (caption, heading), (seen, outside) = scene.t, titles, named
    style = Style(
        caption.format(dimension=heading.lower(), period=scene.period),
        heading, zero=False, ranked=True,
    )  # fmt: skip
    total = ("", t("Whole region"), national)
    return make_table(scene, style, seen, total=total, unseen=outside)


def _comparison(scene: Scene, key: str) -> str:
    """The two largest provinces set side by side: we compare, not the reader."""
    places = _along(scene, key, "nuts2")
    known = [(label, one) for code, label, one in places if one and code in labels.FLANDERS]
    if len(known) < 2:
        return ""
    (first, one), (second, other) = sorted(known, key=lambda pair: pair[1].half_width)[:2]
    return compared((first, second), (one, other), scene.resolution(key), scene.t)
