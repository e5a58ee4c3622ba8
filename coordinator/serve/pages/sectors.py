"""Which sectors, in which province?"""

from coordinator.serve.pages.matrix import Matrix, make_matrix
from coordinator.serve.pages.scene import Choice, Content, Scene
from coordinator.serve.pages.table import Named, Style, make_table
from coordinator.serve.words import labels
from coordinator.serve.words.ranks import rank_ranges
from coordinator.serve.words.reading import read
from privacy.encode.dimensions import categories
from schemas.release import Cell

ASK = "trajectories@start"


def build(scene: Scene) -> Content:
    """Counts by sector, for the region or one province, and the two together."""
    t = scene.t
    areas = (*labels.FLANDERS, labels.BRUSSELS)
    choices = (
        Choice("all", t("the whole region")),
        *(Choice(code, labels.area(code, t.language)) for code in areas),
    )
    chosen = scene.chosen(choices)
    within: Cell = () if chosen == "all" else (("nuts2", chosen),)
    named = [
        (code, labels.sector(code, t.language), one)
        for code, one in scene.along(ASK, "count", "sector_before", within)
    ]
    where = next(choice.label for choice in choices if choice.value == chosen)
    style = Style(
        t("Trajectories by sector before guidance, {where}, {period}", where=where,
          period=scene.period),
        t("Sector"), ranked=True,
    )  # fmt: skip
    total = ("", where[:1].upper() + where[1:], scene.estimate(ASK, "count", within))
    return Content(
        "sectors.html",
        t("Which sectors, in which province?"),
        _answer(scene, named),
        t("Fit for seeing which sectors guidance reaches, and where."),
        {
            "table": make_table(scene, style, named, total=total),
            "matrix": _matrix(scene, areas),
            "caption": t("Trajectories by sector and province, {period}", period=scene.period),
        },
        t("Where"),
        choices,
    )


def _answer(scene: Scene, named: list[Named]) -> str:
    known = [(label, one) for code, label, one in named if one and code != "unknown"]
    if not known:
        return scene.t("Too uncertain to show. Choose a larger area or a longer period.")
    ranges = rank_ranges([one for _, one in known])
    place = max(range(len(known)), key=lambda k: known[k][1].value)
    label, one = known[place]
    said = read(one, scene.t.language)
    words = {"sector": label, "value": said.value, "between": said.between}
    if ranges[place] == (1, 1):
        return scene.t("{sector} counts the most trajectories: {value} ({between}).", **words)
    return scene.t(
        "Which sector counts the most cannot be said; {sector} counts {value} ({between}).", **words
    )


def _matrix(scene: Scene, areas: tuple[str, ...]) -> Matrix:
    language = scene.t.language
    return make_matrix(
        [(code, labels.sector(code, language)) for code in categories("sector_before")],
        [(code, labels.area(code, language)) for code in areas],
        lambda sector, area: scene.estimate(
            ASK, "count", (("nuts2", area), ("sector_before", sector))
        ),
        language,
    )
