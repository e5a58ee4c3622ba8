"""Is wellbeing higher than at the start?"""

from dataclasses import dataclass

from chassis.texts import Language
from coordinator.serve.charts.axis import Axis
from coordinator.serve.pages.scene import Choice, Content, Scene
from coordinator.serve.pages.table import Named, Style, Table, make_table
from coordinator.serve.words import labels
from coordinator.serve.words.numerals import number
from coordinator.serve.words.ranks import rank_ranges
from coordinator.serve.words.reading import Estimate, Reading, percent, read
from coordinator.serve.words.sentences import changed, reached, verdict
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


def build(scene: Scene) -> Content:
    """Change and level of the six dimensions, at the end or 12 months later."""
    t = scene.t
    choices = (Choice("12m", t("12 months after the end")), Choice("end", t("at the end")))
    horizon = scene.chosen(choices)
    key = f"wellbeing_change@{horizon}"
    changes: dict[str, Estimate | None] = {
        name: scene.estimate(key, "mean", (), name) for name in DIMENSIONS
    }
    when = next(choice.label for choice in choices if choice.value == horizon)
    response = next((one.response for one in changes.values() if one and one.response), None)
    return Content(
        "wellbeing.html",
        t("Is wellbeing higher than at the start?"),
        answer(scene, key),
        t("Fit for seeing which dimensions move. Not for saying what moves them."),
        {
            "changes": _changes(scene, key, changes, when),
            "pairs": _pairs(scene, horizon),
            "when": when,
            "resolution": number(scene.resolution(key), -2, t.language),
            "multiples": _multiples(scene, key),
            "unseen": _places(scene, key, DIMENSIONS[0])[1],
            "silent": percent(1 - response, t.language) if response else "",
        },
        t("When"),
        choices,
        ("wellbeing", "wellbeing_change"),
    )


def answer(scene: Scene, key: str) -> str:
    """Say in how many dimensions those who answered score higher, and in which the most."""
    most = largest(scene, key)
    if most is None or most[1].lo <= 0:
        return summary(scene, key)
    name, one, certain = most
    said = read(one, scene.t.language)
    words = {"dimension": name.lower(), "size": said.value, "between": said.between}
    more = (
        scene.t("Most of all on {dimension}: {size} points of 5 ({between}).", **words)
        if certain
        else scene.t("Among them {dimension}: {size} points of 5 ({between}).", **words)
    )
    return f"{summary(scene, key)} {more}"


def summary(scene: Scene, key: str) -> str:
    """Count the dimensions with a clearly higher score, and those where it matters."""
    found = [scene.estimate(key, "mean", (), name) for name in DIMENSIONS]
    higher = sum(one is not None and one.lo > 0 for one in found)
    if not higher:
        return scene.t("In no dimension can we say that the score is higher than at the start.")
    said = scene.t.count(
        "Those who answered score higher than at the start on {n} dimension of {of}.",
        "Those who answered score higher than at the start on {n} of {of} dimensions.",
        higher, n=higher, of=len(found),
    )  # fmt: skip
    return f"{said} {reached(found, scene.resolution(key), scene.t)}"


def largest(scene: Scene, key: str) -> tuple[str, Estimate, bool] | None:
    """(dimension, its change, whether it certainly is the largest)."""
    found = [
        (labels.dimension(name, scene.t), one)
        for name in DIMENSIONS
        if (one := scene.estimate(key, "mean", (), name)) is not None
    ]
    if not found:
        return None
    place = max(range(len(found)), key=lambda k: found[k][1].value)
    certain = rank_ranges([one for _, one in found])[place] == (1, 1)
    return (*found[place], certain)


def _changes(scene: Scene, key: str, changes: dict[str, Estimate | None], when: str) -> Table:
    t, resolution = scene.t, scene.resolution(key)
    style = Style(
        t("Change since the start, {when}, in points (scores run from 1 to 5)", when=when),
        t("Dimension"), signed=True,
    )  # fmt: skip
    named = [(name, labels.dimension(name, t), one) for name, one in changes.items()]
    table = make_table(scene, style, named)
    return table.saying(lambda one: changed(one, resolution, t))


def _pairs(scene: Scene, horizon: str) -> list[Pair]:
    axis = Axis(1, 5, (1, 2, 3, 4, 5))
    pairs = []
    for name in DIMENSIONS:
        one = scene.estimate("wellbeing@intake", "mean", (), name)
        other = scene.estimate(f"wellbeing@{horizon}", "mean", (), name)
        first, later = (read(e, scene.t.language) if e else None for e in (one, other))
        x = (axis.at(one.value), axis.at(other.value)) if one and other else None
        pairs.append(Pair(labels.dimension(name, scene.t), first, later, (one, other), x))
    return pairs


def _places(scene: Scene, key: str, name: str) -> tuple[list[Named], list[str]]:
    """The change in one dimension by place, and the names of places of which none is known."""
    return labels.seen_and_not(
        [
            (code, labels.area(code, scene.t.language),
             scene.estimate(key, "mean", (("nuts2", code),), name))
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


def _multiples(scene: Scene, key: str) -> list[Multiple]:
    """Six small tables by province, on one axis, in a fixed order."""
    t, resolution = scene.t, scene.resolution(key)
    by_place = {name: _places(scene, key, name)[0] for name in DIMENSIONS}
    whole = {name: scene.estimate(key, "mean", (), name) for name in DIMENSIONS}
    every = [*whole.values(), *(one for named in by_place.values() for *_, one in named)]
    axis = Axis.over(every, zero=True, within=(-4, 4))
    found = []
    for name, named in by_place.items():
        style = Style(labels.dimension(name, t), t("Province"), signed=True, answered=False)
        total = ("", t("Whole region"), whole[name])
        table = make_table(scene, style, named, total=total, axis=axis)
        told = table.saying(lambda e: verdict(e, resolution, t))
        found.append(Multiple(told, _answered(named, t.language)))
    return found
