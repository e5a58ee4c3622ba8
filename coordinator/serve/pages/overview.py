"""How are people doing after guidance?"""

from dataclasses import dataclass, replace

from coordinator.serve.pages import flows, places, sectors, wellbeing, work
from coordinator.serve.pages.scene import Content, Scene
from coordinator.serve.words import labels
from coordinator.serve.words.reading import Estimate, read
from coordinator.serve.words.sentences import estimated


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


def build(scene: Scene) -> Content:
    """Four answers, each with its page, and the map of provinces."""
    t = scene.t
    national = scene.estimate("durable_match@12m", "share")
    cards = [
        card for card in (_work(scene), _wellbeing(scene), _places(scene), _flows(scene)) if card
    ]
    lead = (
        work.answer(scene, "12m", national) if scene.asked("durable_match@12m") else
        cards[0].sentence if cards else t("Not measured in this release.")
    )  # fmt: skip
    drawn = None
    if scene.asked(places.ASK):
        drawn = places.draw(scene, "nuts2", dict(scene.along(places.ASK, "count", "nuts2")))
    return Content(
        "overview.html",
        t("How are people doing after guidance?"),
        lead,
        t("Fit for following guidance in the region."),
        {"cards": cards, "map": drawn, "work": scene.asked("durable_match@6m")},
        terms=("durable_match", "wellbeing_change", places.TERM, flows.TERM),
    )


def _work(scene: Scene) -> Card | None:
    key, t = "durable_match@6m", scene.t
    if not scene.asked(key):
        return None
    card = Card(t("Work"), "/werk", t("Of those who completed and whose situation is known."))
    one = scene.estimate(key, "share")
    return _with_number(scene, card, one, t("had lasting work after {n} months", n=6))


def _wellbeing(scene: Scene) -> Card | None:
    key, t = "wellbeing_change@12m", scene.t
    if not scene.asked(key):
        return None
    card = Card(t("Wellbeing"), "/werkgeluk", wellbeing.summary(scene, key))
    most = wellbeing.largest(scene, key)
    if most is None:
        return card
    name, one, _ = most
    caption = t("points on {dimension}, 12 months after the end", dimension=name.lower())
    return _with_number(scene, card, one, caption, signed=True)


def _places(scene: Scene) -> Card | None:
    t = scene.t
    if not scene.asked(places.ASK):
        return None
    card = Card(t("Trajectories"), "/sectoren", sectors.build(scene).answer)
    one = scene.estimate(places.ASK, "count")
    return _with_number(scene, card, one, t("people started a trajectory"))


def _flows(scene: Scene) -> Card | None:
    t = scene.t
    if not scene.asked(flows.ASK):
        return None
    surest = flows.moves(scene)
    if not surest:
        return Card(t("Moves"), "/stromen", flows.answer(scene, surest))
    card = Card(t("Moves"), "/stromen", t("Of all moves between two sectors the surest."))
    old, new, one = surest[0]
    words = {"old": labels.sector(old, t.language), "new": labels.sector(new, t.language)}
    return _with_number(scene, card, one, t("people went from {old} to {new}", **words))


def _with_number(
    scene: Scene, card: Card, one: Estimate | None, caption: str, *, signed: bool = False
) -> Card:
    if one is None:
        return replace(card, sentence=estimated(None, scene.t))
    said = read(one, scene.t.language, signed=signed)
    return replace(card, estimate=one, large=said.value, between=said.between, caption=caption)
