"""A committee of witnesses: how large, how many may lie, who may sit, and what it is for."""

from collections.abc import Callable

import numpy as np
import pytest
from cast import Cast, make_cast, play
from pydantic import ValidationError
from stage import Stage, make_stage, peek

from privacy.secure_sum.links import LinkState
from privacy.secure_sum.parameters import Policy, check_parameters, committee_of, parameters_of
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import (
    BadDescriptor,
    BadLink,
    BadPrekeys,
    BadRoster,
    BelowPolicy,
    NotActive,
)
from privacy.secure_sum.witness import witness
from schemas.roster import Roster, Witness

SEVEN = (0, *range(1001, 1007))


@pytest.fixture
def stage() -> Stage:
    """Five centres, seven witnesses: f = 3, t = 4, q = 6."""
    return make_stage(make_cast(5, witnesses=7))


@pytest.mark.parametrize(
    ("witnesses", "corrupt", "threshold", "quorum"),
    [(7, 3, 4, 6), (8, 3, 4, 6), (9, 4, 5, 7), (13, 6, 7, 10), (25, 12, 13, 19)],
)
def test_almost_half_of_the_witnesses_may_lie(
    witnesses: int, corrupt: int, threshold: int, quorum: int
) -> None:
    """f = floor((C-1)/2), t = f+1, q = floor((C+f)/2)+1, worked out by hand."""
    found = parameters_of(make_cast(10, witnesses=witnesses).roster, 10, Policy())
    assert found.committee == witnesses
    assert (found.corrupt, found.threshold, found.quorum) == (corrupt, threshold, quorum)
    assert 2 * found.quorum > found.committee + found.corrupt
    assert (found.floor, found.honest) == (8, 6)  # about the ten centres, as ever


def test_fewer_than_seven_witnesses_leave_the_committee_to_the_centres() -> None:
    roster = make_cast(10, witnesses=6).roster
    assert committee_of(roster, 1) == tuple(range(1, 11))
    assert (roster.witness_ids, set(roster.identities)) == ((), set(range(1, 11)))
    assert parameters_of(roster, 10, Policy()) == parameters_of(make_cast(10).roster, 10, Policy())


def test_witnesses_are_the_committee_of_a_region_of_any_size_in_every_round() -> None:
    small = make_cast(10, witnesses=7).roster
    large = small.model_copy(
        update={
            "centres": tuple(
                small.centres[0].model_copy(update={"id": k, "key": f"{k:064x}"})
                for k in range(1, 151)
            )
        }
    )
    assert {committee_of(roster, k) for roster in (small, large) for k in (1, 2, 3)} == {SEVEN}


def test_one_firm_with_half_of_the_centres_still_costs_honest_noise() -> None:
    """c is about centres: nine of them, of which firm 0 runs four and firms 1 and 2 the others."""
    roster = make_cast(12, organisations=3, witnesses=7).roster
    policy = Policy(colluding=Policy().colluding * 2)  # one of three organisations: four centres
    found = parameters_of(roster, 12, policy)
    assert (found.floor, found.honest) == (10, 6)
    with pytest.raises(BelowPolicy, match="more honest centres"):
        check_parameters(found.model_copy(update={"honest": 7}), roster, policy)


def test_centres_that_cannot_outvote_colluders_can_rely_on_witnesses() -> None:
    with pytest.raises(BadRoster, match="cannot outvote"):
        parameters_of(make_cast(12, organisations=2).roster, 12, Policy(colluding=Policy().floor))
    witnessed = make_cast(12, organisations=2, witnesses=7).roster
    parameters_of(witnessed, 12, Policy(colluding=Policy().floor))


@pytest.mark.parametrize(
    ("policy", "witnesses", "words"),
    [
        (Policy(committee="centres"), 7, "one of centres only"),
        (Policy(committee="witnesses"), 0, "one of witnesses only"),
        (Policy(committee="witnesses"), 6, "one of witnesses only"),
        (Policy(least_witnesses=9), 8, "fewer witnesses"),
    ],
)
def test_a_policy_may_refuse_either_committee_or_ask_for_more_witnesses(
    policy: Policy, witnesses: int, words: str
) -> None:
    roster = make_cast(10, witnesses=witnesses).roster
    limits = parameters_of(roster, 10, Policy())
    check_parameters(limits, roster, Policy())
    with pytest.raises(BelowPolicy, match=words):
        check_parameters(limits, roster, policy)


def test_a_policy_that_asks_for_more_witnesses_takes_a_committee_of_centres() -> None:
    roster = make_cast(10).roster
    check_parameters(parameters_of(roster, 10, Policy()), roster, Policy(least_witnesses=9))


def rebuilt(cast: Cast, **changes: object) -> Roster:
    """The cast's roster with changes, checked anew."""
    return Roster.model_validate({**dict(cast.roster), **changes})


def moved(cast: Cast, place: int, **changes: object) -> tuple[Witness, ...]:
    """The witnesses with one changed."""
    listed = list(cast.roster.witnesses)
    listed[place] = listed[place].model_copy(update=changes)
    return tuple(listed)


@pytest.mark.parametrize(
    "change",
    [
        lambda cast: {"witnesses": moved(cast, 2, organisation="WITNESS of its own, 1001")},
        lambda cast: {"witnesses": moved(cast, 2, organisation="Org  3")},
        lambda cast: {"witnesses": moved(cast, 2, organisation="REGION")},
        lambda cast: {"operator": None},
        lambda cast: {"witnesses": moved(cast, 2, key=cast.roster.coordinator)},
        lambda cast: {"witnesses": moved(cast, 2, key=cast.roster.centres[0].key)},
        lambda cast: {"witnesses": moved(cast, 0, id=1)},
        lambda cast: {"witnesses": cast.roster.witnesses[::-1]},
    ],
)
def test_a_witness_is_of_an_organisation_key_and_id_of_its_own(
    change: Callable[[Cast], dict[str, object]],
) -> None:
    cast = make_cast(5, witnesses=7)
    assert rebuilt(cast) == cast.roster
    with pytest.raises(ValidationError):
        rebuilt(cast, **change(cast))


def test_more_than_25_witnesses_are_refused() -> None:
    make_cast(3, witnesses=25)
    with pytest.raises(ValidationError):
        make_cast(3, witnesses=26)


def test_a_witness_sends_a_channel_key_alone_and_a_centre_both(stage: Stage) -> None:
    for node, place in ((1001, {"mask_public": "03" * 32}), (2, {"mask_public": None})):
        wrong = stage.signed_prekey(node, **place)
        others = [p for p in stage.prekeys if peek(p).id != node]
        usable = usable_prekeys([*others, wrong], stage.roster, stage.announcement)
        assert {peek(p).id for p in usable} == {peek(p).id for p in others}
        stage.swap(node, **place)
        with pytest.raises(BadPrekeys, match="without a mask key, or a witness with one"):
            stage.prepare()
        stage = make_stage(stage.cast)


def test_a_witness_claims_no_link_with_another(stage: Stage) -> None:
    stage.swap(1001, links=(1, 2, 3, 4, 5, 1002))
    with pytest.raises(BadPrekeys, match="links"):
        stage.prepare()


def test_witnesses_of_a_roster_with_too_few_send_no_prekeys() -> None:
    stage = make_stage(make_cast(5, witnesses=6))
    with pytest.raises(BadPrekeys):
        stage.prepare()
    centres = {1, 2, 3, 4, 5}
    sound = [stage.signed_prekey(n, links=tuple(sorted(centres - {n}))) for n in (1, 2, 3, 4, 5)]
    stage.prekeys = [stage.prekeys[0], *sound, *stage.prekeys[6:]]
    usable = usable_prekeys(stage.prekeys, stage.roster, stage.announcement)
    assert list(usable) == sound


def test_two_witnesses_are_no_pair_and_a_centre_is_one_with_each(stage: Stage) -> None:
    assert stage.prepare().active == (1, 2, 3, 4, 5)
    stage.swap(2, links=tuple(sorted((1, 3, 4, 5, 0, 1001, 1002, 1003))))
    seen = stage.prepare()  # centre 2 lacks three witnesses, each of whom lacks it alone
    assert (seen.active, seen.members) == ((1, 3, 4, 5), SEVEN)


def test_a_witness_that_withholds_its_links_goes_and_the_centres_stay(stage: Stage) -> None:
    stage.swap(1004, links=(1,))
    seen = stage.prepare()
    assert seen.active == (1, 2, 3, 4, 5)
    assert seen.members == (0, 1001, 1002, 1003, 1005, 1006)


def test_fewer_active_witnesses_than_a_quorum_make_a_descriptor_invalid(stage: Stage) -> None:
    stage.only([1, 2, 3, 4, 5, 0, 1001, 1002, 1003, 1004])
    stage.describe()
    with pytest.raises(BadDescriptor, match="too few active committee members"):
        stage.prepare()


def test_a_descriptor_that_leaves_an_active_witness_out_is_invalid(stage: Stage) -> None:
    stage.describe(witnesses=SEVEN[1:])
    with pytest.raises(BadDescriptor, match="active list"):
        stage.prepare()


def test_a_witness_is_not_active_as_a_centre(stage: Stage) -> None:
    with pytest.raises(NotActive):
        stage.prepare(1001)


def test_a_witness_needs_the_link_of_every_active_centre() -> None:
    cast = make_cast(5, witnesses=7)
    round_ = play(cast)
    player = cast.players[1001]
    assert player.keys is not None
    made = witness(round_.view, 1001, player.keys, player.links)
    assert set(made.channel.keys) == {1, 2, 3, 4, 5}
    assert {state.round for state in made.links} == {2}
    links: dict[int, LinkState] = {k: v for k, v in player.links.items() if k != 4}
    with pytest.raises(BadLink, match="without a link"):
        witness(round_.view, 1001, player.keys, links)
    with pytest.raises(NotActive):
        witness(round_.view, 1, player.keys, player.links)


def test_a_contribution_before_seven_witnesses_carries_seven_shares_of_each_secret() -> None:
    round_ = play(make_cast(9, witnesses=7), length=9)
    secrets = 9 + len(round_.view.parameters.levels)
    assert len(round_.bodies[1].slots) == 48 * 7 * secrets
    inside = (1, 2, 3, 4, 6, 7, 9)
    total = round_.total(inside, SEVEN[:6], SEVEN[3:])
    assert np.array_equal(total, round_.plain(inside))
