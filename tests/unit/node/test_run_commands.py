"""`pause`, `resume` and `run`: whether this centre takes part."""

import fcntl
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from small_region import Small
from typer.testing import CliRunner

from chassis.store import audit_log
from node import service
from node.cli import app
from node.store import NodeStore
from schemas.message import Kind


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def events(small: Small) -> list[str]:
    with small.region.nodes[1].begin() as connection:
        found = connection.exec_driver_sql("SELECT event FROM audit ORDER BY id").scalars().all()
        assert audit_log.check(connection) == len(found)
    return list(found)


@pytest.mark.heavy
def test_a_paused_centre_refuses_a_round_and_answers_again_after_resume(opened: Small) -> None:
    folder = opened.region.nodes[1].folder
    said = run(folder, "pause")
    assert (said.exit_code, said.stdout) == (
        0,
        "Paused. No new round is answered until you say resume.\n",
    )
    opened.region.ticks(1)
    assert opened.region.status(1)["contributions"] == 6
    assert opened.region.status(1)["refusals"] == {"paused": 1}
    assert run(folder, "resume").stdout == "This centre takes part again.\n"
    opened.region.ticks(1)
    assert opened.region.status(1)["contributions"] == 7
    assert events(opened)[-3:] == ["paused", "resumed", "contributed"]


def test_a_paused_centre_still_finishes_a_round_that_it_answered(contributed: Small) -> None:
    run(contributed.region.nodes[1].folder, "pause")
    contributed.region.ticks(2)
    assert contributed.ask(1, contributed.carrier.last(Kind.UNMASK, 1)).kind is Kind.SHARES


def test_pause_and_resume_answer_machines_in_json(opened: Small) -> None:
    folder = opened.region.nodes[1].folder
    for command, paused in (("pause", True), ("pause", True), ("resume", False)):
        assert json.loads(run(folder, command, "--json").stdout) == {"paused": paused}


def test_pause_speaks_dutch(opened: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEGWIJS_LANG")
    said = run(opened.region.nodes[1].folder, "pause").stdout
    assert "ronde" in said
    assert "round" not in said


def test_a_service_before_joining_says_what_to_do_first(tmp_path: Path) -> None:
    NodeStore.create(tmp_path / "new")
    result = run(tmp_path / "new", "run")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "has not joined a region yet. First: join INVITATION" in result.stderr


def test_a_second_service_on_a_store_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "centre"
    NodeStore.create(folder)
    monkeypatch.setattr(service, "line_of", lambda *_: None)
    monkeypatch.setattr(service, "documents_of", lambda _: SimpleNamespace(fetch=None))
    monkeypatch.setattr(service.logs, "start", lambda: None)
    monkeypatch.setattr(service.signal, "signal", lambda *_: None)
    served: list[object] = []
    monkeypatch.setattr(service, "_serve", lambda *words: served.append(words))
    with (folder / "service.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = run(folder, "run")
        assert result.exit_code == 4
        assert "Another service answers for this store already" in result.stderr
        assert served == []
    assert run(folder, "run").exit_code == 0
    assert len(served) == 1


@pytest.mark.parametrize("words", [("--poll", "0"), ("--poll", "601"), ("--unhurried", "-1")])
def test_a_pace_outside_its_bounds_is_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    assert run(tmp_path, "run", *words).exit_code == 2
