"""A whole round under Polya noise: asked alone, pure epsilon, checked by anyone."""

import base64
from pathlib import Path

import numpy as np
import pytest
from region import DAY, NOW, Region, make_region, sample_records

from chassis.errors import WrongInput
from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.verify import ReleaseRefused, verify_release
from schemas.catalogue.default import programme_of_year
from schemas.programme import Programme
from schemas.units import UnixSeconds

ASK = "trajectories@start"


def programme() -> Programme:
    """The programme of the demo, with one of its asks under Polya noise."""
    made = programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 365 * DAY)
    )
    asks = tuple(
        ask.model_copy(update={"noise": "polya"}) if ask.key == ASK else ask for ask in made.asks
    )
    return made.model_copy(update={"asks": asks, "spread": True})


@pytest.fixture
def region(tmp_path: Path) -> Region:
    people = {n: sample_records(n, 8 + n) for n in range(1, 11)}
    return make_region(tmp_path, people, programme=programme())


def published(region: Region) -> None:
    number = region.announce((ASK,))
    region.ticks()
    region.carrier.kill(4)
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"


def test_a_release_that_stands_alone_is_pure_and_verifies(region: Region) -> None:
    published(region)
    release = region.release()
    layout = make_layout(region.programme, (ASK,))
    assert release.noise == "polya"
    assert release.epsilon == float(layout.epsilon or 0)
    assert release.epsilon**2 / 2 * 1e6 <= release.cost * (1 + 1e-9)
    assert 0 < release.sampler_delta < 2**-80
    found = verify_release(region.signed_release(), region.authority.public_hex)
    assert found.figures == len(release.figures)


def test_its_noise_has_the_variance_that_nine_of_ten_centres_make(region: Region) -> None:
    published(region)
    release = region.release()
    layout = make_layout(region.programme, (ASK,))
    people = [sample_records(n, 8 + n) for n in range(1, 11) if n != 4]
    exact = np.sum([encode(p, layout, region.programme) for p in people], axis=0)
    noise = np.frombuffer(base64.b64decode(release.sum), dtype="<i8") - exact
    assert release.honest == 7
    promised = float(layout.noise(7).variance_of_sum(9))
    assert 0.8 < noise.var() / promised < 1.25  # some 2,000 entries with long tails


def test_a_release_that_states_another_family_or_price_is_refused(region: Region) -> None:
    published(region)
    release = region.release()
    for change in ({"noise": "skellam"}, {"epsilon": release.epsilon / 2}, {"sampler_delta": 0.0}):
        with pytest.raises(ReleaseRefused):
            verify_release(
                region.sealed(release.model_copy(update=change)), region.authority.public_hex
            )


def test_it_is_not_asked_beside_others(region: Region) -> None:
    with pytest.raises(WrongInput, match="round of its own"):
        region.announce((ASK, "durable_match@6m"))
