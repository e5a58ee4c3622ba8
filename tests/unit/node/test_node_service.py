"""The service of a centre: alone on its store, unhurried, and silent about data."""

import json
import logging
import ssl
import time
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from small_region import Small

from chassis import logs
from chassis.store import settings
from coordinator.web import ports
from node import service
from node.enrolment.flower_key import load_key, new_key, private_pem, public_line
from node.rounds import retry
from node.rounds.flower import Line, _Client
from node.rounds.region_clock import RegionClock
from node.service import AlreadyRunning, NotJoinedYet, Unhurried
from node.store import NodeStore
from schemas.message import Frame, Kind

CONTRIBUTE = Frame(Kind.CONTRIBUTE, (b"x",)).to_bytes()
OTHERS = [Frame(kind, (b"x",)).to_bytes() for kind in Kind if kind is not Kind.CONTRIBUTE]


class Slept(Event):
    """An event that notes how long somebody wanted to wait, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return False


def test_a_store_is_held_by_one_service_at_a_time(tmp_path: Path) -> None:
    with service._alone(tmp_path), pytest.raises(AlreadyRunning), service._alone(tmp_path):
        raise AssertionError("two services on one store")
    with service._alone(tmp_path):
        pass  # the first gave it back


def test_a_service_that_ends_badly_gives_its_store_back(tmp_path: Path) -> None:
    with pytest.raises(MemoryError), service._alone(tmp_path):
        raise MemoryError
    with service._alone(tmp_path):
        pass


def test_a_contribution_leaves_at_a_moment_drawn_before_it_is_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long encoding takes, the answer is due at the same moment."""
    order: list[str] = []
    now = {"at": 100.0}
    monkeypatch.setattr(service.time, "monotonic", lambda: now["at"])

    def draw(low: float, high: float) -> float:
        order.append("drawn")
        assert (low, high) == (1, 2)
        return 1.5

    monkeypatch.setattr(service._CHANCE, "uniform", draw)
    due = []
    for work in (0.5, 9.0):
        stop = Slept()

        def answer(request: bytes, work: float = work) -> bytes:
            order.append("computed")
            now["at"] += work
            return request

        began = now["at"]
        assert Unhurried(answer, 10, stop)(CONTRIBUTE) == CONTRIBUTE
        due.append(now["at"] - began + stop.waits[0])
    assert due == [15, 15]
    assert order == ["drawn", "computed"] * 2


def test_work_that_took_longer_than_the_drawn_time_is_sent_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter([0.0, 60.0])
    monkeypatch.setattr(service.time, "monotonic", lambda: next(moments))
    stop = Slept()
    Unhurried(lambda raw: raw, 10, stop)(CONTRIBUTE)
    assert stop.waits == [0.0]


@pytest.mark.parametrize("raw", [*OTHERS, b"", b"WGW1", b"nonsense"], ids=lambda raw: raw[:5].hex())
def test_other_messages_are_not_delayed(raw: bytes) -> None:
    stop = Slept()
    assert Unhurried(lambda request: request + b"!", 600, stop)(raw) == raw + b"!"
    assert stop.waits == []


def test_a_stop_ends_the_wait_of_a_contribution() -> None:
    stop = Event()
    stop.set()
    began = time.monotonic()
    Unhurried(lambda raw: raw, 600, stop)(CONTRIBUTE)
    assert time.monotonic() - began < 5


def test_a_failure_to_answer_is_not_hidden_by_the_wait() -> None:
    def fail(_: bytes) -> bytes:
        raise MemoryError

    with pytest.raises(MemoryError):
        Unhurried(fail, 0, Event())(CONTRIBUTE)


def test_the_line_to_the_region_is_what_join_stored(tmp_path: Path) -> None:
    store, key = NodeStore.create(tmp_path / "centre"), new_key()
    with pytest.raises(NotJoinedYet):
        service.line_of(store, 3)
    with store.begin() as connection:
        settings.put(connection, "url", b"https://wegwijs.example:8443")
        settings.put(connection, "ca", b"PEM")
        settings.put(connection, "flower", private_pem(key))
    line = service.line_of(store, 3)
    assert (line.address, line.ca, line.idle_seconds) == ("wegwijs.example:8443", b"PEM", 3)
    assert public_line(line.key) == public_line(key)
    assert "PRIVATE" not in repr(line)


def test_another_kind_of_key_is_not_used(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with pytest.raises(ValueError, match="elliptic"):
        load_key(private_pem(Ed25519PrivateKey.generate()))  # type: ignore[arg-type]
    assert tmp_path.exists()


def test_the_service_notes_its_connection_and_ends_with_stopped(
    opened: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    def fake(line: object, handler: service.Answer, stop: Event, say: object) -> None:
        say("connected")  # type: ignore[operator]
        heard.append(handler(opened.carrier.last(Kind.ANNOUNCE, 1)))
        stop.set()

    monkeypatch.setattr("node.rounds.flower.serve", fake)
    store = opened.region.nodes[1]
    clock = RegionClock(own=lambda: 1_764_000_240.0)
    clock.hear("Mon, 24 Nov 2025 16:00:00 GMT", 1_764_000_240.0)
    line = Line("a:1", b"", new_key(), 10, clock)
    service._serve(store, line, opened.region.documents, 0, Event())
    assert Frame.from_bytes(heard[0]).kind in (Kind.READY, Kind.REFUSED)
    with store.begin() as connection:
        state = json.loads(settings.get(connection, "connection") or b"{}")
    assert state["state"] == "stopped"
    assert state["at"] >= time.time() - 60
    assert 238 <= state["ahead"] <= 241


def test_every_log_line_is_json_whatever_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    logs.start()
    try:
        logging.getLogger("wegwijs.service").info('a "quoted" word\nand a second line \\')
        logging.getLogger("httpx").info("not said: libraries speak from warnings on")
        logging.getLogger("httpx").warning("said")
    finally:
        logging.getLogger().handlers.clear()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["what"] for line in lines] == ['a "quoted" word\nand a second line \\', "said"]
    assert set(lines[0]) == {"at", "level", "who", "what"}
    assert (lines[0]["who"], lines[0]["level"]) == ("wegwijs.service", "info")


def test_an_error_is_logged_by_its_kind_and_place_without_its_words(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.start()
    try:
        raise_and_log("client 00412 earns 3100")
    finally:
        logging.getLogger().handlers.clear()
    (line,) = capfd.readouterr().err.splitlines()
    assert "00412" not in line
    assert "KeyError at test_node_service.py:" in json.loads(line)["what"]


def raise_and_log(words: str) -> None:
    try:
        {}[words]
    except KeyError:
        logging.getLogger("some.library").exception("it went wrong")


def test_a_pause_doubles_up_to_five_seconds_and_is_short_again_after_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry._CHANCE, "uniform", lambda *_: 1.0)
    stop = Slept()
    pause = retry.Pause(stop)
    for _ in range(6):
        pause.take()
    pause.over()
    pause.take()
    assert stop.waits == [0.5, 1, 2, 4, 5, 5, 0.5]


def test_calls_are_spread_by_at_most_a_fifth() -> None:
    assert all(8 <= retry.jitter(10) <= 12 for _ in range(200))


@pytest.mark.parametrize(("idle", "promised"), [(0.1, 10), (7, 14), (60, 30)])
def test_the_promised_heartbeat_stays_within_what_flower_takes(
    idle: float, promised: float
) -> None:
    assert retry.promised_heartbeat(idle) == promised


def test_a_state_is_passed_on_only_when_it_changes() -> None:
    heard: list[str] = []
    say = retry.OnChange(heard.append)
    for state in ("waiting", "waiting", "connected", "connected", "waiting"):
        say(state)
    assert heard == ["waiting", "connected", "waiting"]


def test_a_refusal_is_told_once_it_lasts_longer_than_a_restart_of_the_coordinator() -> None:
    heard: list[str] = []
    moments = iter((0.0, 0.0, 60.0, 100.0, 100.0, 150.0, 189.0, 190.0))
    say = retry.Doubting(heard.append, lambda: next(moments))
    for state in ("refused", "refused", "connected", "refused", "refused", "refused", "refused"):
        say(state)
    assert heard == ["waiting"] * 2 + ["connected"] + ["waiting"] * 3 + ["refused"]


@pytest.mark.parametrize("state", ["waiting", "clock"])
def test_another_state_in_between_begins_the_wait_anew(state: str) -> None:
    heard: list[str] = []
    moments = iter((0.0, 0.0, 100.0, 100.0))
    say = retry.Doubting(heard.append, lambda: next(moments))
    for one in ("refused", state, "refused"):
        say(one)
    assert heard == ["waiting", state, "waiting"]


@pytest.mark.parametrize(
    ("status", "turned"), [(401, True), (412, True), (403, False), (503, False)]
)
def test_an_unknown_key_and_a_false_signature_are_turned_away(status: int, turned: bool) -> None:
    request = httpx.Request("POST", "https://a/v1/fleet/activate-node")
    answer = httpx.Response(status, request=request)
    failure = httpx.HTTPStatusError("no", request=request, response=answer)
    assert retry.turned_away(failure) is turned


def test_after_an_answer_the_next_question_comes_soon_and_then_ever_later() -> None:
    asking = retry.Asking(10.0)
    waits = [asking.wait() for _ in range(8)]
    wanted = [0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10]
    assert waits == [pytest.approx(one, rel=0.21) for one in wanted]
    asking.soon()
    assert asking.wait() == pytest.approx(0.4, rel=0.21)


def test_a_usual_wait_that_is_short_is_never_made_longer() -> None:
    asking = retry.Asking(0.1)
    assert [asking.wait() for _ in range(3)] == [pytest.approx(0.1, rel=0.21)] * 3


def test_a_connection_lasts_from_one_question_for_work_to_the_next() -> None:
    """Longer than the usual ten seconds, and shorter than the coordinator keeps it."""
    key = load_key(private_pem(new_key()))
    made: Any = _Client("https://localhost:1", interceptors=[], verify=ssl.create_default_context())
    kept = made._client._transport._pool._keepalive_expiry
    assert 1.5 * Line("localhost:1", b"", key).idle_seconds < kept < ports._KEEP_ALIVE
