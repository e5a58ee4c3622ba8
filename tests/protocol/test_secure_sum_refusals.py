"""P0: what a node refuses before it says anything. One lie in each test."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from cast import SMALL, make_cast, tape
from stage import Stage, make_stage

from chassis.store import settings
from node.admission.pinned_authority import OldDocument, take_roster
from node.store import NodeStore
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.prepare import fits
from privacy.secure_sum.refusal import (
    AlreadyBurnt,
    BadDescriptor,
    BadRoster,
    BelowPolicy,
    NotActive,
    TooLate,
    WouldWrap,
)
from schemas.round import Announcement, Descriptor
from schemas.signed import BadSignature, Signed


@pytest.fixture
def stage() -> Stage:
    return make_stage()


def test_an_honest_round_is_accepted_by_everybody(stage: Stage) -> None:
    views = {stage.prepare(node).rid for node in stage.cast.players}
    assert len(views) == 1


def test_a_roster_that_another_authority_signed_is_refused(stage: Stage, tmp_path: Path) -> None:
    authority, other = Identity.new(tape("authority")), Identity.new(tape("other authority"))
    store = NodeStore.create(tmp_path / "node")
    with store.begin() as connection:
        settings.put(connection, "authority", authority.public_hex.encode())
        with pytest.raises(BadSignature):
            take_roster(connection, Signed.seal(stage.roster, other.private))
        take_roster(connection, Signed.seal(stage.roster, authority.private))
        older = stage.roster.model_copy(update={"seed": "55" * 32})
        with pytest.raises(OldDocument):
            take_roster(connection, Signed.seal(older, authority.private))


def test_a_descriptor_that_another_key_than_the_coordinators_signed_is_refused(
    stage: Stage,
) -> None:
    stage.descriptor = Signed.seal(
        stage.descriptor.peek(Descriptor), Identity.new(tape("stranger")).private
    )
    with pytest.raises(BadDescriptor, match="did not sign"):
        stage.prepare()


@pytest.mark.parametrize("field", ["deadline", "noise_variance"])
def test_a_descriptor_changed_after_it_was_signed_is_refused(stage: Stage, field: str) -> None:
    body = json.loads(stage.descriptor.body)
    body[field] += 1
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    stage.descriptor = stage.descriptor.model_copy(update={"body": text})
    with pytest.raises(BadDescriptor, match="did not sign"):
        stage.prepare()


def test_a_signed_descriptor_in_a_second_spelling_is_refused(stage: Stage) -> None:
    text = json.dumps(json.loads(stage.descriptor.body), sort_keys=True)
    message = b"wegwijs/signed/1/Descriptor\n" + text.encode()
    signature = stage.cast.coordinator.sign(message).hex()
    stage.descriptor = stage.descriptor.model_copy(update={"body": text, "signature": signature})
    with pytest.raises(BadDescriptor):
        stage.prepare()


def test_a_signed_announcement_is_not_taken_for_a_descriptor(stage: Stage) -> None:
    stage.descriptor = Signed.seal(stage.announcement, stage.cast.coordinator.private)
    with pytest.raises(BadDescriptor, match="did not sign"):
        stage.prepare()


def test_a_descriptor_for_another_roster_is_refused(stage: Stage) -> None:
    stage.roster = stage.roster.model_copy(update={"seed": "44" * 32})
    with pytest.raises(BadDescriptor, match="another roster"):
        stage.prepare()


def test_a_roster_that_is_over_is_refused() -> None:
    cast = make_cast(5)
    cast.roster = cast.roster.model_copy(update={"valid_until": 29})
    with pytest.raises(BadRoster, match="not valid today"):
        make_stage(cast).prepare()


def test_a_roster_counts_from_its_first_second_to_its_last() -> None:
    cast = make_cast(5)
    cast.roster = cast.roster.model_copy(update={"valid_from": 30, "valid_until": 30})
    stage = make_stage(cast)
    stage.prepare()
    for stage.now in (29, 31):
        with pytest.raises(BadRoster, match="not valid today"):
            stage.prepare()


@pytest.mark.parametrize("active", [(1, 2, 3, 4), (1, 2, 3, 5), (5, 4, 3, 2, 1)])
def test_an_active_list_that_the_prekeys_do_not_give_is_refused(
    stage: Stage, active: tuple[int, ...]
) -> None:
    stage.describe(active=active)
    with pytest.raises(BadDescriptor, match="active list"):
        stage.prepare()


def test_a_round_without_ones_own_prekey_is_refused(stage: Stage) -> None:
    stage.only((2, 3, 4, 5))
    stage.describe()
    with pytest.raises(NotActive, match="is not active"):
        stage.prepare(1)


def test_a_round_after_which_one_would_be_left_out_for_a_missing_link_is_refused(
    stage: Stage,
) -> None:
    stage.swap(1, links=(2, 3))
    with pytest.raises(NotActive, match="is not active"):
        stage.prepare(1)


def test_fewer_active_committee_members_than_a_quorum_are_refused(stage: Stage) -> None:
    stage.only((1, 2, 3))
    stage.describe()
    with pytest.raises(BadDescriptor, match="too few active committee members"):
        stage.prepare()


def test_as_many_as_the_quorum_and_the_floor_are_enough(stage: Stage) -> None:
    stage.only((1, 2, 3, 4))
    stage.describe()
    limits = stage.prepare().parameters
    assert (limits.quorum, limits.floor) == (4, 4)


def test_fewer_active_centres_than_the_floor_are_refused(stage: Stage) -> None:
    stage.only((1, 2, 3, 4))
    stage.describe(parameters=stage.limits(floor=5, honest=5))
    with pytest.raises(BadDescriptor, match="fewer active centres"):
        stage.prepare()


@pytest.mark.parametrize("last_burnt", [3, 4])
def test_a_burnt_round_is_refused(stage: Stage, last_burnt: int) -> None:
    stage.last_burnt = last_burnt
    with pytest.raises(AlreadyBurnt, match="used before"):
        stage.prepare()


def test_a_round_after_its_latest_deadline_is_refused(stage: Stage) -> None:
    stage.now = 100
    stage.prepare()
    stage.now = 101
    with pytest.raises(TooLate, match="has passed"):
        stage.prepare()


def test_a_deadline_after_the_latest_one_is_refused(stage: Stage) -> None:
    stage.describe(deadline=100)
    stage.prepare()
    stage.describe(deadline=60)
    stage.now = 61
    with pytest.raises(TooLate, match="deadline of the round has passed"):
        stage.prepare()
    stage.describe(deadline=101)
    with pytest.raises(BadDescriptor, match="after the latest"):
        stage.prepare()


@pytest.mark.parametrize(
    "change",
    [
        {"quorum": 3},
        {"quorum": 5},
        {"threshold": 1},
        {"threshold": 3},
        {"corrupt": 0},
        {"corrupt": 2, "threshold": 3},
    ],
)
def test_thresholds_other_than_the_rosters_are_refused(
    stage: Stage, change: dict[str, int]
) -> None:
    stage.describe(parameters=stage.limits(**change))
    with pytest.raises(BadDescriptor, match="those of the roster"):
        stage.prepare()


def test_a_committee_counted_from_the_active_instead_of_the_roster_is_refused(
    stage: Stage,
) -> None:
    """Four of five are active; thresholds of a committee of four would need one honest fewer."""
    stage.only((1, 2, 3, 4))
    stage.describe(parameters=stage.limits(committee=4, quorum=3))
    with pytest.raises(BadDescriptor, match="those of the roster"):
        stage.prepare()


def test_a_floor_below_ones_own_policy_is_refused(stage: Stage) -> None:
    stage.describe(parameters=stage.limits(floor=3, honest=3))
    with pytest.raises(BelowPolicy, match="lower"):
        stage.prepare()


def test_noise_that_counts_on_more_honest_centres_than_the_policy_is_refused() -> None:
    stage = make_stage(make_cast(10, Policy()))
    stage.prepare()
    stage.describe(parameters=stage.limits(honest=7))  # floor 8, two may collude
    with pytest.raises(BelowPolicy, match="more honest centres"):
        stage.prepare()


def test_fewer_honest_centres_than_the_least_a_node_demands_are_refused() -> None:
    demanding = replace(SMALL, least_honest=5)
    with pytest.raises(BelowPolicy, match="fewer honest"):
        make_stage(make_cast(5, demanding)).prepare()  # floor 4, so 4 honest at best


@pytest.mark.parametrize(("n", "accepted"), [(5, False), (6, False), (7, True), (8, True)])
def test_the_smallest_roster_that_the_usual_policy_accepts_has_seven_centres(
    n: int, accepted: bool
) -> None:
    stage = make_stage(make_cast(n, Policy()))
    if accepted:
        assert stage.prepare().parameters.honest >= 5
    else:
        with pytest.raises(BelowPolicy):
            stage.prepare()


def test_a_roster_on_which_few_firms_run_many_centres_is_refused() -> None:
    """Ten centres, three organisations; with a fifth of them (none) colluding all is well."""
    cast = make_cast(10, Policy(), organisations=3)
    make_stage(cast).prepare()
    half = replace(Policy(), colluding=Fraction(1, 2))  # one firm: four centres, f = 3
    stage = make_stage(cast)
    cast.policy = half
    with pytest.raises(BadRoster, match="organisations"):
        stage.prepare()


@pytest.mark.parametrize(("room", "enough"), [(10_002, True), (10_000, False), (-10_002, False)])
def test_the_room_left_for_noise_is_more_than_ten_standard_deviations(
    room: int, enough: bool
) -> None:
    """Two centres whose shares have variance 10^6 together: one is 1000."""
    assert fits((2**63 - room) // 2, 2, 1_500_000, 3, 64) is enough


@pytest.mark.parametrize(
    ("width", "bound", "taken"),
    [
        (32, 429_496_725, True),
        (32, 429_496_726, False),
        (64, 429_496_726, True),
        (64, 2**63 // 5, False),
    ],
)
def test_a_sum_that_would_wrap_is_refused(width: int, bound: int, taken: bool) -> None:
    """Five centres: 5 * bound + 10 sigma against 2^(w-1); sigma^2 = 4 * 5 / 4."""
    stage = make_stage()
    changed = {**stage.announcement.model_dump(), "width": width}
    stage.announcement = Announcement(**changed)
    stage.prekeys = stage.cast.prekeys(stage.announcement)
    stage.describe()
    stage.bound = bound
    if taken:
        assert stage.prepare().width == width
    else:
        with pytest.raises(WouldWrap, match="does not fit the width"):
            stage.prepare()
