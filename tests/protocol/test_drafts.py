"""A sum that can hardly be true is not published by itself: it waits, and a person decides."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from fastapi.testclient import TestClient
from region import DAY, NOW, Region, make_region, sample_records
from typer.testing import CliRunner

from chassis.store import audit_log
from coordinator.cli import app
from coordinator.rounds.operator_actions import Order, announce
from coordinator.web.application import public_app
from node.rounds import contribution
from node.store import rounds as own_rounds
from privacy.encode.layout import make_layout
from privacy.verify import ReleaseRefused, verify_release
from schemas.catalogue.default import programme_of_year
from schemas.programme import Programme
from schemas.record import Trajectory
from schemas.release import Withheld
from schemas.signed import Signed
from schemas.units import UnixSeconds

WHY = "Checked with the centre: its file held every client of the province."


def programme() -> Programme:
    """Trajectories of 2023 and of 2024."""
    span = (UnixSeconds(0), UnixSeconds(NOW + 365 * DAY))
    years = [programme_of_year(year, "Vlaanderen", *span) for year in (2023, 2024)]
    statistic = years[0].by_id["trajectories"].model_copy(update={"views": ((), ("gender",))})
    asks = tuple(ask for ask in years[0].asks if ask.statistic == "trajectories")
    periods = tuple(year.periods[0] for year in years)
    small = {"statistics": (statistic,), "asks": asks, "periods": periods}
    return Programme(**{**dict(years[0]), **small})


def of_2023(node: int, count: int) -> list[Trajectory]:
    def other(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    return [
        one.model_copy(
            update={
                "started_on": date(2023, one.started_on.month, one.started_on.day),
                "ended_on": date(2023, 12, 31),
                "client_ref": other(one.client_ref),
                "trajectory_ref": other(one.trajectory_ref),
            }
        )
        for one in sample_records(node, count)
    ]


def made(folder: Path, people: Callable[[int], Sequence[Trajectory]]) -> Region:
    return make_region(folder, {n: people(n) for n in range(1, 9)}, programme=programme())


def run(region: Region, period: str = "year-2023") -> int:
    with region.store.begin() as connection:
        order = Order(period, ("trajectories@start",), 3600, DAY)
        number = announce(connection, region.coordinator, order, region.clock()).round
    region.ticks(3)
    region.ask("open", number)
    region.ticks(3)
    region.ask("close", number)
    region.ticks(6)
    return number


@pytest.fixture
def lied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    """Centre 3 runs changed software that makes 24,790 men of nobody, in one view."""
    region = made(tmp_path / "region", lambda n: of_2023(n, 25))
    layout = make_layout(region.programme, ("trajectories@start",))
    block = next(one for one in layout.blocks if one.part.view == ("gender",))
    true = contribution.contribute

    def lie(view, identity, keys, links, noisy, random):  # type: ignore[no-untyped-def]
        if identity.public_hex == region.roster.centre(3).key:
            noisy.values[block.start + 1] += 24_790 * block.multiplier
        return true(view, identity, keys, links, noisy, random)

    monkeypatch.setattr(contribution, "contribute", lie)
    assert run(region) == 1
    return region


def command(region: Region, *words: str) -> Result:
    argv = ["release", *words, "--dir", str(region.store.folder)]
    return CliRunner().invoke(app, argv, env={"WEGWIJS_LANG": "en"})


def finds_no_draft(result: Result) -> bool:
    said = "No draft of round 1 waits for a decision. Nothing was changed.\n"
    return (result.exit_code, result.stderr) == (4, said)


def test_a_true_sum_is_published_as_before(tmp_path: Path) -> None:
    region = made(tmp_path / "region", lambda n: of_2023(n, 25))
    assert region.status(run(region))["state"] == "PUBLISHED"
    assert region.release().findings == ()
    assert command(region, "drafts").stdout.strip() in ("No draft waits.", "Er wacht geen ontwerp.")


def test_a_lie_in_one_view_waits_and_says_what_contradicts_what(lied: Region) -> None:
    assert lied.status(1)["state"] == "DRAFT"
    (draft,) = json.loads(command(lied, "drafts", "--json").stdout)["drafts"]
    found = {one["kind"]: one for one in draft["findings"]}
    assert found["contradiction"]["other"] == ["gender"]
    assert 24_000 < found["contradiction"]["expected"] - found["contradiction"]["stated"] < 25_500
    assert "gender" in command(lied, "drafts").stdout
    reader = TestClient(public_app(lied.store, lied.clock, []))
    assert reader.get("/api/v1/releases").json() == []
    assert reader.get("/api/v1/releases/year-2023-r1").status_code == 404


def test_centres_hear_that_they_are_in_the_sum_while_the_draft_waits(lied: Region) -> None:
    for store in lied.nodes.values():
        with store.begin() as connection:
            assert own_rounds.all_rounds(connection)[0].outcome == "in_sum"


def test_who_publishes_it_says_why_in_the_release_and_the_audit_log(lied: Region) -> None:
    assert command(lied, "publish", "1", "--reason", WHY).exit_code == 0
    release = lied.release()
    assert (lied.status(1)["state"], release.reason) == ("PUBLISHED", WHY)
    assert {one.kind for one in release.findings} == {"contradiction"}
    key = lied.authority.public_hex
    assert verify_release(lied.signed_release(), key).centres == 8
    silent = lied.sealed(release.model_copy(update={"findings": (), "reason": None}))
    with pytest.raises(ReleaseRefused, match="other doubts about its sum than there are"):
        verify_release(silent, key)
    with lied.store.begin() as connection:
        assert audit_log.check(connection) > 3
    assert finds_no_draft(command(lied, "publish", "1", "--reason", WHY))


def test_who_rejects_it_has_the_round_listed_as_withheld(lied: Region) -> None:
    assert command(lied, "reject", "1", "--reason", WHY).exit_code == 0
    assert lied.status(1)["state"] == "WITHHELD"
    reader = TestClient(public_app(lied.store, lied.clock, []))
    (one,) = reader.get("/api/v1/withheld").json()
    body = Signed(**one).open(Withheld, lied.coordinator.public_hex)
    assert (body.round, body.reason, body.findings[0].kind) == (1, WHY, "contradiction")
    assert reader.get("/api/v1/releases").json() == []
    assert finds_no_draft(command(lied, "publish", "1", "--reason", WHY))


@pytest.mark.parametrize("reason", ["", "too short", "two\nlines that somebody wrote", "x" * 501])
def test_without_a_reason_that_readers_can_read_nothing_is_published(
    lied: Region, reason: str
) -> None:
    assert command(lied, "publish", "1", "--reason", reason).exit_code == 2
    assert lied.status(1)["state"] == "DRAFT"


def grown(n: int) -> list[Trajectory]:
    """Each centre has six times as many clients as the year before."""
    return [*of_2023(n, 50), *sample_records(n, 300)]


def test_a_region_that_grew_sixfold_in_a_year_waits(tmp_path: Path) -> None:
    region = made(tmp_path / "region", grown)
    assert region.status(run(region))["state"] == "PUBLISHED"
    number = run(region, "year-2024")
    assert region.status(number)["state"] == "DRAFT"
    (draft,) = json.loads(command(region, "drafts", "--json").stdout)["drafts"]
    national = next(one for one in draft["findings"] if one["cell"] == [])
    assert national["kind"] == "change"
    assert national["stated"] == pytest.approx(2_400, abs=150)
    assert national["expected"] == pytest.approx(400, abs=150)
    assert command(region, "publish", str(number), "--reason", WHY).exit_code == 0
    assert verify_release(region.signed_release(), region.authority.public_hex).centres == 8


def test_a_region_may_declare_that_it_changes_more(tmp_path: Path) -> None:
    region = made(tmp_path / "region", grown)
    assert command(region, "tolerance", "900").exit_code == 0
    run(region)
    assert region.status(run(region, "year-2024"))["state"] == "PUBLISHED"
