"""More members of the committee are away than a quorum can spare: the round neither ends nor is
given up, the operator reads why and what to do, and other rounds need not wait for it."""

from collections.abc import Iterator

import pytest
from hostile_world import World
from lives import SECOND
from region import DAY
from typer.testing import CliRunner

from coordinator.cli import app
from coordinator.rounds.refusal import NotReady
from coordinator.store import rounds

QUORUM, THRESHOLD = (
    {0: 5, 7: 6},
    {0: 3, 7: 4},
)  # SECURE_SUM: C = 7, f = 2 of centres, 3 of witnesses


@pytest.fixture(params=[0, 7], ids=["centres", "witnesses"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Seven centres before either committee; all have contributed."""
    made = World(7, request.param)
    made.begin((), b"seed", linked=True)
    made.tick_for(4)
    assert made.ask("open")
    made.tick_for(2)
    yield made
    made.end()


def members(world: World) -> list[int]:
    return [n for n in sorted(world.lives.region.nodes) if (n > 100) == bool(world.witnesses)]


def away(world: World, nodes: list[int]) -> str:
    """These fall asleep; returns how the operator reads of them."""
    for node in nodes:
        world.engine._carrier.kill(node)  # type: ignore[attr-defined]
    return f"{'witnesses' if world.witnesses else 'centres'} {', '.join(map(str, nodes))}."


def back(world: World, nodes: list[int]) -> None:
    for node in nodes:
        world.engine._carrier.revive(node)  # type: ignore[attr-defined]


def command(world: World, *words: str) -> str:
    """What the operator is told."""
    words = ("round", *words, "--dir", str(world.lives.region.store.folder))
    done = CliRunner().invoke(app, list(words), env={"WEGWIJS_LANG": "en"})
    assert done.exit_code == 0, done.output
    return done.stdout


def another_may_be_announced(world: World) -> None:
    """Not now, but as soon as the operator no longer waits."""
    with pytest.raises(NotReady):
        world.lives.region.announce((SECOND,))
    assert "no other round can be announced; sooner with: round stuck-after DAYS" in command(
        world, "status", str(world.number)
    )
    command(world, "stuck-after", "1")
    world.later(DAY + 1)
    world.tick()
    assert world.facts["state"] == "STUCK"
    world.lives.region.announce((SECOND,))


def test_a_set_that_too_few_sign(world: World) -> None:
    who, quorum = away(world, members(world)[-3:]), QUORUM[world.witnesses]
    assert world.ask("close")
    world.tick_for(4)
    text = command(world, "status", str(world.number))
    assert "Round 2: closing." in text
    assert (
        f"4 of the {quorum} signatures that certify the set are there. Not heard yet: {who}" in text
    )
    assert f"Before {quorum} have signed nothing is opened, and no charge comes back" in text
    assert "telephone them (wegwijs-node run)" in text
    another_may_be_announced(world)
    assert "Not heard yet" not in command(world, "status", str(world.number))


def test_a_sum_that_too_few_open(world: World) -> None:
    need = THRESHOLD[world.witnesses]
    assert world.ask("close")
    while len(_heard(world, "set_signature")) < QUORUM[world.witnesses]:
        world.tick()
    who = away(world, members(world)[need - 1 :])
    world.tick_for(3)
    text = command(world, "status", str(world.number))
    assert (
        f"{need - 1} of the {need} answers that open the sum are there. Not heard yet: {who}"
        in text
    )
    assert "The set is certified, so the round cannot be given up." in text
    back(world, members(world))
    world.tick_for(3)
    assert world.facts["state"] == "PUBLISHED"
    assert world.facts["committee"] is None


def test_a_round_that_too_few_give_up(world: World) -> None:
    who, quorum = away(world, members(world)[-3:]), QUORUM[world.witnesses]
    assert world.ask("abandon")
    world.tick_for(3)
    text = command(world, "status", str(world.number))
    assert (
        f"4 of the {quorum} statements that give the round up are there. Not heard yet: {who}"
        in text
    )
    assert (
        f"however late: telephone them (wegwijs-node run). Every charge comes back once {quorum}"
        in text
    )
    assert "This one is still given up when enough have stated it." in text
    another_may_be_announced(world)
    back(world, members(world))
    world.tick_for(2)
    world.hear()
    assert world.facts["state"] == "ABANDONED"
    assert not any(world.lives.charges(node) for node in range(1, 8))


def _heard(world: World, kind: rounds.Kind) -> tuple[int, ...]:
    with world.lives.region.store.read() as connection:
        return rounds.who_answered(connection, world.number, kind)
