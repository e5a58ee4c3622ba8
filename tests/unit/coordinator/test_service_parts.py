"""Pieces of the coordinator's service: registration, a failed step, children, its log."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from chassis import logs
from coordinator import service
from coordinator.carrier.delivery import LinkAway
from coordinator.carrier.superlink import SuperLinkFailed
from coordinator.enrolment import approval
from coordinator.home import Address, Founding, Home
from coordinator.service import _Registration, _safely
from coordinator.store import CoordinatorStore, centres, rounds
from coordinator.store.centres import Enrolled
from coordinator.web.launch import PortTaken, WebFailed
from privacy.secure_sum.keys import Identity
from schemas.enrolment import Invitation


class Slept(Event):
    """Notes what somebody wanted to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


class Link:
    """A carrier that only hears who is known."""

    def __init__(self) -> None:
        self.heard: list[Mapping[int, bytes]] = []

    def know(self, keys: Mapping[int, bytes]) -> None:
        self.heard.append(keys)


@pytest.fixture
def place(tmp_path: Path) -> CoordinatorStore:
    return CoordinatorStore.create(tmp_path / "coordinator")


def enrol(store: CoordinatorStore, number: int, state: str) -> None:
    with store.begin() as connection:
        new = Enrolled(
            number, f"C{number}", "o", str(number), f"{number:064x}", b"key%d" % number, "card",
            state, 1,  # type: ignore[arg-type]
        )  # fmt: skip
        centres.enrol(connection, new)


def test_nobody_is_registered_before_anybody_is_approved(place: CoordinatorStore) -> None:
    enrol(place, 1, "pending")
    link = Link()
    _Registration(place, link, lambda: 1).refresh(100.0)  # type: ignore[arg-type]
    assert link.heard == []


def test_a_centre_is_registered_as_soon_as_it_is_approved(place: CoordinatorStore) -> None:
    enrol(place, 1, "approved")
    link = Link()
    desk = _Registration(place, link, lambda: 1)  # type: ignore[arg-type]
    desk.refresh(100.0)
    assert link.heard == [{1: b"key1"}]
    enrol(place, 2, "pending")
    desk.refresh(101.0)
    assert len(link.heard) == 1
    with place.begin() as connection:
        approval.approve(connection, [2], 5)
    desk.refresh(102.0)
    assert link.heard[1:] == [{1: b"key1", 2: b"key2"}]


def test_registration_is_repeated_after_a_while_for_a_link_that_was_away(
    place: CoordinatorStore,
) -> None:
    enrol(place, 1, "approved")
    link = Link()
    desk = _Registration(place, link, lambda: 1)  # type: ignore[arg-type]
    for moment in (100.0, 114.9, 115.1, 120.0, 131.0):
        desk.refresh(moment)
    assert len(link.heard) == 3


def test_a_superlink_that_was_started_again_is_told_at_once(place: CoordinatorStore) -> None:
    enrol(place, 1, "approved")
    link, starts = Link(), [1]
    desk = _Registration(place, link, lambda: starts[-1])  # type: ignore[arg-type]
    desk.refresh(100.0)
    desk.refresh(100.3)
    assert len(link.heard) == 1
    starts.append(2)
    desk.refresh(100.6)
    desk.refresh(100.9)
    assert len(link.heard) == 2


def test_a_registration_that_fails_is_tried_again_at_the_next_step(
    place: CoordinatorStore,
) -> None:
    enrol(place, 1, "approved")
    calls: list[int] = []

    class Broken:
        def know(self, _: object) -> None:
            calls.append(1)
            if len(calls) < 3:
                raise LinkAway

    desk = _Registration(place, Broken(), lambda: 1)  # type: ignore[arg-type]
    for moment in (100.0, 100.3, 100.6, 100.9):
        desk.refresh(moment)
    assert len(calls) == 3


def test_a_failed_step_is_logged_without_its_words_and_tried_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = Slept()

    def step() -> None:
        raise ValueError("centre 3 sent SENTINEL")

    _safely(stop, step)
    assert stop.waits == [5.0]
    assert "SENTINEL" not in caplog.text
    assert "ValueError at test_service_parts.py:" in caplog.text


def test_a_step_that_goes_well_waits_for_nothing(caplog: pytest.LogCaptureFixture) -> None:
    stop, done = Slept(), []
    _safely(stop, lambda: done.append(1))
    assert (stop.waits, done, caplog.text) == ([], [1], "")


class Grown:
    """A SuperLink that takes far too much."""

    megabytes = 900.0

    def __init__(self) -> None:
        self.killed = 0

    def kill(self) -> None:
        self.killed += 1


def test_a_superlink_that_grew_is_ended_between_rounds(place: CoordinatorStore) -> None:
    link = Grown()
    service._renew(link, place)  # type: ignore[arg-type]
    assert link.killed == 1


@pytest.mark.parametrize("state", ["ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED"])
def test_a_superlink_that_grew_is_left_alone_during_a_round(
    place: CoordinatorStore, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    link = Grown()
    monkeypatch.setattr(
        rounds, "in_states", lambda _, states: ["a round"] if state in states else []
    )
    service._renew(link, place)  # type: ignore[arg-type]
    assert link.killed == 0


def test_a_superlink_that_does_not_start_is_tried_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def start(self) -> None:
            raise SuperLinkFailed("port 1 SENTINEL")

    service._again(Broken())  # type: ignore[arg-type]
    assert "did not start; trying again" in caplog.text
    assert "SENTINEL" not in caplog.text


@pytest.mark.parametrize("failure", [PortTaken("port 1 SENTINEL"), WebFailed("SENTINEL")])
def test_pages_that_do_not_start_are_tried_again_later(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def start(self) -> None:
            raise failure

    stop = Slept()
    service._web_again(Broken(), stop)  # type: ignore[arg-type]
    assert "did not start; trying again" in caplog.text
    assert "SENTINEL" not in caplog.text
    assert stop.waits == [5.0]


@pytest.fixture
def log() -> Any:
    """Starts the log as the service does; the tests' own is put back."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    def started(name: str) -> logging.Logger:
        logs.start()
        return logging.getLogger(name)

    yield started
    root.handlers[:] = before
    root.setLevel(level)


def test_a_log_line_is_json_whatever_is_said(log: Any, capsys: pytest.CaptureFixture[str]) -> None:
    log("wegwijs.rounds").info('round 1: "odd"\nanswer')
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found["what"] == 'round 1: "odd"\nanswer'
    assert (found["who"], found["level"]) == ("wegwijs.rounds", "info")
    assert set(found) == {"at", "level", "who", "what"}


def test_libraries_speak_from_warnings_on_whatever_level_they_set(
    log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    other = log("some.library")
    other.setLevel(logging.DEBUG)
    other.info("chatter")
    other.warning("grave")
    lines = [json.loads(line)["what"] for line in capsys.readouterr().err.splitlines()]
    assert lines == ["grave"]


def test_no_message_of_an_exception_reaches_the_log(
    log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_and_log(log("some.library"), "SENTINEL")
    shown = capsys.readouterr().err
    assert "it went wrong: KeyError at test_service_parts.py:" in shown
    assert "SENTINEL" not in shown


def fail_and_log(to: logging.Logger, words: str) -> None:
    try:
        {}[words]
    except KeyError:
        to.exception("it went wrong")


def test_the_place_of_an_error_is_its_type_file_and_line() -> None:
    try:
        {}["SENTINEL"]
    except KeyError as error:
        found = logs.place(error)
    assert found.startswith("KeyError at test_service_parts.py:")
    assert logs.place(ValueError("SENTINEL")) == "ValueError at ?"


def test_secrets_of_the_coordinator_do_not_print(tmp_path: Path) -> None:
    url = "postgresql+psycopg://wegwijs:SENTINEL@db/wegwijs"
    token = "SENTINEL" + "t" * 35
    invitation = Invitation(
        url="https://a", ca_pem="", authority="ab" * 32, centre=1, name="A", token=token,
        expires_at=1,
    )  # fmt: skip
    secret = b"SENTINEL" * 4
    for thing in (
        Founding("V", "ab" * 32, Address("127.0.0.1", 1), url),
        Identity(secret),
        invitation,
        Home(tmp_path),
        CoordinatorStore.create(tmp_path / "new")._engine,
    ):
        shown = repr(thing) + str(thing)
        assert "SENTINEL" not in shown, type(thing).__name__
        assert secret.hex() not in shown
