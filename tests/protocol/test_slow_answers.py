"""A centre or a witness whose answers drip, stop half-way or come in another shape, at any step of
a round before either committee: the round ends in time, with everybody else, and it is named."""

import pytest
from slow_world import WAYS, SlowWorld

from coordinator.commands.rounds import _sentences
from schemas.message import Kind

CENTRES, CENTRE, WITNESS = 7, 5, 103
STEPS = {
    Kind.ANNOUNCE: "announce", Kind.CONTRIBUTE: "contribute", Kind.CERTIFY: "certify",
    Kind.UNMASK: "unmask", Kind.ABANDON: "abandon",
}  # fmt: skip
PLAYS = [
    *((0, CENTRE, kind) for kind in STEPS),
    *((7, CENTRE, kind) for kind in (Kind.ANNOUNCE, Kind.CONTRIBUTE)),
    *((7, WITNESS, kind) for kind in STEPS if kind is not Kind.CONTRIBUTE),
]
"""(witnesses, who, what is answered wrongly): every step that each is asked in."""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


def played(play: tuple[int, int, Kind], way: str) -> SlowWorld:
    """A round in which one answers one kind of request so, each time it is asked."""
    witnesses, slow, kind = play
    world = SlowWorld(CENTRES, witnesses, slow=slow, kind=kind, way=way)
    world.begin((slow,), b"seed", linked=True)
    try:
        world.tick_for(3)
        assert world.ask("open")
        world.tick_for(3)
        assert world.ask("abandon" if kind is Kind.ABANDON else "close")
        world.tick_for(6)
        world.hear()
        if kind is not Kind.ABANDON:
            world.check()
    finally:
        world.end()
    assert world.time.now < 60
    return world


def expected(kind: Kind) -> str:
    return "ABANDONED" if kind is Kind.ABANDON else "PUBLISHED"


def plays(ways: list[str]) -> pytest.MarkDecorator:
    """Each step with one way, and each way at some step."""
    names = [f"{who}-{kind.name.lower()}-of-{witnesses}" for witnesses, who, kind in PLAYS]
    given = [(play, ways[k % len(ways)]) for k, play in enumerate(PLAYS)]
    return pytest.mark.parametrize(
        ("play", "way"), given, ids=[f"{n}-{w}" for n, (_, w) in zip(names, given, strict=True)]
    )


def holds(play: tuple[int, int, Kind], way: str) -> None:
    _, slow, kind = play
    world = played(play, way)
    facts = world.facts
    assert facts["state"] == expected(kind)
    assert facts["faults"] == [
        {"centre": slow, "phase": STEPS[kind], "reason": WAYS[way], "peer": None, "times": 1}
    ]
    assert any(said.startswith(f"Centre {slow}, ") for said in _sentences(facts))
    if kind is Kind.ABANDON:
        assert not any(world.lives.charges(node) for node in range(1, 8) if node != slow)
    else:
        lost = {slow} if kind in (Kind.ANNOUNCE, Kind.CONTRIBUTE) else set()
        assert set(world.lives.region.release().in_sum) == set(range(1, CENTRES + 1)) - lost


@plays(["half-sent", "dripping"])
def test_an_answer_that_never_comes_whole_costs_its_sender_alone(
    play: tuple[int, int, Kind], way: str
) -> None:
    holds(play, way)


@plays(["dripping", "vanishing", "too-many-objects", "too-large", "noise"])
def test_an_answer_in_no_shape_of_ours_costs_its_sender_alone(
    play: tuple[int, int, Kind], way: str
) -> None:
    holds(play, way)


@pytest.mark.parametrize("play", [(0, CENTRE, Kind.CONTRIBUTE), (7, WITNESS, Kind.CERTIFY)])
def test_an_answer_that_comes_slowly_and_whole_is_taken(play: tuple[int, int, Kind]) -> None:
    world = played(play, "slow")
    assert world.facts["faults"] == []
    assert set(world.lives.region.release().in_sum) == set(range(1, CENTRES + 1))
    assert world.facts["signatures"] == 7
