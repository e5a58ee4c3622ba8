"""Where do people move to?"""

from chassis.present import labels
from chassis.present.estimates import Estimate, read
from chassis.present.matrix import Matrix, make_matrix
from chassis.present.table import Named, Style, make_table
from coordinator.web.public.pages.context import Content, PageContext
from privacy.people.dimensions import categories
from schemas.codes import UNKNOWN
from schemas.release import Cell

TERM = "sector_flows"
ASK = f"{TERM}@12m"
_SUREST = 15

Move = tuple[str, str, Estimate]
"""(sector before, sector 12 months after, how many)."""


def build(context: PageContext) -> Content:
    """The surest moves between sectors, and the matrix of all."""
    t = context.t
    surest = moves(context)
    named: list[Named] = [
        (f"{old}-{new}", _names(context, old, new), one) for old, new, one in sorted(surest)
    ]
    style = Style(
        t.count("The surest move between two sectors, start of guidance in {period}",
                 "The {n} surest moves between sectors, start of guidance in {period}",
                 len(named), n=len(named), period=context.period),
        t("From and to"),
    )  # fmt: skip
    return Content(
        "flows.html",
        t("Where do people move to?"),
        answer(context, surest),
        t("Fit for seeing between which sectors many people move."),
        {
            "table": make_table(context.t, style, named),
            "matrix": _matrix(context),
            "caption": t(
                "Sector before guidance (rows) and 12 months after its end (columns), {period}",
                period=context.period,
            ),
        },
        terms=(TERM,),
    )


def moves(context: PageContext) -> list[Move]:
    """The moves to another sector that are known best, surest first; at most 15."""
    known = [
        (old, new, one)
        for old in categories("sector_before")
        for new in categories("sector_12m")
        if old != new and UNKNOWN not in (old, new)
        if (one := context.estimate(ASK, "count", _cell(old, new))) is not None and one.value > 0
    ]
    return sorted(known, key=lambda move: move[2].se / move[2].value)[:_SUREST]


def answer(context: PageContext, surest: list[Move]) -> str:
    """Name the move that is known best."""
    if not surest:
        return context.t("Every move between two sectors is too small to show.")
    old, new, one = surest[0]
    said = read(one, context.t.language)
    return context.t(
        "The surest move: from {old} to {new}, an estimated {value} people ({between}).",
        old=labels.sector(old, context.t.language), new=labels.sector(new, context.t.language),
        value=said.value, between=said.between,
    )  # fmt: skip


def _cell(old: str, new: str) -> Cell:
    return (("sector_before", old), ("sector_12m", new))


def _names(context: PageContext, old: str, new: str) -> str:
    language = context.t.language
    return f"{labels.sector(old, language)} → {labels.sector(new, language)}"


def _matrix(context: PageContext) -> Matrix:
    language = context.t.language
    sectors = [(code, labels.sector(code, language)) for code in categories("sector_before")]
    return make_matrix(
        sectors,
        sectors,
        lambda old, new: context.estimate(ASK, "count", _cell(old, new)),
        language,
    )
