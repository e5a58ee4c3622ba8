"""`wegwijs verify` and `wegwijs demo`: what anyone can check, and what the demo refuses."""

import base64
import importlib.util
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cast import tape
from click.testing import Result
from region import DAY, NOW, Region, make_region, sample_records
from typer.testing import CliRunner

from deploy import cli
from deploy.cli import app
from deploy.demo import warm
from deploy.demo.commands import StepFailed
from privacy.secure_sum.keys import Identity
from schemas.catalogue.default import programme_of_year
from schemas.programme import Programme
from schemas.release import Release
from schemas.units import UnixSeconds


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """A region with one published release."""
    people = {n: sample_records(n, 6) for n in range(1, 8)}
    whole = programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 365 * DAY)
    )
    statistic = whole.by_id["trajectories"].model_copy(update={"views": ((), ("nuts2",))})
    asks = tuple(ask for ask in whole.asks if ask.statistic == "trajectories")
    small = Programme(**{**dict(whole), "statistics": (statistic,), "asks": asks})
    region = make_region(tmp_path_factory.mktemp("region") / "made", people, programme=small)
    number = region.announce()
    region.ticks(3)
    region.ask("open", number)
    region.ticks(2)
    region.ask("close", number)
    region.ticks(5)
    return region


@pytest.fixture(scope="session")
def release(region: Region) -> tuple[Release, str]:
    """The release and the authority's public key."""
    return region.release(), region.authority.public_hex


@pytest.fixture
def file(region: Region, tmp_path: Path) -> Path:
    path = tmp_path / "release.json"
    path.write_bytes(region.signed_release().canonical())
    return path


def verify(file: Path, key: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["verify", str(file), "--authority", key, *words])


@pytest.mark.heavy
def test_a_true_release_is_said_to_be_true(file: Path, release: tuple[Release, str]) -> None:
    result = verify(file, release[1])
    assert result.exit_code == 0, result.stderr
    first, second = result.stdout.splitlines()
    assert first.startswith("True: 7 of 7 centres are in the sum, certified by")
    assert f"all {len(release[0].figures)} figures follow from it." in first
    assert first.endswith("The coordinator on the roster signed the release.")
    assert second.startswith("Roster: ")


def test_machines_get_the_same_in_json(file: Path, release: tuple[Release, str]) -> None:
    found = json.loads(verify(file, release[1], "--json").stdout)
    assert (found["centres"], found["on_roster"]) == (7, 7)
    assert found["figures"] == len(release[0].figures)
    assert found["signatures"] >= 5
    assert len(found["roster"]) == 64


def _other_estimate(one: Release) -> dict[str, Any]:
    first = one.figures[0]
    return {"figures": (first.model_copy(update={"estimate": 1e6}), *one.figures[1:])}


def _other_band(one: Release) -> dict[str, Any]:
    first = one.figures[0]
    band = "A" if first.band != "A" else "B"
    return {"figures": (first.model_copy(update={"band": band}), *one.figures[1:])}


def _other_sum(one: Release) -> dict[str, Any]:
    total = np.frombuffer(base64.b64decode(one.sum), dtype="<i8") + 2**20
    return {"sum": base64.b64encode(total.tobytes()).decode()}


@pytest.mark.parametrize(
    "change",
    [
        _other_estimate,
        _other_band,
        _other_sum,
        lambda one: {"figures": one.figures[:-1]},
        lambda one: {"in_sum": one.in_sum[:-1]},
        lambda one: {"on_roster": one.on_roster + 1},
        lambda one: {"epsilon": one.epsilon / 2},
        lambda one: {"round": one.round + 1},
        lambda one: {"sum": "AAAA"},
        lambda one: {"certificate": one.certificate.model_copy(
            update={"signatures": one.certificate.signatures[:2]})},
    ],
)  # fmt: skip
def test_what_does_not_follow_is_refused_with_3_even_if_the_coordinator_signed_it(
    region: Region, release: tuple[Release, str], tmp_path: Path, change: Any
) -> None:
    path = tmp_path / "changed.json"
    changed = release[0].model_copy(update=change(release[0]))
    path.write_bytes(region.sealed(changed).canonical())
    result = verify(path, release[1])
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("Refused: ")
    assert f"Do not use the figures of {path}" in result.stderr


def test_the_key_of_another_authority_is_refused(file: Path) -> None:
    result = verify(file, Identity(tape("another")(32)).public_hex)
    assert result.exit_code == 3
    assert "a document of the release fails its check" in result.stderr


@pytest.mark.parametrize("key", ["", "zz" * 32, "ab"])
def test_what_is_no_key_at_all_is_refused_without_a_traceback(file: Path, key: str) -> None:
    result = verify(file, key)
    assert result.exit_code in (2, 3)
    assert "Traceback" not in result.output
    assert result.stdout == ""


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\xfe", b"[1, 2]"])
def test_a_file_that_is_no_release_is_refused(
    tmp_path: Path, raw: bytes, release: tuple[Release, str]
) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(raw)
    result = verify(path, release[1])
    assert (result.exit_code, result.stdout) == (3, "")


def test_another_spelling_of_the_same_release_is_refused(
    tmp_path: Path, release: tuple[Release, str]
) -> None:
    path = tmp_path / "spaces.json"
    path.write_text(json.dumps(json.loads(release[0].canonical()), indent=1))
    assert verify(path, release[1]).exit_code == 3


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_2(
    tmp_path: Path, name: str, release: tuple[Release, str]
) -> None:
    result = verify(tmp_path / name, release[1])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be read" in result.stderr


def test_verify_asks_for_the_key(file: Path) -> None:
    assert CliRunner().invoke(app, ["verify", str(file)]).exit_code == 2


@pytest.fixture
def no_demo(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No process is started; what would be told is noted."""
    wishes: list[object] = []

    @contextmanager
    def told(wish: object, _: object) -> Any:
        wishes.append(wish)
        raise StepFailed("the coordinator did not start")
        yield

    monkeypatch.setattr("deploy.demo.story.told", told)
    return wishes


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--source", "elsewhere"), "There is no source elsewhere; there are"),
        (("--witnesses", "3"), "A committee of witnesses has at least 7 of them."),
        (("--kill", "11"), "11"),
        (("--kill", "-1"), "-1"),
        (("--port", "70000"), "70000"),
        (("--dir", "{full}"), "is not empty; choose another folder. Nothing was changed."),
    ],
)
def test_the_demo_refuses_what_it_cannot_do_before_it_starts_anything(
    tmp_path: Path, no_demo: list[object], words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "kept").touch()
    result = CliRunner().invoke(app, ["demo", *(w.format(full=tmp_path) for w in words)])
    assert result.exit_code == 2
    assert said in result.stderr
    assert no_demo == []
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_demo_that_stops_says_why_and_keeps_the_logs(
    tmp_path: Path, no_demo: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = tmp_path / "demo", tmp_path / "kept"
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "coordinator.log").write_text("a line")
    kept.mkdir()
    monkeypatch.setattr(cli.tempfile, "mkdtemp", lambda **_: str(kept))
    monkeypatch.setattr(cli.Path, "iterdir", lambda _: iter(()))
    result = CliRunner().invoke(app, ["demo", "--once", "--dir", str(folder)])
    assert result.exit_code == 1
    assert f"the coordinator did not start. The logs are in {kept}." in result.stderr
    assert (kept / "coordinator.log").read_text() == "a line"
    assert len(no_demo) == 1


def test_a_temporary_folder_is_removed_unless_its_results_were_asked_for() -> None:
    with cli._folder(None, keep=False) as root:
        assert root.is_dir()
    assert not root.exists()
    with cli._folder(None, keep=True) as root:
        pass
    assert root.exists()
    root.rmdir()


def test_a_folder_that_was_named_stays(tmp_path: Path) -> None:
    with cli._folder(tmp_path, keep=False) as root:
        assert root == tmp_path
    assert tmp_path.exists()


FOUND = {
    "abandoned": False, "in_sum": 8, "centres": 10, "witnesses": 0, "figures": 120,
    "charged_twice": 0,
    "charged_not_in_sum": 1, "by_statistic": {"trajectories@start": (40, 38)},
    "seconds": {"total": 61.4},
}  # fmt: skip


def test_the_end_of_the_demo_is_told_in_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    cli._report(FOUND)
    assert capsys.readouterr().out.splitlines() == [
        "8 of 10 centres are in the sum; 120 figures.",
        "  trajectories@start: 38 of 40 noise intervals hold the exact figure (95.0%; 95 is meant)",
        "Charged twice: 0; charged without being in the sum: 1.",
        "61 s to the release.",
    ]


def test_the_end_of_the_demo_says_who_certified_if_it_was_witnesses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli._report({**FOUND, "witnesses": 7})
    assert "Certified and opened by 7 witnesses" in capsys.readouterr().out


def test_a_demo_with_too_few_centres_tells_that_nobody_paid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli._report({**FOUND, "abandoned": True})
    assert capsys.readouterr().out == (
        "Too few centres: the round was abandoned and nobody was charged.\n"
    )


def test_the_command_ends_with_the_code_of_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["wegwijs", "verify"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2


@pytest.mark.parametrize("name", warm.LOADED)
def test_what_the_demo_loads_before_its_commands_is_there(name: str) -> None:
    assert importlib.util.find_spec(name) is not None
