"""`wegwijs errors`: what the default programme will tell, from the code that will tell it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deploy import errors_table
from deploy.cli import app
from deploy.errors import Deployment, Error, Foreseen
from privacy.estimate.forecast import predict
from privacy.inference.reach import Z95
from schemas.statistic import View

DOCS = Path(__file__).parents[3] / "docs" / "expected-errors.md"
SIZES = tuple(Deployment(n, 60 * n) for n in (250, 60, 20))


@pytest.fixture(scope="session")
def errors(foreseen: Foreseen) -> dict[tuple[str, str, str, str], Error]:
    return {(e.ask, e.measure, e.variable, e.place): e for e in foreseen.errors(SIZES[0])}


@pytest.mark.heavy
def test_the_table_in_docs_is_what_the_command_writes_today(foreseen: Foreseen) -> None:
    command = "wegwijs errors --plan full --markdown FILE"
    made = errors_table.markdown(foreseen, SIZES, "full", command)
    assert DOCS.read_text(encoding="utf-8") == made


def test_every_statistic_of_the_catalogue_is_in_it(
    foreseen: Foreseen, errors: dict[tuple[str, str, str, str], Error]
) -> None:
    asked = {ask for ask, *_ in errors}
    assert asked == {ask.key for ask in foreseen.programme.asks}
    assert {s.number for s in foreseen.programme.statistics} == set(range(1, 24))


def test_counts_are_off_by_what_an_announcement_says(
    foreseen: Foreseen, errors: dict[tuple[str, str, str, str], Error]
) -> None:
    """One prediction: the variances of adjusted tables, which both read."""
    size = SIZES[0]
    places: dict[View, str] = {(): "national", ("nuts2",): "province", ("sector_before",): "sector"}
    seen = 0
    for one in predict(foreseen.layout, contributors=size.centres, honest=size.honest):
        if one.role == "count" and one.view in places:
            error = errors[one.ask.key, "count", "", places[one.view]]
            assert error.half_width is not None
            low, high = (Z95 * float(end) for end in (one.noise_se.min(), one.noise_se.max()))
            assert low <= error.half_width * (1 + 1e-9)
            assert error.half_width <= high * (1 + 1e-9)
            seen += 1
    assert seen >= 10


def test_a_share_has_the_noise_that_its_people_and_table_foretell(
    foreseen: Foreseen, errors: dict[tuple[str, str, str, str], Error]
) -> None:
    size = SIZES[0]
    table = {
        (one.ask.key, one.role, one.view): one
        for one in predict(foreseen.layout, contributors=size.centres, honest=size.honest)
    }
    wanted = ("durable_match@12m", "share", ())
    figure = next(f for f in foreseen.figures(size) if (f.statistic, f.measure, f.cell) == wanted)
    assert figure.n is not None
    assert figure.estimate is not None
    assert figure.lo is not None
    assert figure.hi is not None
    share, noise = figure.estimate, table["durable_match@12m", "outcome", ()].worst
    of_noise = noise * math.hypot(share, 1 - share) / figure.n
    whole = Z95 * math.hypot(of_noise, math.sqrt(share * (1 - share) / figure.n))
    assert (figure.hi - figure.lo) / 2 == pytest.approx(whole, rel=1e-6)
    stated = errors["durable_match@12m", "share", "", "national"]
    assert stated.band == figure.band
    assert stated.half_width is not None
    assert stated.half_width < whole


def test_the_statistics_and_the_model_leave_25000_micro_rho_for_proposals(
    foreseen: Foreseen,
) -> None:
    found = {one.what: one for one in errors_table.promises(foreseen.programme)}
    assert found["and the reserve for model"].micro_rho <= 160_000
    proposals = found["and the reserve for proposals"].micro_rho
    assert proposals - found["and the reserve for model"].micro_rho == 25_000
    year = found["the whole budget of a year"]
    assert (round(year.epsilon, 2), round(year.twice, 1)) == (3.0, 6.5)
    assert found["2 years"].micro_rho == 2 * year.micro_rho
    assert year.epsilon < found["2 years"].epsilon < 2 * year.epsilon


def test_it_says_what_a_price_is_spent_on(foreseen: Foreseen) -> None:
    lines = errors_table.markdown(foreseen, SIZES[2:], "full", "x").splitlines()
    improved = next(line for line in lines if line.startswith("| improved@12m | 3,471 |"))
    told = dict(word.rsplit(" ", 1) for word in improved.split("| ")[3].rstrip(" |").split(", "))
    assert told.keys() == {"sums", "counts"}  # flags have no squares
    assert sum(float(share.rstrip("%")) for share in told.values()) == pytest.approx(100)
    assert not any(line.startswith("| trajectories@start | 17,000 |") for line in lines)


@pytest.mark.heavy
def test_fewer_clients_under_nearly_the_same_noise_are_told_worse(foreseen: Foreseen) -> None:
    widths = []
    for size in SIZES:
        found = next(e for e in foreseen.errors(size)
                     if (e.ask, e.place) == ("durable_match@12m", "national"))  # fmt: skip
        widths.append(found.half_width)
    assert widths == sorted(widths)  # type: ignore[type-var]
    noise = np.sqrt([size.centres / size.honest for size in SIZES])
    people = [1 / size.clients for size in SIZES]
    ratios = [w / (n * p) for w, n, p in zip(widths, noise, people, strict=True)]
    assert max(ratios) / min(ratios) == pytest.approx(1, abs=0.01)


@pytest.mark.heavy
def test_the_command_writes_both_files(
    tmp_path: Path, foreseen: Foreseen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Foreseen, "of", lambda _: foreseen)
    words = ["errors", "--centres", "20", "--json", str(tmp_path / "e.json"),
             "--markdown", str(tmp_path / "e.md")]  # fmt: skip
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (0, "")
    found = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    one = found["deployments"][0]
    assert (one["centres"], one["clients"], one["floor"], one["honest"]) == (20, 1_200, 16, 16)
    assert len(one["errors"]) == len(foreseen.errors(SIZES[2]))
    assert "`wegwijs errors --plan full --centres 20 --markdown FILE`" in (
        tmp_path / "e.md"
    ).read_text(encoding="utf-8")
    shown = CliRunner().invoke(app, ["errors", "--centres", "20"])
    assert "| 22 | coverage@start | count | national |" in shown.stdout


def test_an_unknown_plan_is_a_sentence() -> None:
    result = CliRunner().invoke(app, ["errors", "--plan", "other"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no plan other; there are starter and full." in result.stderr
