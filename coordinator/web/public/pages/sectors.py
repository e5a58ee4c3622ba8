"""Which sectors, in which province?"""

from chassis.present import labels
from chassis.present.matrix import Matrix, make_matrix
from chassis.present.sentences import most_of_all
from chassis.present.table import Style, make_table
from coordinator.web.public.pages.context import Choice, Content, PageContext
from privacy.people.dimensions import categories
from schemas.codes import UNKNOWN
from schemas.release import Cell

TERM = "trajectories"
ASK = f"{TERM}@start"


def build(context: PageContext) -> Content:
    """Counts by sector, for the region or one province, and the two together."""
    t = context.t
    choices = (
        Choice("all", t("the whole region")),
        *(Choice(code, labels.area(code, t.language)) for code in labels.IN_VIEW),
    )
    chosen = context.chosen(choices)
    within: Cell = () if chosen == "all" else (("nuts2", chosen),)
    named = [
        (code, labels.sector(code, t.language), one)
        for code, one in context.along(ASK, "count", "sector_before", within)
    ]
    where = next(choice.label for choice in choices if choice.value == chosen)
    style = Style(
        t("Trajectories by sector before guidance, {where}, {period}", where=where,
          period=context.period),
        t("Sector"), ranked=True,
    )  # fmt: skip
    total = ("", where[:1].upper() + where[1:], context.estimate(ASK, "count", within))
    return Content(
        "sectors.html",
        t("Which sectors, in which province?"),
        most_of_all([one for one in named if one[0] != UNKNOWN], t),
        t("Fit for seeing which sectors guidance reaches, and where."),
        {
            "table": make_table(context.t, style, named, total=total),
            "matrix": _matrix(context),
            "caption": t("Trajectories by sector and province, {period}", period=context.period),
        },
        t("Where"),
        choices,
        (TERM,),
    )


def _matrix(context: PageContext) -> Matrix:
    language = context.t.language
    return make_matrix(
        [(code, labels.sector(code, language)) for code in categories("sector_before")],
        [(code, labels.area(code, language)) for code in categories("nuts2")],
        lambda sector, area: context.estimate(
            ASK, "count", (("nuts2", area), ("sector_before", sector))
        ),
        language,
    )
