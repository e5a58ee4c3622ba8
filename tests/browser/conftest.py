"""Chromium, and the public port as it is served, for all browser tests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import uvicorn
from demo_release import clock, published
from playwright.sync_api import Browser, Page, sync_playwright

from coordinator.store import CoordinatorStore
from coordinator.web.application import public_app

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


Serving = Callable[[CoordinatorStore], AbstractContextManager[str]]


@contextmanager
def _serving(store: CoordinatorStore) -> Iterator[str]:
    config = uvicorn.Config(public_app(store, clock, []), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Serves the pages of a store, and gives their address."""
    return _serving


@pytest.fixture(scope="session")
def address(serving: Serving) -> Iterator[str]:
    with serving(published()) as where:
        yield where


@pytest.fixture(scope="session")
def browser(wanting: Callable[[str], NoReturn]) -> Iterator[Browser]:
    if not CHROMIUM.exists():
        wanting("chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page without scripts of its own: JavaScript is off for the site."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def measured(browser: Browser, address: str) -> Iterator[Page]:
    """A page that tests may look into by script."""
    context = browser.new_context(base_url=address)
    yield context.new_page()
    context.close()
