"""One population and period, one round: what two rounds with and without one centre would tell."""

from pathlib import Path

import pytest
from region import Region, make_region, sample_records, spread_programme

from coordinator.rounds.refusal import AskedBefore
from node.store import budget
from schemas.programme import Programme
from schemas.units import MicroRho

FIRST, SECOND = "trajectories@start", "durable_match@12m"


@pytest.fixture
def region(tmp_path: Path) -> Region:
    """Its programme spreads nothing."""
    people = {n: sample_records(n, 8 + n) for n in range(1, 11)}
    return make_region(tmp_path, people, programme=spread_programme(spread=False))


def to_release(region: Region, ask: str, without: tuple[int, ...] = ()) -> None:
    number = region.announce((ask,))
    region.ticks()
    for node in without:
        region.carrier.kill(node)
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"


def charged(region: Region, node: int) -> set[str]:
    with region.nodes[node].begin() as connection:
        held = budget.ledger(connection, MicroRho(10_000_000))
        return {f"{key.statistic}@{key.horizon}" for key in held.charges}


def test_the_coordinator_announces_no_second_round_about_the_same_people(region: Region) -> None:
    to_release(region, FIRST)
    with pytest.raises(AskedBefore, match="round 1 asked about who started in 2024Q1"):
        region.announce((SECOND,))


def test_a_coordinator_that_announces_it_all_the_same_is_refused_by_every_node(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_release(region, FIRST)
    monkeypatch.setattr("coordinator.rounds.operator_actions._check_asked_once", lambda *_: None)
    number = region.announce((SECOND,))
    region.ticks()
    assert region.status(number)["refusals"] == {"asked-before": 10}
    assert charged(region, 5) == {FIRST}


def test_a_centre_that_was_not_in_the_first_round_is_asked_once_as_well(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine answer without centre 5; in the second round it is the only one that may."""
    to_release(region, FIRST, without=(5,))
    region.carrier.revive(5)
    monkeypatch.setattr("coordinator.rounds.operator_actions._check_asked_once", lambda *_: None)
    number = region.announce((SECOND,))
    region.ticks()
    assert region.status(number)["refusals"] == {"asked-before": 9}


def test_a_round_that_was_given_up_stands_in_nobodys_way(region: Region) -> None:
    number = region.announce((FIRST,))
    region.ticks()
    region.ask("open", number)
    region.ticks()
    region.ask("abandon", number)
    region.ticks()
    assert region.status(number)["state"] == "ABANDONED"
    to_release(region, SECOND)
    assert charged(region, 5) == {SECOND}


def test_a_round_that_was_withdrawn_before_it_opened_stands_in_nobodys_way(region: Region) -> None:
    number = region.announce((FIRST,))
    region.ticks()
    region.ask("abandon", number)
    region.ticks()
    to_release(region, SECOND)


def test_all_questions_together_are_one_round(region: Region) -> None:
    number = region.announce((FIRST, SECOND))
    region.ticks()
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    assert charged(region, 5) == {FIRST, SECOND}


def test_a_programme_may_declare_that_it_spreads_its_questions(tmp_path: Path) -> None:
    people = {n: sample_records(n, 8 + n) for n in range(1, 11)}
    region = make_region(tmp_path, people, programme=spread_programme())
    to_release(region, FIRST)
    to_release(region, SECOND)
    assert charged(region, 5) == {FIRST, SECOND}


def test_a_question_in_a_round_of_its_own_beside_others_has_to_be_declared() -> None:
    plain = spread_programme(spread=False)
    polya = plain.asks[0].model_copy(update={"noise": "polya"})
    asks = (polya, *plain.asks[1:])
    with pytest.raises(ValueError, match="needs spread"):
        Programme(**{**dict(plain), "asks": asks})
    assert Programme(**{**dict(plain), "asks": asks, "spread": True}).spread
    assert Programme(**{**dict(plain), "asks": (polya,)}).asks == (polya,)
