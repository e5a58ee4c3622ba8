"""Documents that are well formed, well signed and full of nonsense are refused in a sentence."""

from pathlib import Path

import pytest
from cast import Play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from member import Member, make_member
from stage import Stage, make_stage

from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import BadPrekeys, NotActive, SumRefusal
from schemas.document import MalformedDocument
from schemas.message import MalformedFrame
from schemas.signed import BadSignature

NUMBERS = st.integers(1, 100) | st.integers(1, 2**70)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "committee": st.integers(1, 100),
        "corrupt": st.integers(0, 2**70),
        **dict.fromkeys(("threshold", "quorum", "floor", "honest"), NUMBERS),
    },
)
HEX32 = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return make_stage()


@pytest.mark.slow
@settings(max_examples=150)
@given(
    parameters=PARAMETERS,
    changes=st.fixed_dictionaries(
        {},
        optional={
            "active": st.lists(st.integers(0, 2**16 - 1), max_size=6).map(tuple),
            "noise_variance": NUMBERS,
            "deadline": st.integers(0, 2**40 - 1),
        },
    ),
    bound=st.integers(0, 2**70),
    now=st.integers(0, 2**40),
)
def test_whatever_numbers_the_coordinator_signs_a_node_takes_only_its_own(
    stage: Stage, parameters: dict[str, int], changes: dict[str, object], bound: int, now: int
) -> None:
    stage.bound, stage.now = bound, now
    limits = stage.limits(**parameters)
    stage.describe(parameters=limits, **changes)
    try:
        seen = stage.prepare()
    except SumRefusal:
        return
    right = stage.limits()
    assert seen.parameters.model_copy(update={"honest": right.honest}) == right
    assert seen.parameters.honest <= right.honest
    assert now <= 100
    assert 5 * bound < 2**31


@pytest.mark.slow
@settings(max_examples=100)
@given(
    changes=st.fixed_dictionaries(
        {},
        optional={
            "mask_public": HEX32,
            "channel_public": HEX32,
            "links": st.lists(st.integers(0, 2**16 - 1) | st.integers(1, 5), max_size=6).map(tuple),
            "round": st.integers(1, 9),
        },
    )
)
def test_whatever_prekey_one_centre_signs_costs_at_most_one_centre_its_round(
    changes: dict[str, object],
) -> None:
    """Itself, or, when it denies one link only, perhaps the peer of that link."""
    stage = make_stage()
    stage.swap(2, **changes)
    stage.prekeys = list(usable_prekeys(stage.prekeys, stage.roster, stage.announcement))
    stage.describe()
    assert len({node for node in (1, 2, 3, 4, 5) if takes_part(stage, node)}) >= 4


def takes_part(stage: Stage, node: int) -> bool:
    try:
        return node in stage.prepare(node).active
    except (NotActive, BadPrekeys):
        return False


@pytest.fixture(scope="module")
def member(five: Play, tmp_path_factory: pytest.TempPathFactory) -> Member:
    return make_member(tmp_path_factory.mktemp("fuzz") / "node", five, 2)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_member_refuses_damaged_requests_and_stores_nothing(
    five: Play, member: Member, data: st.DataObject
) -> None:
    closed = five.close((1, 2, 3, 4))
    _, marks = five.sign(closed, five.view.members)
    requests = (member.certify(closed), member.unmask(closed, marks), member.abandon())
    kind, parts = data.draw(st.sampled_from(requests))
    place = data.draw(st.integers(0, len(parts) - 1))
    part = parts[place]
    at = data.draw(st.integers(0, len(part)))
    new = data.draw(st.binary(max_size=3))
    to = data.draw(st.integers(at, min(len(part), at + 4)))
    damaged = part[:at] + new + part[to:]
    if damaged == part:
        return
    changed = data.draw(
        st.sampled_from(
            [(*parts[:place], damaged, *parts[place + 1 :]), parts[:place], (*parts, new)]
        )
    )
    before = member.stored()
    refusals = (SumRefusal, MalformedDocument, MalformedFrame, BadSignature)
    with member.store.begin() as connection:
        try:
            member.ask(connection, (kind, changed))
        except refusals:
            connection.rollback()
            return
        connection.rollback()
    assert kind.name == "ABANDON"  # parts after the documents are not read
    assert member.stored() == before


def test_a_request_without_parts_is_refused(five: Play, tmp_path: Path) -> None:
    node = make_member(tmp_path / "node", five, 2)
    for request in (node.certify(five.close((1, 2, 3, 4))), node.abandon()):
        with pytest.raises(MalformedFrame):
            node.once((request[0], ()))
