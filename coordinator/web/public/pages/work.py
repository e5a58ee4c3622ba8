"""Does work last after guidance?"""

from chassis.present import labels
from chassis.present.estimates import Estimate, percent, read
from chassis.present.sentences import compared
from chassis.present.table import Named, Style, Table, make_table
from coordinator.web.public.pages.context import Choice, Content, PageContext
from schemas.statistic import TableDimension


def build(context: PageContext) -> Content:
    """Durable match by province and sector, 6 or 12 months after the end."""
    t = context.t
    choices = (
        Choice("12m", t("12 months after the end")),
        Choice("6m", t("6 months after the end")),
    )
    horizon = context.chosen(choices)
    key, also = f"durable_match@{horizon}", f"employment@{horizon}"
    national = context.estimate(key, "share")
    lasting = t("Lasting work by {dimension}, start of guidance in {period}")
    at_work = t("At work by {dimension}, start of guidance in {period}")
    others = _tables(context, also, at_work) if context.asked(also) else []
    parts = {
        "both": _both(context, national, context.estimate(also, "share")) if others else None,
        "tables": [*_tables(context, key, lasting), *others],
        "comparison": _comparison(context, key),
        "response": national and national.response and percent(national.response, t.language),
    }
    return Content(
        "work.html",
        t("Does work last after guidance?"),
        answer(context, horizon, national),
        t("Fit for following lasting work by province and sector."),
        parts,
        t("Show"),
        choices,
        ("durable_match", "employment") if others else ("durable_match",),
    )


def answer(context: PageContext, horizon: str, national: Estimate | None) -> str:
    """Say which share had lasting work."""
    if national is None:
        return context.t("Too uncertain to show. Choose a larger area or a longer period.")
    said = read(national, context.t.language)
    return context.t(
        "Of those who completed and whose situation is known, an estimated {value} had lasting "
        "work after {months} months ({between}).",
        value=said.value, between=said.between, months=horizon.removesuffix("m"),
    )  # fmt: skip


def _along(context: PageContext, key: str, dimension: TableDimension) -> list[Named]:
    name = labels.area if dimension == "nuts2" else labels.sector
    return [
        (code, name(code, context.t.language), one)
        for code, one in context.along(key, "share", dimension)
    ]


def _both(context: PageContext, lasting: Estimate | None, at_work: Estimate | None) -> Table:
    """Lasting work beside work of any kind, in the whole region."""
    t = context.t
    caption = t("Lasting work and all work, start of guidance in {period}", period=context.period)
    lines = [("lasting", t("Lasting work"), lasting), ("at_work", t("At work"), at_work)]
    return make_table(context.t, Style(caption, t("Whole region"), zero=False), lines)


def _tables(context: PageContext, key: str, caption: str) -> list[Table]:
    """A share by province and by sector."""
    t, national = context.t, context.estimate(key, "share")
    places, sectors = _along(context, key, "nuts2"), _along(context, key, "sector_before")
    return [
        _table(context, national, labels.seen_and_not(places), (caption, t("Province"))),
        _table(context, national, (sectors, []), (caption, t("Sector"))),
    ]


def _table(
    context: PageContext,
    national: Estimate | None,
    named: tuple[list[Named], list[str]],
    titles: tuple[str, str],
) -> Table:
    """`named`: the rows, and the names that have none; `titles`: the caption, which names the
    dimension and the period, and the dimension."""
    t, (caption, heading), (seen, outside) = context.t, titles, named
    style = Style(
        caption.format(dimension=heading.lower(), period=context.period),
        heading, zero=False, ranked=True,
    )  # fmt: skip
    total = ("", t("Whole region"), national)
    return make_table(context.t, style, seen, total=total, unseen=outside)


def _comparison(context: PageContext, key: str) -> str:
    """The two largest provinces set side by side: we compare, not the reader."""
    places = _along(context, key, "nuts2")
    known = [(label, one) for code, label, one in places if one and code in labels.FLANDERS]
    if len(known) < 2:
        return ""
    (first, one), (second, other) = sorted(known, key=lambda pair: pair[1].half_width)[:2]
    return compared((first, second), (one, other), context.resolution(key), context.t)
