"""The coordinator's database is damaged in the middle of a round: that costs the centre whose
answer it was its place at most, and mostly nothing, for a centre says the same bytes again."""

from collections.abc import Callable, Iterator

import hostile_shares  # noqa: F401 - its ways
import pytest
from hostile_world import World
from sqlalchemy import delete, update

from coordinator.commands.rounds import _sentences
from coordinator.rounds.engine import Engine
from coordinator.store import rounds
from coordinator.store.contributions import PARTS
from coordinator.store.rounds import Kind
from coordinator.store.tables import answer
from schemas.message import Kind as Asked

NODE = 5
HERE = {"reason": "damaged-here", "peer": None, "times": 1}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


@pytest.fixture(params=[0, 7], ids=["centres", "witnesses"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Seven centres before either committee; an open round to which all have contributed."""
    made = World(7, request.param)
    made.begin((NODE,), b"seed", linked=True)
    made.tick_for(4)
    assert made.ask("open")
    made.tick_for(2)
    assert made.facts["contributions"] == 7
    yield made
    made.end()


def cut(raw: bytes) -> bytes | None:
    return raw[:-1]


def flipped(raw: bytes) -> bytes | None:
    return raw[:5] + bytes([raw[5] ^ 1]) + raw[6:]


def gone(_: bytes) -> bytes | None:
    return None


def stored(world: World, kind: Kind) -> dict[int, bytes]:
    with world.lives.region.store.begin() as connection:
        return rounds.answers(connection, world.number, kind)


def spoil(
    world: World, kind: Kind, node: int, how: Callable[[bytes], bytes | None] = flipped
) -> None:
    """Change what is stored, as a failing disk does."""
    after = how(stored(world, kind)[node])
    same = (answer.c.round == world.number) & (answer.c.kind == kind) & (answer.c.centre == node)
    change = delete(answer) if after is None else update(answer).values(body=after)
    with world.lives.region.store.begin() as connection:
        assert connection.execute(change.where(same)).rowcount == 1


def close(world: World) -> None:
    assert world.ask("close")
    world.tick()
    assert world.facts["state"] == "CLOSING"


def until(world: World, kind: Kind) -> dict[int, bytes]:
    """Tick until members have answered so, and not further."""
    while not (found := stored(world, kind)):
        world.tick()
    return found


def published(world: World) -> tuple[int, ...]:
    """Who is in the sum; which is the sum of what they masked, to the last bit."""
    for _ in range(8):
        if world.facts["state"] != "PUBLISHED":
            world.tick()
    world.check()
    assert world.facts["state"] == "PUBLISHED", world.facts
    return world.lives.region.release().in_sum


@pytest.mark.parametrize(
    ("part", "how"),
    [("header", flipped), ("header", gone), ("commitments", cut), ("slots", flipped),
     ("vector", gone)],
)  # fmt: skip
def test_what_is_damaged_before_the_set_is_made_is_sent_once_more(
    world: World, part: Kind, how: Callable[[bytes], bytes | None]
) -> None:
    before = {kind: stored(world, kind)[NODE] for kind in PARTS}
    spoil(world, part, NODE, how)
    assert world.ask("close")
    world.tick()
    assert {kind: stored(world, kind)[NODE] for kind in PARTS} == before
    assert published(world) == (1, 2, 3, 4, 5, 6, 7)
    assert world.facts["faults"] == [{"centre": NODE, "phase": "contribute", **HERE}]


@pytest.mark.parametrize("part", PARTS)
def test_a_centre_that_does_not_send_it_again_loses_its_place_and_no_more(
    world: World, part: Kind
) -> None:
    spoil(world, part, NODE)
    world.hostile[NODE].plan[Asked.CONTRIBUTE] = "nothing"
    assert world.ask("close")
    assert published(world) == (1, 2, 3, 4, 6, 7)
    facts = world.facts
    assert facts["missing"] == [NODE]
    assert any(
        said.startswith("Centre 5, contributing: what it sent is damaged in this coordinator's")
        for said in _sentences(facts)
    )


@pytest.mark.parametrize("part", ["header", "commitments", "vector"])
def test_a_fixed_set_waits_for_the_same_contribution_and_takes_no_other(
    world: World, part: Kind
) -> None:
    close(world)
    if part != "header":
        until(world, "set_signature")
    one, before = world.hostile[NODE], stored(world, part)[NODE]
    spoil(world, part, NODE)
    for plan in ("nothing", "contribute: any vector" if part != "header" else "noise"):
        one.plan[Asked.CONTRIBUTE] = plan
        world.tick_for(4)
        assert world.facts["state"] == ("CLOSING" if part == "header" else "CERTIFIED")
        assert stored(world, part)[NODE] != before
    one.plan.clear()
    one.shift = None
    assert published(world) == (1, 2, 3, 4, 5, 6, 7)
    assert stored(world, part)[NODE] == before
    assert {"centre": NODE, "phase": "contribute", **HERE} in world.facts["faults"]


def test_shares_that_were_cut_short_after_closing_open_nothing_and_stop_nothing(
    world: World,
) -> None:
    close(world)
    spoil(world, "slots", NODE, lambda raw: raw[: len(raw) * 2 // 3])
    assert published(world) == (1, 2, 3, 4, 5, 6, 7)
    assert world.facts["faults"] == []


@pytest.mark.parametrize(
    ("kind", "phase", "how"),
    [
        ("set_signature", "certify", flipped),
        ("shares", "unmask", cut),
        ("shares", "unmask", flipped),
    ],
)
def test_a_members_damaged_answer_is_asked_again(
    world: World, kind: Kind, phase: str, how: Callable[[bytes], bytes | None]
) -> None:
    close(world)
    member = min(until(world, kind))
    spoil(world, kind, member, how)
    assert published(world) == (1, 2, 3, 4, 5, 6, 7)
    assert world.facts["faults"] == [{"centre": member, "phase": phase, **HERE}]


@pytest.mark.parametrize("how", [cut, flipped])
def test_a_damaged_statement_gives_no_round_up_and_is_asked_again(
    world: World, how: Callable[[bytes], bytes | None]
) -> None:
    carrier = world.engine._carrier
    members = [
        n for n in world.lives.region.nodes if n != NODE and (n > 100) == bool(world.witnesses)
    ]
    for away in members[-3:]:
        carrier.kill(away)  # type: ignore[attr-defined]
    world.ask("abandon")
    world.tick_for(2)
    assert world.facts["state"] == "OPEN"
    spoil(world, "abandonment", members[0], how)
    for back in members[-3:]:
        carrier.revive(back)  # type: ignore[attr-defined]
    world.tick_for(3)
    assert world.facts["state"] == "ABANDONED"
    assert world.facts["faults"] == []
    world.hear()
    assert not any(world.lives.charges(node) for node in range(1, 8) if node != NODE)


@pytest.mark.parametrize("how", [cut, flipped])
def test_a_damaged_prekey_costs_its_centre_its_place_before_the_round_opens(
    how: Callable[[bytes], bytes | None],
) -> None:
    world = World(7)
    world.begin((NODE,), b"seed", linked=True)
    world.tick_for(4)
    spoil(world, "prekey", NODE, how)
    assert world.ask("open")
    world.tick_for(3)
    assert world.ask("close")
    assert published(world) == (1, 2, 3, 4, 6, 7)
    assert world.facts["faults"] == [{"centre": NODE, "phase": "announce", **HERE}]
    world.end()


def test_a_round_whose_papers_are_damaged_halts_with_a_sentence_and_goes_on_from_a_sound_copy(
    world: World,
) -> None:
    close(world)
    sound = stored(world, "prekey")[NODE]
    spoil(world, "prekey", NODE, flipped)
    region = world.lives.region
    region.engine = world.engine
    world.engine = Engine(
        region.store, world.engine._carrier, region.coordinator, region.clock
    )  # a service that was started again has checked nothing yet
    world.tick_for(3)
    facts = world.facts
    assert (facts["state"], facts["outcome"]) == ("CLOSING", "unreadable")
    assert any("put the newest sound copy of the database back" in s for s in _sentences(facts))
    assert world.facts["faults"] == []  # nobody sent it so
    spoil(world, "prekey", NODE, lambda _: sound)
    assert published(world) == (1, 2, 3, 4, 5, 6, 7)
    assert not any("database" in said for said in _sentences(world.facts))
