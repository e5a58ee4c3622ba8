"""`round`: an operator announces, opens, closes, gives up and waits, in sentences and in JSON."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from region import DAY, NOW
from small_region import ASK, OTHER, Small

from chassis.store import audit_log, settings
from coordinator import cli
from coordinator.home import Home
from coordinator.rounds import stuck
from coordinator.store import rounds


@dataclass
class Said:
    code: int
    out: str
    err: str


class Desk:
    """Runs commands in this process, as `wegwijs-coordinator` does."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder, self._capsys, self._patch = folder, capsys, monkeypatch

    def __call__(self, *words: object) -> Said:
        argv = ["wegwijs-coordinator", *map(str, words), "--dir", str(self.folder)]
        self._patch.setattr(sys, "argv", argv)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = self._capsys.readouterr()
        return Said(int(ended.value.code or 0), shown.out, shown.err)

    def json(self, *words: object) -> Any:
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return json.loads(said.out)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    monkeypatch.delenv("WEGWIJS_DEBUG", raising=False)


@pytest.fixture
def desk(
    opened: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.setattr("time.time", lambda: float(NOW))
    monkeypatch.setattr(Home, "identity", lambda _: opened.region.coordinator)
    return Desk(opened.region.folder / "coordinator", capsys, monkeypatch)


@pytest.fixture
def free(opened: Small, desk: Desk) -> Desk:
    """No round is open."""
    with opened.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), NOW)
    return desk


def test_an_announcement_says_what_it_costs_and_what_can_be_known(free: Desk) -> None:
    said = free("round", "announce", "--ask", ASK)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == f"Round 2 is announced: {ASK}."
    assert lines[1] == "It costs 10.8% of the yearly budget of each client."
    assert lines[2].startswith(f"{ASK}: a national cell can be ")
    assert "people off, a cell by region" in lines[2]
    assert lines[-1] == "Next: round open 2, once enough centres are ready."


def test_without_asks_a_round_asks_the_whole_programme(free: Desk) -> None:
    found = free.json("round", "announce", "--latest", 7200)
    assert sorted(found["asks"]) == sorted([ASK, OTHER])
    assert (found["round"], found["period"], found["cost"]) == (2, "year-2024", 37_000)
    assert (found["prekeys_until"], found["latest"]) == (NOW + 3600, NOW + 7200)
    units = {row["ask"]: row["unit"] for row in found["expected"]}
    assert units[ASK] == "people"
    widths = next(r["half_widths"] for r in found["expected"] if r["ask"] == ASK)
    assert set(widths) == {"national", "nuts2"}
    assert all(width > 0 for width in widths.values())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("announce", "--ask", "nothing@12m"), 2, "does not hold nothing@12m"),
        (("announce", "--ask", ASK, "--ask", ASK), 2, "A round asks something, and nothing twice"),
        (("announce", "--period", "year-1999"), 2, "does not hold year-1999"),
        (("announce", "--prekeys", "4"), 2, "4"),
        (("announce", "--prekeys", "900", "--latest", "60"), 2, "not before"),
        (("open", "9"), 4, "There is no round 9"),
        (("close", "9"), 4, "There is no round 9"),
        (("abandon", "1"), 4, "Round 1 is abandoned"),
        (("status", "9"), 4, "There is no round 9"),
        (("wait", "1", "--until", "state=DONE"), 2, "nothing to wait for"),
        (("open", "soon"), 2, "soon"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(
    free: Desk, opened: Small, words: tuple[str, ...], code: int, said: str
) -> None:
    before = opened.region.status(1)
    result = free("round", *words)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert "Traceback" not in result.err
    assert opened.region.status(1) == before
    with opened.region.store.begin() as connection:
        assert rounds.next_number(connection) == 2


def test_a_second_round_waits_for_the_first(desk: Desk) -> None:
    said = desk("round", "announce")
    assert said.code == 4
    assert "Another round is still open" in said.err
    assert said.err.endswith("Nothing was changed.\n")


@pytest.mark.heavy
def test_opening_closing_and_giving_up_only_note_what_is_wanted(free: Desk, opened: Small) -> None:
    number = opened.region.announce((ASK,))
    opened.region.ticks(3)
    assert free.json("round", "open", number) == {"round": number, "wanted": "open"}
    assert opened.region.status(number)["state"] == "ANNOUNCED"
    opened.region.ticks(2)
    said = free("round", "close", number)
    assert said.out == f"Round {number} is being closed; the service carries it out.\n"
    assert opened.region.status(number)["wanted"] == "close"
    said = free("round", "abandon", number)
    assert said.out.startswith(f"Round {number} is being given up;")
    assert opened.region.status(number)["wanted"] == "abandon"


def test_an_operator_says_after_how_many_days_a_round_is_stuck(desk: Desk, opened: Small) -> None:
    def state_after(days: int) -> object:
        with opened.region.store.begin() as connection:
            stuck.mark_stuck(connection, NOW + days * DAY)
        return opened.region.status(1)["state"]

    said = desk("round", "stuck-after", 40)
    assert (said.code, "40 days" in said.out) == (0, True)
    assert state_after(35) == "OPEN"
    assert desk.json("round", "stuck-after", 34) == {"stuck_days": 34}
    assert desk("round", "stuck-after", 0).code == 2
    assert state_after(34) == "OPEN"
    assert state_after(35) == "STUCK"
    with opened.region.store.begin() as connection:
        assert audit_log.check(connection) > 0


def test_closing_below_the_floor_is_refused_with_the_numbers(desk: Desk) -> None:
    said = desk("round", "close", 1)
    assert said.code == 3
    assert "0 centres answered and 6 are needed" in said.err


def test_the_status_tells_people_how_many_answered_and_who_refused(
    desk: Desk, opened: Small
) -> None:
    with opened.region.nodes[3].begin() as connection:
        settings.put(connection, "paused", b"1")
    opened.region.ticks(1)
    lines = desk("round", "status", 1).out.splitlines()
    assert lines == [
        "Round 1: open.",
        "6 of at least 6 centres answered; 7 were ready.",
        "One centre refused: paused.",
        "Nothing was taken yet of centre 3.",
    ]
    assert desk.json("round", "status", 1)["refusals"] == {"paused": 1}


def test_the_status_before_opening_says_who_is_ready(free: Desk, opened: Small) -> None:
    number = opened.region.announce((ASK,))
    opened.region.ticks(3)
    assert free("round", "status", number).out.splitlines() == [
        f"Round {number}: announced.",
        "7 centres are ready.",
    ]


def test_waiting_ends_at_once_when_the_round_has_come_so_far(desk: Desk) -> None:
    assert desk.json("round", "wait", 1, "--until", "prekeys=7")["prekeys"] == 7
    assert "Round 1: open." in desk("round", "wait", 1, "--until", "state=OPEN").out


def test_waiting_in_vain_says_how_the_round_stands(free: Desk) -> None:
    said = free("round", "wait", 1, "--until", "state=PUBLISHED")
    assert said.code == 4
    assert "Round 1 is abandoned, with state ABANDONED and not PUBLISHED" in said.err


@pytest.mark.heavy
def test_a_published_round_names_its_release(desk: Desk, opened: Small) -> None:
    opened.region.ticks(1)
    desk("round", "close", 1)
    opened.region.ticks(6)
    assert "Published as year-2024-r1." in desk("round", "status", 1).out


def test_commands_speak_dutch_unless_asked_otherwise(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEGWIJS_LANG")
    said = desk("round", "close", 1)
    assert "centra" in said.err
    assert "centres" not in said.err


def test_our_own_mistake_shows_neither_a_traceback_nor_its_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("client 00412")

    monkeypatch.setattr("coordinator.rounds.operator_actions.ask_close", fail)
    said = desk("round", "close", 1)
    assert said.code == 1
    assert "Something went wrong that should not (KeyError)" in said.err
    assert "00412" not in said.err
    monkeypatch.setenv("WEGWIJS_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["x", "round", "close", "1", "--dir", str(desk.folder)])
    with pytest.raises(KeyError):
        cli.main()
