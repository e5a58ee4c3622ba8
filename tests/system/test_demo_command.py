"""`wegwijs demo --once`: the whole of Wegwijs on one machine, by one command, on three sources."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scene import Said, run

from schemas.release import Figure, Release
from schemas.roster import Roster
from schemas.signed import Signed

pytestmark = pytest.mark.system

SECONDS = 1500.0


@dataclass
class Ran:
    """What one run said, in words, in its file, and in its release."""

    said: Said
    facts: dict[str, Any]
    release: Release


def ran(folder: Path, *words: str) -> Ran:
    facts = folder / "facts.json"
    said = run(
        "wegwijs", "demo", "--once", "--dir", folder / "demo", "--json", facts, *words,
        seconds=SECONDS,
    )  # fmt: skip
    assert said.code == 0, said.err
    found = json.loads(facts.read_text())
    return Ran(
        said, found, Signed.from_canonical(Path(found["release"]).read_bytes()).peek(Release)
    )


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("synthetic"), "--kill", "2")


@pytest.fixture(scope="module")
def witnessed(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("witnessed"), "--witnesses", "7", "--kill", "1")


@pytest.fixture(scope="module")
def wagepan(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("wagepan"), "--source", "wagepan")


@pytest.fixture(scope="module")
def nsw(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("nsw"), "--source", "nsw")


def test_seven_witnesses_certify_and_open_in_place_of_the_centres(witnessed: Ran) -> None:
    facts = witnessed.facts
    assert (facts["centres"], facts["witnesses"], facts["in_sum"]) == (10, 7, 9)
    signers = {one.member for one in witnessed.release.certificate.signatures}
    assert signers <= set(range(11, 18))
    assert len(signers) >= 6
    assert "Certified and opened by 7 witnesses" in witnessed.said.out
    assert (facts["charged_twice"], facts["charged_not_in_sum"]) == (0, 0)
    assert_sane(facts["cells_covered"], facts["cells"])


def assert_sane(covered: int, cells: int) -> None:
    """95% is meant; figures of one sum move together, so five of them count as one."""
    spread = math.sqrt(0.95 * 0.05 / (cells / 5))
    assert abs(covered / cells - 0.95) < 5 * spread, f"{covered} of {cells}"


def national(release: Release, statistic: str) -> Figure:
    (found,) = [
        one
        for one in release.figures
        if (one.statistic, one.measure, one.cell) == (statistic, "count", ())
    ]
    return found


@pytest.mark.alone
def test_two_centres_are_killed_and_the_round_goes_on_with_eight(synthetic: Ran) -> None:
    facts = synthetic.facts
    assert (facts["centres"], facts["in_sum"], len(facts["killed"])) == (10, 8, 2)
    assert set(synthetic.release.in_sum) == set(range(1, 11)) - set(facts["killed"])
    assert "8 of 10 centres are in the sum" in synthetic.said.out
    assert not facts["abandoned"]


@pytest.mark.alone
def test_nobody_is_charged_twice_nor_for_a_sum_it_is_not_in(synthetic: Ran) -> None:
    assert synthetic.facts["charged_twice"] == 0
    assert synthetic.facts["charged_not_in_sum"] == 0


@pytest.mark.alone
def test_the_exact_figures_lie_in_their_intervals_as_often_as_meant(synthetic: Ran) -> None:
    facts = synthetic.facts
    assert facts["cells"] > 700
    assert_sane(facts["cells_covered"], facts["cells"])
    assert 0 < facts["cells_covered"] < facts["cells"]  # intervals that hold all are too wide
    assert facts["figures"] == len(synthetic.release.figures)


@pytest.mark.alone
def test_killed_centres_are_back_within_a_minute_and_a_half(synthetic: Ran) -> None:
    seconds = synthetic.facts["seconds"]
    assert 0 < seconds["after"] <= 90
    assert seconds["release"] <= seconds["total"]


@pytest.mark.parametrize(
    "which", [pytest.param("synthetic", marks=pytest.mark.alone), "wagepan", "nsw"]
)
def test_anyone_can_verify_the_release_of_the_demo(
    which: str, request: pytest.FixtureRequest
) -> None:
    found: Ran = request.getfixturevalue(which)
    key = _authority_of(found)
    said = run("wegwijs", "verify", found.facts["release"], "--authority", key)
    assert said.code == 0, said.err
    stranger = run("wegwijs", "verify", found.facts["release"], "--authority", "11" * 32)
    assert stranger.code == 3


def _authority_of(found: Ran) -> str:
    """The key under which the demo's own authority signed, from its own folder."""
    folder = Path(found.facts["release"]).parent / "authority"
    said = run("wegwijs-coordinator", "authority", "show-key", "--dir", folder, "--json")
    assert said.code == 0, said.err
    return str(json.loads(said.out)["public_key"])


@pytest.mark.parametrize(
    ("which", "men"),
    [pytest.param("wagepan", 545, id="wagepan"), pytest.param("nsw", 445, id="nsw")],
)
def test_public_data_is_counted_right(which: str, men: int, request: pytest.FixtureRequest) -> None:
    """545 men of the panel of Vella and Verbeek; 445 of LaLonde's experiment."""
    found: Ran = request.getfixturevalue(which)
    facts = found.facts
    assert (facts["in_sum"], facts["charged_twice"], facts["charged_not_in_sum"]) == (10, 0, 0)
    figure = national(found.release, "trajectories@start")
    assert figure.estimate is not None
    assert figure.noise_se is not None
    assert figure.noise_se < 0.1 * men
    assert abs(figure.estimate - men) < 5 * figure.noise_se  # 95% would fail once in twenty runs


@pytest.mark.parametrize("which", ["wagepan", "nsw"])
def test_the_exact_figures_of_public_data_lie_in_their_intervals(
    which: str, request: pytest.FixtureRequest
) -> None:
    facts = request.getfixturevalue(which).facts
    assert facts["cells"] > 10
    assert_sane(facts["cells_covered"], facts["cells"])


def test_public_data_is_asked_only_what_it_can_answer(wagepan: Ran, nsw: Ran) -> None:
    assert set(wagepan.facts["by_statistic"]) == {
        "trajectories@start", "durable_match@12m", "employment@12m", "sector_flows@12m"
    }  # fmt: skip
    assert set(nsw.facts["by_statistic"]) == {
        "trajectories@start", "durable_match@12m", "employment@12m"
    }  # fmt: skip


@pytest.mark.alone
def test_ten_organisations_are_on_the_roster_of_the_demo(synthetic: Ran) -> None:
    signed: Signed = synthetic.release.roster
    assert len({centre.organisation for centre in signed.peek(Roster).centres}) == 10
