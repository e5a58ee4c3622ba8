"""A release holds what is needed to make it again; and what a round will tell is foretold."""

import base64

import numpy as np
import pytest
from region import NOW
from small_region import ASK, OTHER, Small

from coordinator.releases.build import build
from coordinator.rounds.forecast import Row, forecast
from coordinator.rounds.in_force import in_force
from coordinator.store import releases, rounds
from privacy.accounting.conversion import epsilon
from privacy.verify import ReleaseRefused, verify_release
from schemas.signed import Signed


@pytest.fixture
def published(given: Small) -> Small:
    given.carrier.kill(7)
    given.region.ask("close", 1)
    given.region.ticks(6)
    return given


def test_a_release_states_what_its_round_was(published: Small) -> None:
    release = published.region.release()
    programme = published.region.programme
    assert (release.id, release.round, release.period) == ("year-2024-r1", 1, "year-2024")
    assert (release.in_sum, release.on_roster) == (tuple(range(1, 8)), 7)
    assert (release.asks, release.cohorts) == ((ASK,), programme.periods[0].cohorts)
    assert (release.noise, release.noise_variance) == ("skellam", programme.noise_variance)
    assert release.honest == 6  # the floor of 6 promises 5; all 7 came, and noise came off
    assert 0 < release.sampler_delta < 2**-80
    assert (release.cost, release.delta_exponent) == (20_000, programme.delta_exponent)
    assert release.epsilon == epsilon(20_000, 10.0**-programme.delta_exponent)  # type: ignore[arg-type]
    assert release.published_at == NOW


def test_the_same_sum_and_papers_give_the_same_release(published: Small) -> None:
    release = published.region.release()
    total = np.frombuffer(base64.b64decode(release.sum), dtype="<i8")
    with published.region.store.begin() as connection:
        again = build(total, release.certificate, in_force(connection), NOW)
        stored = rounds.of(connection, 1)
    assert again == release
    assert stored is not None
    assert stored.total == total.astype("<i8").tobytes()


def test_a_release_can_be_verified_from_its_file_alone(published: Small) -> None:
    with published.region.store.begin() as connection:
        raw = releases.document_of(connection, "year-2024-r1")
    assert raw is not None
    found = verify_release(Signed.from_canonical(raw), published.region.authority.public_hex)
    assert (found.centres, found.on_roster) == (7, 7)


def test_another_sum_gives_other_figures_and_is_found_out(published: Small) -> None:
    release = published.region.release()
    total = np.frombuffer(base64.b64decode(release.sum), dtype="<i8") + 2**22
    other = base64.b64encode(total.astype("<i8").tobytes()).decode()
    with pytest.raises(ReleaseRefused, match="does not follow"):
        verify_release(
            published.region.sealed(release.model_copy(update={"sum": other})),
            published.region.authority.public_hex,
        )


def test_the_errors_of_a_release_are_the_ones_that_were_foretold(published: Small) -> None:
    release = published.region.release()
    with published.region.store.begin() as connection:
        stored = rounds.of(connection, 1)
        assert stored is not None
        (row,) = forecast(connection, stored.announced).rows
    national = next(one for one in release.figures if one.cell == ())
    assert national.noise_lo is not None
    assert national.noise_hi is not None
    half = (national.noise_hi - national.noise_lo) / 2
    assert half <= row.half_widths["national"] * 1.01


def test_what_a_round_costs_is_the_sum_of_its_prices(opened: Small) -> None:
    with opened.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), NOW)
    number = opened.region.announce((ASK, OTHER))
    with opened.region.store.begin() as connection:
        stored = rounds.of(connection, number)
        assert stored is not None
        found = forecast(connection, stored.announced)
    assert (found.cost, found.share) == (37_000, "20.0")
    assert {row.ask for row in found.rows} == {ASK, OTHER}
    assert {row.unit for row in found.rows} >= {"people"}
    for row in found.rows:
        assert row.facts["half_widths"].keys() == {"national", "nuts2"}
        assert row.facts["uses"] == {"counts": 100}


def test_a_row_for_people_gives_three_digits_and_its_unit() -> None:
    row = Row("a@6m", "people", {"national": 12.345, "nuts1": 8.2, "nuts2": 4.1})
    assert (row.national, row.region) == ("12.3 people", "8.2 people")
    worst = Row("a@6m", "people", {"national": 3.0, "gender": 9.1})
    assert worst.region == "9.1 people"
