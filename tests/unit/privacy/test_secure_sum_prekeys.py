"""Which prekeys a round is described of: a centre that errs costs itself its place, no more."""

import pytest
from stage import Stage, make_stage, peek

from privacy.secure_sum.prekeys import usable_prekeys
from schemas.signed import Signed


@pytest.fixture
def stage() -> Stage:
    return make_stage()


def usable(stage: Stage, prekeys: list[Signed]) -> list[int]:
    return [peek(one).id for one in usable_prekeys(prekeys, stage.roster, stage.announcement)]


def test_all_honest_prekeys_are_used_in_the_order_of_their_ids(stage: Stage) -> None:
    assert usable(stage, stage.prekeys[::-1]) == [1, 2, 3, 4, 5]


def test_two_prekeys_of_one_centre_are_both_left_out(stage: Stage) -> None:
    """Nobody can tell which one the centre means, though their keys differ."""
    second = stage.cast.prekeys(stage.announcement)[1]
    assert usable(stage, [*stage.prekeys, second]) == [1, 3, 4, 5]


@pytest.mark.parametrize("place", ["mask_public", "channel_public"])
def test_a_key_in_two_places_costs_both_centres(stage: Stage, place: str) -> None:
    stage.swap(2, **{place: peek(stage.prekeys[3]).mask_public})
    assert usable(stage, stage.prekeys) == [1, 3, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"round": 2},
        {"announcement": "00" * 32},
        {"mask_public": "00" * 32},
        {"channel_public": "01" + "00" * 31},
    ],
)
def test_a_prekey_of_another_round_or_with_a_weak_key_is_left_out(
    stage: Stage, change: dict[str, object]
) -> None:
    stage.swap(3, **change)
    assert usable(stage, stage.prekeys) == [1, 2, 4, 5]


def test_a_prekey_under_another_id_is_left_out(stage: Stage) -> None:
    stage.prekeys[1] = stage.signed_prekey(2, signer=3)
    assert usable(stage, stage.prekeys) == [1, 3, 4, 5]
