"""How are people doing after guidance?"""

from dataclasses import dataclass

from coordinator.serve.pages import flows, places, sectors, wellbeing, work
from coordinator.serve.pages.scene import Content, Scene
from coordinator.serve.words.reading import Estimate, read


@dataclass(frozen=True, slots=True)
class Card:
    """One answer: a large number where there is one, a sentence, and the page behind it."""

    title: str
    sentence: str
    path: str
    more: str
    estimate: Estimate | None = None
    large: str = ""
    between: str = ""


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
        {"cards": cards, "map": drawn},
    )


def _work(scene: Scene) -> Card | None:
    if not scene.asked("durable_match@6m"):
        return None
    one = scene.estimate("durable_match@6m", "share")
    return _card(scene, scene.t("Work"), work.answer(scene, "6m", one), "/werk", one)


def _wellbeing(scene: Scene) -> Card | None:
    key = "wellbeing_change@12m"
    if not scene.asked(key):
        return None
    sentence = wellbeing.answer(scene, key)
    return _card(scene, scene.t("Wellbeing"), sentence, "/werkgeluk")


def _places(scene: Scene) -> Card | None:
    if not scene.asked(places.ASK):
        return None
    sentence = sectors.build(scene).answer
    one = scene.estimate(places.ASK, "count")
    return _card(scene, scene.t("Trajectories"), sentence, "/sectoren", one)


def _flows(scene: Scene) -> Card | None:
    if not scene.asked(flows.ASK):
        return None
    sentence = flows.answer(scene, flows.moves(scene))
    return _card(scene, scene.t("Moves"), sentence, "/stromen")


def _card(scene: Scene, title: str, sentence: str, path: str, one: Estimate | None = None) -> Card:
    if one is None:
        return Card(title, sentence, path, scene.t("See all figures"))
    said = read(one, scene.t.language)
    return Card(title, sentence, path, scene.t("See all figures"), one, said.value, said.between)
