import csv
from pathlib import Path

import numpy as np
import pytest

from deploy.demo import population
from deploy.demo.centres import CENTRES, sizes
from schemas import codes


def test_every_marginal_names_its_source_and_whether_it_was_read_there() -> None:
    with Path(population.__file__).with_name("marginals.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    assert rows
    assert all(row["source"] and row["verified"] in {"yes", "no"} for row in rows)


def test_a_quota_meets_its_shares_to_within_one_person() -> None:
    drawn = population.quota(np.random.default_rng(1), {"a": 0.335, "b": 0.335, "c": 0.33}, 100)
    counts = {code: int((drawn == code).sum()) for code in "abc"}
    assert sum(counts.values()) == 100
    assert counts["c"] == 33
    assert {counts["a"], counts["b"]} == {33, 34}


def test_a_tilt_keeps_the_overall_share_and_favours_high_odds() -> None:
    odds = np.repeat([0.2, 5.0], 20_000)
    drawn = population.tilted(np.random.default_rng(2), odds, 0.3)
    assert drawn.mean() == pytest.approx(0.3, abs=0.01)
    assert drawn[20_000:].mean() > 3 * drawn[:20_000].mean()


def test_centres_get_their_sizes_and_provinces_their_marginal() -> None:
    homes = tuple(centre.home for centre in CENTRES)
    centre, province = population.allocation(np.random.default_rng(3), sizes(15_000), homes)
    assert np.bincount(centre).tolist() == [c.size for c in CENTRES]
    for code, share in population.shares("province of residence").items():
        assert abs((province == code).sum() - 15_000 * share) <= len(CENTRES)
    at_home = (province[centre == 4] == "BE22").mean()
    assert at_home > 3 * (province == "BE22").mean()


def test_postcodes_lie_in_the_province_asked_for() -> None:
    provinces = np.repeat(np.array(["BE21", "BE25"], dtype=object), 500)
    drawn = population.postcodes(np.random.default_rng(4), provinces)
    where = codes.nuts3_of_postcode()
    assert [where[postcode][:4] for postcode in drawn] == provinces.tolist()


def test_the_sizes_of_the_centres_add_up_at_any_number_of_clients() -> None:
    assert sizes(15_000) == (3_500, 2_900, 2_200, 1_750, 1_400, 1_100, 800, 600, 450, 300)
    assert sum(sizes(197)) == 197
