"""A round that never ends: its charge stands, its channel keys go, and others go on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from lives import FIRST, SECOND, Lives, make_lives
from region import DAY
from typer.testing import CliRunner

from chassis.store import settings
from coordinator.commands.rounds import _sentences
from coordinator.rounds.refusal import NotReady, WrongStep
from node.cli import app
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import rounds
from node.store.rounds import StoredRound

LATE = (1, 2, 3)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Everybody contributed; then the committee fell asleep, so it was neither closed nor ended."""
    lives = make_lives(tmp_path_factory.mktemp("lives"))
    number = lives.opened()
    lives.region.ask("close", number)
    for node in LATE:
        lives.carrier.kill(node)
    lives.region.ticks(3)
    assert lives.region.status(number)["state"] == "CLOSING"
    lives.region.clock.now += 30 * DAY + 1
    with pytest.raises(NotReady):
        lives.announced((SECOND,))
    lives.region.ticks(1)
    return lives


def stored(lives: Lives, node: int) -> StoredRound:
    with lives.region.nodes[node].begin() as connection:
        return rounds.all_rounds(connection)[-1]


def tidy(lives: Lives, node: int) -> None:
    around = Context(lives.region.clock, bytes)
    Participant(lives.region.nodes[node], around).tidy()


def run(lives: Lives, monkeypatch: pytest.MonkeyPatch, command: str) -> Result:
    """A command of centre 5 at the region's own time."""
    monkeypatch.setattr("time.time", lives.region.clock)
    return CliRunner().invoke(app, [command, "--dir", str(lives.region.nodes[5].folder)])


def test_after_thirty_days_the_coordinator_calls_it_stuck_and_says_what_that_means(
    paid: Lives,
) -> None:
    facts = paid.region.status(1)
    assert (facts["state"], facts["wanted"]) == ("STUCK", None)
    assert facts["outcome"] == "neither certified nor given up within 30 days"
    said = _sentences(facts)
    assert "Round 1: stuck." in said
    assert any("stays spent at every centre" in sentence for sentence in said)


@pytest.mark.parametrize("command", ["status", "ledger"])
def test_the_centre_keeps_the_charge_and_says_so(
    paid: Lives, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert len(paid.charges(5)) == 4
    assert "Round 1 never ended here: what it cost stays spent." in run(
        paid, monkeypatch, command
    ).stdout  # fmt: skip


def test_channel_keys_go_after_thirty_days_and_not_before(paid: Lives) -> None:
    now = paid.region.clock.now
    paid.region.clock.now = now - 2
    tidy(paid, 5)
    assert stored(paid, 5).channel is not None
    paid.region.clock.now = now
    tidy(paid, 5)
    assert stored(paid, 5).channel is None
    tidy(paid, 5)


def test_a_stuck_round_is_not_in_the_way_of_the_next(paid: Lives) -> None:
    for node in LATE:
        paid.carrier.revive(node)
    number = paid.published((SECOND,))
    assert paid.region.status(number)["contributions"] == 7


def test_what_was_certified_is_never_given_up(paid: Lives) -> None:
    """Also not as long as enough members remember that they signed."""
    with pytest.raises(WrongStep):
        paid.region.ask("abandon", 2)


def late_statements(lives: Lives) -> int:
    number = lives.opened()
    for node in LATE:
        lives.carrier.kill(node)
    lives.region.ask("abandon", number)
    lives.region.ticks(3)
    lives.region.clock.now += 31 * DAY
    lives.region.ticks(2)
    assert lives.region.status(number)["state"] == "STUCK"
    return number


def test_a_stuck_round_that_was_never_closed_is_given_up_as_soon_as_enough_say_so(
    tmp_path: Path,
) -> None:
    """There is no time limit: the statements of centres that come back count, and all are paid."""
    lives = make_lives(tmp_path)
    number = late_statements(lives)
    assert len(lives.charges(5)) == 4
    assert lives.region.status(number)["statements"] == 4
    lives.carrier.revive(LATE[0])
    lives.region.ticks(3)
    assert lives.region.status(number)["state"] == "ABANDONED"
    assert lives.charges(5) == {}
    assert stored(lives, 5).outcome == "abandoned"
    for node in LATE:
        lives.carrier.revive(node)
    lives.region.ticks(1)  # they ask, and are paid too
    lives.published((FIRST,))


@pytest.mark.parametrize("where", ["coordinator", "centre"])
def test_how_many_days_is_a_setting(tmp_path: Path, where: str) -> None:
    lives = make_lives(tmp_path)
    lives.opened()
    changes: dict[str, Callable[[], None]] = {
        "coordinator": lambda: _at_coordinator(lives), "centre": lambda: _at_centre(lives),
    }  # fmt: skip
    changes[where]()
    for node in LATE:
        lives.carrier.kill(node)
    lives.region.clock.now += 3 * DAY
    lives.region.ticks(1)
    tidy(lives, 5)
    assert (lives.region.status(1)["state"] == "STUCK") == (where == "coordinator")
    assert stored(lives, 5).channel is None  # it stated that it never certifies, or by its age


def _at_coordinator(lives: Lives) -> None:
    with lives.region.store.begin() as connection:
        settings.put(connection, "stuck_days", "2")


def _at_centre(lives: Lives) -> None:
    with lives.region.nodes[5].begin() as connection:
        settings.put(connection, "stuck_days", b"2")
