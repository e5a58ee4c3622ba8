"""docs/methodology.md tells of every statistic what a reader has to know."""

import re
from pathlib import Path

import pytest

from schemas.catalogue import STATISTICS
from schemas.statistic import Statistic

SECTIONS = re.split(
    r"^## ", (Path(__file__).parents[2] / "docs" / "methodology.md").read_text(), flags=re.M
)


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda s: s.id)
def test_a_statistic_says_who_counts_what_it_measures_and_what_is_wrong_with_it(
    statistic: Statistic,
) -> None:
    mine = [s for s in SECTIONS if s.startswith(f"{statistic.number} ")]
    assert len(mine) == 1
    assert f"`{statistic.id}`" in mine[0].splitlines()[0]
    for part in ("Who counts", "Measured", "Bias", "Error"):
        assert f"- **{part}**: " in mine[0]


def test_no_section_tells_of_a_statistic_that_nobody_declares() -> None:
    numbered = {int(s.split(" ")[0]) for s in SECTIONS if s[:1].isdigit()}
    assert numbered == {statistic.number for statistic in STATISTICS}
