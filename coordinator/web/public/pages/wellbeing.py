"""Is wellbeing higher than at the start?"""

from dataclasses import dataclass

from chassis.present import labels
from chassis.present.axis import Axis
from chassis.present.estimates import Estimate, Reading, percent, read
from chassis.present.numbers import number
from chassis.present.ranks import rank_ranges
from chassis.present.sentences import changed, reached, verdict
from chassis.present.table import Named, Style, Table, make_table
from chassis.texts import Language
from coordinator.web.public.pages.context import Choice, Content, PageContext
from privacy.people.dimensions import categories
from schemas.record import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Pair:
    """A dimension's level at the start and later, and where they stand from 1 to 5."""

    label: str
    first: Reading | None
    later: Reading | None
    estimates: tuple[Estimate | None, Estimate | None]
    x: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Multiple:
    """One dimension by province, in a small table on the axis of all, and who answered there."""

    table: Table
    answered: tuple[str, ...]


def build(context: PageContext) -> Content:
    """Change and level of the six dimensions, at the end or 12 months later."""
    t = context.t
    choices = (Choice("12m", t("12 months after the end")), Choice("end", t("at the end")))
    horizon = context.chosen(choices)
    key = f"wellbeing_change@{horizon}"
    changes: dict[str, Estimate | None] = {
        name: context.estimate(key, "mean", (), name) for name in DIMENSIONS
    }
    when = next(choice.label for choice in choices if choice.value == horizon)
    response = next((one.response for one in changes.values() if one and one.response), None)
    return Content(
        "wellbeing.html",
        t("Is wellbeing higher than at the start?"),
        answer(context, key),
        t("Fit for seeing which dimensions move. Not for saying what moves them."),
        {
            "changes": _changes(context, key, changes, when),
            "pairs": _pairs(context, horizon),
            "when": when,
            "resolution": number(context.resolution(key), -2, t.language),
            "multiples": _multiples(context, key),
            "unseen": _places(context, key, DIMENSIONS[0])[1],
            "silent": percent(1 - response, t.language) if response else "",
        },
        t("When"),
        choices,
        ("wellbeing", "wellbeing_change"),
    )


def answer(context: PageContext, key: str) -> str:
    """Say in how many dimensions those who answered score higher, and in which the most."""
    most = largest(context, key)
    if most is None or most[1].lo <= 0:
        return summary(context, key)
    name, one, certain = most
    said = read(one, context.t.language)
    words = {"dimension": name.lower(), "size": said.value, "between": said.between}
    more = (
        context.t("Most of all on {dimension}: {size} points of 5 ({between}).", **words)
        if certain
        else context.t("Among them {dimension}: {size} points of 5 ({between}).", **words)
    )
    return f"{summary(context, key)} {more}"


def summary(context: PageContext, key: str) -> str:
    """Count the dimensions with a clearly higher score, and those where it matters."""
    found = [context.estimate(key, "mean", (), name) for name in DIMENSIONS]
    higher = sum(one is not None and one.lo > 0 for one in found)
    if not higher:
        return context.t("In no dimension can we say that the score is higher than at the start.")
    said = context.t.count(
        "Those who answered score higher than at the start on {n} dimension of {of}.",
        "Those who answered score higher than at the start on {n} of {of} dimensions.",
        higher, n=higher, of=len(found),
    )  # fmt: skip
    return f"{said} {reached(found, context.resolution(key), context.t)}"


def largest(context: PageContext, key: str) -> tuple[str, Estimate, bool] | None:
    """(dimension, its change, whether it certainly is the largest)."""
    found = [
        (labels.dimension(name, context.t), one)
        for name in DIMENSIONS
        if (one := context.estimate(key, "mean", (), name)) is not None
    ]
    if not found:
        return None
    place = max(range(len(found)), key=lambda k: found[k][1].value)
    certain = rank_ranges([one for _, one in found])[place] == (1, 1)
    return (*found[place], certain)


def _changes(
    context: PageContext, key: str, changes: dict[str, Estimate | None], when: str
) -> Table:
    t, resolution = context.t, context.resolution(key)
    style = Style(
        t("Change since the start, {when}, in points (scores run from 1 to 5)", when=when),
        t("Dimension"), signed=True,
    )  # fmt: skip
    named = [(name, labels.dimension(name, t), one) for name, one in changes.items()]
    table = make_table(context.t, style, named)
    return table.saying(lambda one: changed(one, resolution, t))


def _pairs(context: PageContext, horizon: str) -> list[Pair]:
    axis = Axis(1, 5, (1, 2, 3, 4, 5))
    pairs = []
    for name in DIMENSIONS:
        one = context.estimate("wellbeing@intake", "mean", (), name)
        other = context.estimate(f"wellbeing@{horizon}", "mean", (), name)
        first, later = (read(e, context.t.language) if e else None for e in (one, other))
        x = (axis.at(one.value), axis.at(other.value)) if one and other else None
        pairs.append(Pair(labels.dimension(name, context.t), first, later, (one, other), x))
    return pairs


def _places(context: PageContext, key: str, name: str) -> tuple[list[Named], list[str]]:
    """The change in one dimension by place, and the names of places of which none is known."""
    return labels.seen_and_not(
        [
            (code, labels.area(code, context.t.language),
             context.estimate(key, "mean", (("nuts2", code),), name))
            for code in categories("nuts2")
        ]
    )  # fmt: skip


def _answered(named: list[Named], language: Language) -> tuple[str, ...]:
    """Which share answered, by place."""
    return tuple(
        f"{label} {percent(one.response, language)}"
        for _, label, one in named
        if one and one.response is not None
    )


def _multiples(context: PageContext, key: str) -> list[Multiple]:
    """Six small tables by province, on one axis, in a fixed order."""
    t, resolution = context.t, context.resolution(key)
    by_place = {name: _places(context, key, name)[0] for name in DIMENSIONS}
    whole = {name: context.estimate(key, "mean", (), name) for name in DIMENSIONS}
    every = [*whole.values(), *(one for named in by_place.values() for *_, one in named)]
    axis = Axis.over(every, zero=True, within=(-4, 4))
    found = []
    for name, named in by_place.items():
        style = Style(labels.dimension(name, t), t("Province"), signed=True, answered=False)
        total = ("", t("Whole region"), whole[name])
        table = make_table(context.t, style, named, total=total, axis=axis)
        told = table.saying(lambda e: verdict(e, resolution, t))
        found.append(Multiple(told, _answered(named, t.language)))
    return found
