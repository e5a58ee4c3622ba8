import pytest

from privacy.accounting.conversion import epsilon
from privacy.accounting.degraded import if_counted_twice, if_fewer_honest
from schemas.units import MicroRho


def test_the_first_row_is_the_promise_as_planned() -> None:
    first = if_fewer_honest(MicroRho(185_055), 150, 1e-6)[0]
    assert (first.honest, first.rho) == (150, 185_055)
    assert first.epsilon == pytest.approx(3.0, abs=1e-3)


def test_half_of_the_honest_shares_doubles_the_cost() -> None:
    rows = {row.honest: row for row in if_fewer_honest(MicroRho(100_000), 8, 1e-6)}
    assert rows[4].rho == 200_000
    assert rows[2].rho == 400_000
    assert rows[4].epsilon == epsilon(MicroRho(200_000), 1e-6)
    assert rows[8].odds < rows[6].odds < rows[4].odds < rows[2].odds


def test_one_honest_share_is_one_row() -> None:
    assert [row.honest for row in if_fewer_honest(MicroRho(10), 1, 1e-6)] == [1]


def test_two_centres_that_count_one_client_cost_four_times_the_rho() -> None:
    assert if_counted_twice(MicroRho(185_055), 1e-6) == pytest.approx(6.5, abs=0.1)
