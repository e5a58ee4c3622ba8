"""P0: prekeys that a node refuses; the coordinator leaves out the same ones beforehand."""

import pytest
from cast import tape
from stage import Stage, make_stage, peek

from privacy.secure_sum.keys import Identity
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import BadPrekeys
from schemas.signed import Signed

P = 2**255 - 19
LOW_ORDER = (  # all points of small order on the curve and its twist
    0, 1, P - 1, P, P + 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    return make_stage()


def test_a_prekey_under_ones_own_name_that_one_did_not_send_is_refused(stage: Stage) -> None:
    stage.cast.players[1].prekey = stage.signed_prekey(1, mask_public="09" + "00" * 31)
    with pytest.raises(BadPrekeys, match="not the one it sent"):
        stage.prepare(1)


def test_a_node_that_remembers_no_prekey_says_nothing(stage: Stage) -> None:
    stage.cast.players[1].prekey = None
    with pytest.raises(BadPrekeys, match="not the one it sent"):
        stage.prepare(1)


def test_a_prekey_of_somebody_outside_the_roster_is_refused(stage: Stage) -> None:
    stranger = Signed.seal(peek(stage.prekeys[1]), Identity.new(tape("stranger")).private)
    stage.prekeys[1] = stranger
    stage.describe()
    with pytest.raises(BadPrekeys, match="another centre's id"):
        stage.prepare()


def test_a_prekey_that_one_centre_signed_for_another_is_refused(stage: Stage) -> None:
    stage.prekeys[1] = stage.signed_prekey(2, signer=3)
    stage.describe()
    with pytest.raises(BadPrekeys, match="another centre's id"):
        stage.prepare()


def test_a_prekey_changed_by_the_coordinator_is_refused(stage: Stage) -> None:
    body = stage.prekeys[1].body.replace('"links":[1', '"links":[1,1')
    stage.prekeys[1] = stage.prekeys[1].model_copy(update={"body": body})
    stage.describe()
    with pytest.raises(BadPrekeys, match="no rostered centre signed"):
        stage.prepare()


@pytest.mark.parametrize("change", [{"round": 2}, {"announcement": "00" * 32}])
def test_a_prekey_of_another_round_is_refused(stage: Stage, change: dict[str, object]) -> None:
    stage.swap(2, **change)
    with pytest.raises(BadPrekeys, match="another round"):
        stage.prepare()


def test_other_prekeys_than_the_descriptor_names_are_refused(stage: Stage) -> None:
    stage.prekeys[1] = stage.signed_prekey(2, mask_public="09" + "00" * 31)
    with pytest.raises(BadPrekeys, match="not the prekeys"):
        stage.prepare()


@pytest.mark.parametrize("order", [(1, 0, 2, 3, 4), (0, 1, 1, 2, 3, 4)])
def test_prekeys_out_of_order_or_twice_are_refused(stage: Stage, order: tuple[int, ...]) -> None:
    stage.prekeys = [stage.prekeys[place] for place in order]
    stage.describe()
    with pytest.raises(BadPrekeys, match="sorted by id"):
        stage.prepare()


@pytest.mark.parametrize("place", ["mask_public", "channel_public"])
def test_a_key_that_stands_in_two_places_is_refused(stage: Stage, place: str) -> None:
    stage.swap(2, **{place: peek(stage.prekeys[3]).mask_public})
    with pytest.raises(BadPrekeys, match="two places"):
        stage.prepare()


@pytest.mark.parametrize("top_bit", [0, 2**255])
@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_low_order_key_is_refused(stage: Stage, point: int, top_bit: int) -> None:
    stage.swap(2, channel_public=(point + top_bit).to_bytes(32, "little").hex())
    with pytest.raises(BadPrekeys, match=r"all-zero|second spelling"):
        stage.prepare()


def test_a_copied_key_in_a_second_spelling_is_refused(stage: Stage) -> None:
    """X25519 ignores the top bit: other bytes, the same key (RFC 7748, section 5)."""
    copied = bytearray(bytes.fromhex(peek(stage.prekeys[3]).mask_public))
    copied[31] |= 0x80
    stage.swap(2, mask_public=copied.hex())
    with pytest.raises(BadPrekeys, match="second spelling"):
        stage.prepare()
    usable = usable_prekeys(stage.prekeys, stage.roster, stage.announcement)
    assert [peek(prekey).id for prekey in usable] == [1, 3, 4, 5]
