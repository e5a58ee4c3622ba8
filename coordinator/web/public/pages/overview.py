"""How are people doing after guidance?"""

from dataclasses import dataclass, replace

from chassis.present import labels
from chassis.present.estimates import Estimate, read
from chassis.present.sentences import estimated
from coordinator.web.public.pages import flows, places, sectors, wellbeing, work
from coordinator.web.public.pages.context import Content, PageContext


@dataclass(frozen=True, slots=True)
class Card:
    """One answer: a number with its interval and what it counts, and the page behind it."""

    title: str
    path: str
    sentence: str
    estimate: Estimate | None = None
    large: str = ""
    between: str = ""
    caption: str = ""


def build(context: PageContext) -> Content:
    """Four answers, each with its page, and the map of provinces."""
    t = context.t
    national = context.estimate("durable_match@12m", "share")
    cards = [
        card
        for card in (_work(context), _wellbeing(context), _places(context), _flows(context))
        if card
    ]
    lead = (
        work.answer(context, "12m", national) if context.asked("durable_match@12m") else
        cards[0].sentence if cards else t("Not measured in this release.")
    )  # fmt: skip
    drawn = None
    if context.asked(places.ASK):
        drawn = places.draw(context, "nuts2", dict(context.along(places.ASK, "count", "nuts2")))
    return Content(
        "overview.html",
        t("How are people doing after guidance?"),
        lead,
        t("Fit for following guidance in the region."),
        {"cards": cards, "map": drawn, "work": context.asked("durable_match@6m")},
        terms=("durable_match", "wellbeing_change", places.TERM, flows.TERM),
    )


def _work(context: PageContext) -> Card | None:
    key, t = "durable_match@6m", context.t
    if not context.asked(key):
        return None
    card = Card(t("Work"), "/werk", t("Of those who completed and whose situation is known."))
    one = context.estimate(key, "share")
    return _with_number(context, card, one, t("had lasting work after {n} months", n=6))


def _wellbeing(context: PageContext) -> Card | None:
    key, t = "wellbeing_change@12m", context.t
    if not context.asked(key):
        return None
    card = Card(t("Wellbeing"), "/werkgeluk", wellbeing.summary(context, key))
    most = wellbeing.largest(context, key)
    if most is None:
        return card
    name, one, _ = most
    caption = t("points on {dimension}, 12 months after the end", dimension=name.lower())
    return _with_number(context, card, one, caption, signed=True)


def _places(context: PageContext) -> Card | None:
    t = context.t
    if not context.asked(places.ASK):
        return None
    card = Card(t("Trajectories"), "/sectoren", sectors.build(context).answer)
    one = context.estimate(places.ASK, "count")
    return _with_number(context, card, one, t("people started a trajectory"))


def _flows(context: PageContext) -> Card | None:
    t = context.t
    if not context.asked(flows.ASK):
        return None
    surest = flows.moves(context)
    if not surest:
        return Card(t("Moves"), "/stromen", flows.answer(context, surest))
    card = Card(t("Moves"), "/stromen", t("Of all moves between two sectors the surest."))
    old, new, one = surest[0]
    words = {"old": labels.sector(old, t.language), "new": labels.sector(new, t.language)}
    return _with_number(context, card, one, t("people went from {old} to {new}", **words))


def _with_number(
    context: PageContext, card: Card, one: Estimate | None, caption: str, *, signed: bool = False
) -> Card:
    if one is None:
        return replace(card, sentence=estimated(None, context.t))
    said = read(one, context.t.language, signed=signed)
    return replace(card, estimate=one, large=said.value, between=said.between, caption=caption)
