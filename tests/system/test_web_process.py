"""Pages, API and enrolment are served by a process of their own, which is watched."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import httpx
import pytest

from coordinator.carrier.superlink import free_port
from coordinator.home import Address, Founding, found
from coordinator.web.launch import MODULE, PortTaken, Web, WebFailed

pytestmark = pytest.mark.system


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    address = Address("127.0.0.1", free_port())
    place = tmp_path / "coordinator"
    found(place, Founding("Vlaanderen", "ab" * 32, address), os.urandom, int(time.time()))
    return place


@pytest.fixture
def pages() -> int:
    return free_port()


@pytest.fixture
def web(folder: Path, pages: int) -> Iterator[Web]:
    made = Web(folder, folder / "flower" / "link.sock", pages)
    yield made
    made.stop()


def status(port: int, path: str = "/") -> int:
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code


def test_it_serves_when_it_says_so_and_ends_when_it_is_asked(web: Web, pages: int) -> None:
    web.start()
    web.wait(Event())
    assert status(pages) == 200
    web.stop()
    assert not web.alive
    with pytest.raises(httpx.ConnectError):
        status(pages)


def test_a_taken_port_is_said_by_its_number_and_nothing_is_left_running(
    web: Web, pages: int
) -> None:
    with socket.create_server(("127.0.0.1", pages)):
        web.start()
        with pytest.raises(PortTaken, match=f"port {pages} is taken already") as refused:
            web.wait(Event())
    assert (refused.value.code, refused.value.exit_code) == ("port-taken", 4)
    assert not web.alive


def test_a_process_that_ends_before_it_listens_is_no_taken_port(tmp_path: Path) -> None:
    web = Web(tmp_path / "nothing", tmp_path / "link.sock", None)
    web.start()
    with pytest.raises(WebFailed):
        web.wait(Event())


def test_a_stop_ends_the_wait_also_for_one_that_never_listens(tmp_path: Path) -> None:
    web = Web(tmp_path / "nothing", tmp_path / "link.sock", None)
    web.start()
    stop = Event()
    stop.set()
    web.wait(stop)
    web.stop()


def _web_of(service: int) -> int:
    """The id of the web process among the children of a service."""
    for task in Path(f"/proc/{service}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            if MODULE in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8"):
                return int(child)
    raise LookupError("no web process")


def _until_served(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            assert status(port) == 200
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the pages did not come back")


def test_the_service_starts_it_again_and_takes_it_along(folder: Path, pages: int) -> None:
    command = Path(sys.executable).with_name("wegwijs-coordinator")
    words = ["serve", "--dir", str(folder), "--pages-port", str(pages)]
    service = subprocess.Popen([str(command), *words])
    try:
        _until_served(pages)
        first = _web_of(service.pid)
        os.kill(first, signal.SIGKILL)
        _until_served(pages)
        second = _web_of(service.pid)
        assert second != first
        service.kill()
        service.wait(10)
        deadline = time.monotonic() + 10
        while Path(f"/proc/{second}").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not Path(f"/proc/{second}").exists()
    finally:
        service.kill()
        service.wait(10)
