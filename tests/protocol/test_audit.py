"""The audits accuse every planted bug and no honest noise: on a real round, and on a year."""

from collections.abc import Mapping

import pytest
from cast import tape

from benchmarks.audit_round import Case, audit, cases
from benchmarks.audit_year import Audited, audits

TRIALS, YEARS = 40_000, 2_000
CASES = list(cases(tape("audit")))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_audit_finds_planted_bugs_and_believes_honest_noise(case: Case) -> None:
    rows = audit(case, TRIALS, tape(f"audit {case.name}"))
    assert [row.dropped for row in rows] == list(case.dropped)
    assert any(row.why for row in rows) == case.planted, rows


@pytest.fixture(scope="module")
def year() -> Mapping[str, Audited]:
    return {one.row.name: one for one in audits(YEARS, tape("a year"))}


@pytest.mark.slow
def test_all_releases_of_a_year_give_away_no_more_of_a_client_than_is_charged(
    year: Mapping[str, Audited],
) -> None:
    honest = [one.row for one in year.values() if not one.planted]
    assert [row.why for row in honest] == ["", ""]
    assert all(row.right < row.right_claimed for row in honest)


@pytest.mark.slow
def test_the_worst_client_comes_near_what_is_charged_so_that_the_check_can_fail(
    year: Mapping[str, Audited],
) -> None:
    worst, ordinary = year["worst client, a year"].row, year["ordinary client, a year"].row
    assert 0.95 < worst.separation / worst.claim < 1.05
    assert ordinary.separation < 0.9 * worst.separation


@pytest.mark.slow
def test_a_year_with_a_planted_bug_is_accused_of_it(year: Mapping[str, Audited]) -> None:
    found = {name: one.row.why for name, one in year.items() if one.planted}
    assert found == {
        "counted in two quarters": "bound",
        "noise for 2h honest": "bound",
        "a statistic at half its price": "price of trajectories@start",
        "the cheapest at half its price": "price of coverage@start",
    }
