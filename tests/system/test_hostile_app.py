"""A coordinator that ships an app with code of its own: nobody of ours fetches or runs it.

The control is one stock `flower-supernode` on the same SuperLink, which does both.
"""

import hashlib
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from edge import Edge
from flwr.cli.build import build_fab_from_disk
from flwr.supercore.fab import Fab
from flwr.supercore.primitives.asymmetric import public_key_to_bytes

from coordinator.carrier import flower, flower_link
from coordinator.carrier.arriving import Limits
from coordinator.carrier.superlink import free_port

pytestmark = pytest.mark.system

OURS, STOCK = {1, 2}, 3
SECONDS = 180

PYPROJECT = """[project]
name = "hostile"
version = "1.0.0"
dependencies = ["flwr>=1.41.0,<1.42"]
[tool.flwr.app]
publisher = "hostile"
[tool.flwr.app.components]
serverapp = "hostile.server:app"
clientapp = "hostile.client:app"
"""
MARK = """import os, sys
def mark(what):
    open(os.path.join({folder!r}, what + "-" + str(os.getpid())), "w").close()
mark("package")
"""
SERVER = """from flwr.serverapp import ServerApp
from hostile import mark
mark("server-import")
app = ServerApp()
@app.main()
def main(grid, context):
    mark("server-main")
"""
CLIENT = """from flwr.app import Message, RecordDict
from flwr.clientapp import ClientApp
from hostile import mark
mark("client-import")
app = ClientApp()
@app.query()
def query(msg, context):
    mark("client-query")
    return Message(RecordDict(), reply_to=msg)
"""


def hostile_fab(folder: Path, marks: Path) -> Fab:
    package = folder / "app" / "hostile"
    package.mkdir(parents=True)
    (folder / "app" / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text(MARK.format(folder=str(marks)))
    (package / "server.py").write_text(SERVER)
    (package / "client.py").write_text(CLIENT)
    body = build_fab_from_disk(folder / "app")
    return Fab(hashlib.sha256(body).hexdigest(), body, {})


@dataclass
class Attack:
    """What became of the hostile run."""

    answers: dict[int, object]
    """What the nodes said to the hostile run's message, by number."""
    carried_meanwhile: dict[int, bytes]
    marks_before_the_stock_node: set[str]
    marks: set[str]
    fetched: dict[int, bool]
    """Which nodes asked for the app."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    made = Edge.make(tmp_path_factory.mktemp("hostile"), (*OURS, STOCK))
    for number in OURS:
        made.start_node(number)
    yield made
    made.close()


@pytest.fixture(scope="module")
def attack(edge: Edge) -> Iterator[Attack]:
    marks = edge.folder / "marks"
    marks.mkdir()
    edge.wait_online(OURS)
    with pytest.MonkeyPatch.context() as patch:
        fab = hostile_fab(edge.folder, marks)
        patch.setattr(flower_link, "stub_app", lambda: fab)
        run = flower.FlowerRun(edge.link, Limits())
    nodes = edge.carrier._nodes
    answers = _answers(run, {n: nodes[n] for n in OURS})
    meanwhile = edge.ask(b"hello", OURS, seconds=SECONDS)
    before = _names(marks)
    stock = _start_stock(edge)
    try:
        edge.wait_online({STOCK}, SECONDS)
        ids = run.push({nodes[STOCK]: b"attack"})
        deadline = time.monotonic() + SECONDS
        while not any("query" in name for name in _names(marks)) and time.monotonic() < deadline:
            run.pull(ids.values())
            time.sleep(0.5)
        meanwhile |= edge.ask(b"again", OURS, seconds=SECONDS)
        yield Attack(answers, meanwhile, before, _names(marks), _fetched(edge))
    finally:
        os.killpg(stock.pid, signal.SIGKILL)  # its own session: it and the processes it made
        stock.wait()
        run.close()


def _answers(run: flower.FlowerRun, nodes: dict[int, int]) -> dict[int, object]:
    """Push over the hostile run and wait for every answer."""
    names = {number: run.push({node: b"attack"})[node] for number, node in nodes.items()}
    found: dict[str, object] = {}
    deadline = time.monotonic() + SECONDS
    while len(found) < len(names) and time.monotonic() < deadline:
        found |= run.pull([name for name in names.values() if name not in found])
        time.sleep(0.5)
    return {number: found.get(name) for number, name in names.items()}


def _start_stock(edge: Edge) -> subprocess.Popen[bytes]:
    words = [str(Path(sys.executable).parent / "flower-supernode"),
             "--superlink", f"127.0.0.1:{edge.port}", "--root-certificates", str(edge.ca),
             "--auth-supernode-private-key", str(edge.key_file(STOCK)),
             "--isolation", "subprocess", "--host", "127.0.0.1",
             "--port", str(free_port())]  # fmt: skip
    quiet = {"FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1",
             "FLWR_HOME": str(edge.folder / "stock"),
             "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # fmt: skip
    with (edge.folder / "stock.log").open("ab") as sink:
        return subprocess.Popen(words, stdout=sink, stderr=sink, env={**os.environ, **quiet},
                                start_new_session=True)  # fmt: skip


def _names(marks: Path) -> set[str]:
    return {path.name for path in marks.iterdir()}


def _fetched(edge: Edge) -> dict[int, bool]:
    keys = {n: b64encode(public_key_to_bytes(load_ssh_public_key(line)))
            for n, line in edge.keys.items()}  # fmt: skip
    assert all(edge.seen.calls[key] for key in keys.values())  # each was heard at all
    return {n: "/v1/fleet/get-fab" in edge.seen.calls[key] for n, key in keys.items()}


def test_the_hostile_run_reaches_our_nodes_and_they_answer_with_their_own_code(
    attack: Attack,
) -> None:
    assert attack.answers == dict.fromkeys(OURS, b"attack"[::-1])


def test_no_code_of_the_coordinators_app_runs_at_our_nodes_or_in_the_coordinator(
    attack: Attack, edge: Edge
) -> None:
    assert attack.marks_before_the_stock_node == set()
    ours = {os.getpid(), edge.superlink.pid,
            *(process.pid for process in edge.nodes.values())}  # fmt: skip
    assert ours.isdisjoint(int(name.rsplit("-", 1)[1]) for name in attack.marks)
    assert "hostile" not in sys.modules


def test_our_nodes_never_ask_for_the_app(attack: Attack) -> None:
    assert not any(attack.fetched[number] for number in OURS)


def test_a_stock_node_fetches_the_app_and_runs_it_so_the_attack_is_real(attack: Attack) -> None:
    kinds = {name.rsplit("-", 1)[0] for name in attack.marks}
    assert {"package", "client-import", "client-query"} <= kinds
    assert attack.fetched[STOCK]


def test_nothing_runs_the_server_part_of_the_app(attack: Attack) -> None:
    assert not [name for name in attack.marks if name.startswith("server")]


def test_the_coordinators_own_rounds_go_on_beside_the_hostile_run(attack: Attack) -> None:
    assert attack.carried_meanwhile == dict.fromkeys(OURS, b"again"[::-1])
