"""Binary records: every field in its place, and what each one refuses."""

import struct
from dataclasses import replace

import pytest
from cast import Play, make_cast, play

from privacy.secure_sum.labels import u16, u64
from privacy.secure_sum.refusal import Malformed
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.wire import Contribution, Mark, UnmaskRequest, UnmaskResponse

RID = bytes(range(32))
SIGNATURE = bytes(range(64))


@pytest.fixture(scope="module")
def four() -> Play:
    return play(make_cast(4))


def test_numbers_are_unsigned_and_big_endian() -> None:
    assert u16(0xFF01) == b"\xff\x01"
    assert u64(0xFF << 56 | 1) == b"\xff" + bytes(6) + b"\x01"


def test_a_response_is_its_member_round_marked_shares_and_signature() -> None:
    raw = b"\xff\xfe" + RID + b"\1" + bytes(31) + b"\7" + bytes(33) + SIGNATURE
    response = UnmaskResponse.from_bytes(raw, 2)
    assert response == UnmaskResponse(65_534, RID, (7, None), SIGNATURE)
    assert response.to_bytes() == raw


@pytest.mark.parametrize(
    ("share", "refusal"),
    [
        (b"\2" + bytes(32), "an unknown mark"),
        (b"\xff" + bytes(32), "an unknown mark"),
        (b"\0" + bytes(31) + b"\1", "an unknown mark"),
        (b"\1" + PRIME.to_bytes(32, "big"), "a share outside the field"),
        (b"\1" + b"\xff" * 32, "a share outside the field"),
    ],
)
def test_a_response_has_one_spelling_for_each_share(share: bytes, refusal: str) -> None:
    with pytest.raises(Malformed, match=f"^an unmask response with {refusal}$"):
        UnmaskResponse.from_bytes(u16(1) + RID + share + SIGNATURE, 1)


def test_the_largest_share_is_taken() -> None:
    largest = UnmaskResponse(1, RID, (PRIME - 1, 0, None), SIGNATURE)
    assert UnmaskResponse.from_bytes(largest.to_bytes(), 3) == largest


def request_of(members: list[int], slots: int = 2) -> bytes:
    marks = b"".join(u16(member) + SIGNATURE for member in members)
    return RID + u16(len(members)) + marks + bytes(range(48)) * slots


def test_a_request_is_its_round_signatures_by_member_and_slots() -> None:
    read = UnmaskRequest.from_bytes(request_of([3, 65_534]), 2)
    assert read.marks == (Mark(3, RID, SIGNATURE), Mark(65_534, RID, SIGNATURE))
    assert read.slots == (bytes(range(48)),) * 2
    backwards = replace(read, marks=read.marks[::-1])
    assert read.to_bytes() == backwards.to_bytes() == request_of([3, 65_534])


def test_a_request_carries_up_to_a_hundred_signatures() -> None:
    assert len(UnmaskRequest.from_bytes(request_of(list(range(100))), 2).marks) == 100
    with pytest.raises(Malformed, match=r"^an unmask request of the wrong size$"):
        UnmaskRequest.from_bytes(request_of(list(range(101))), 2)


@pytest.mark.parametrize("members", [[2, 1], [2, 2]])
def test_signatures_out_of_order_or_twice_are_refused(members: list[int]) -> None:
    with pytest.raises(
        Malformed, match=r"^signatures that are not sorted by member, or one twice$"
    ):
        UnmaskRequest.from_bytes(request_of(members), 2)


def test_a_request_may_carry_nothing_but_not_less() -> None:
    assert UnmaskRequest.from_bytes(RID + u16(0), 0) == UnmaskRequest(RID, (), ())
    with pytest.raises(Malformed, match=r"^an unmask request that ends early$"):
        UnmaskRequest.from_bytes(RID + b"\0", 0)


def test_a_contribution_of_another_version_or_round_or_with_a_proof_is_refused(four: Play) -> None:
    raw, seen = four.sent[2].message, four.view
    assert Contribution.from_bytes(raw, seen).node == 2
    heads = [(2, 0, 2, seen.rid), (1, 1, 2, seen.rid), (1, 0, 9, seen.rid), (1, 0, 2, bytes(32))]
    for head in heads:
        changed = struct.pack(">BHH32s", *head) + raw[37:]
        with pytest.raises(Malformed, match=r"^a contribution to another round, or of another ver"):
            Contribution.from_bytes(changed, seen)


def test_each_secret_has_its_own_place_among_commitments_and_slots(four: Play) -> None:
    body, seen = four.bodies[3], four.view
    places = [(member, other) for member in seen.members for other in seen.secrets]
    assert b"".join(body.commitment(seen, other) for other in seen.secrets) == body.commitments
    assert b"".join(body.slot(seen, *place) for place in places) == body.slots
