"""A member whose disk was put back signs a second set. How many of them two certificates need."""

from itertools import combinations

import pytest
from cast import Play, make_cast, play

from privacy.secure_sum.certify import check_quorum, set_digest, sign_set
from privacy.secure_sum.refusal import NotCertified
from privacy.secure_sum.wire import Mark

FIRST, SECOND = (1, 2, 3, 4, 5), (1, 2, 3, 4)
"""What a coordinator would like to open both of: their difference is centre 5."""


@pytest.fixture(scope="module", params=[0, 7, 9], ids=["centres", "7 witnesses", "9 witnesses"])
def round_(request: pytest.FixtureRequest) -> Play:
    """Five centres, before each other or before witnesses."""
    return play(make_cast(5, witnesses=request.param))


def two_sets(round_: Play, twice: set[int], first: set[int]) -> list[bool]:
    """Whether a quorum stands under each set when `twice` sign both, and the others one."""
    certified = []
    for inside, members in ((FIRST, first | twice), (SECOND, set(round_.view.members) - first)):
        headers = round_.headers(round_.close(inside))
        marks = [
            Mark.from_bytes(sign_set(round_.view, round_.cast.players[m].identity, m, headers)
                            .to_bytes())
            for m in sorted(members | twice)
        ]  # fmt: skip
        try:
            check_quorum(round_.view, set_digest(round_.view, headers), marks)
        except NotCertified:
            certified.append(False)
        else:
            certified.append(True)
    return certified


def test_as_many_put_back_disks_as_may_be_corrupt_certify_no_second_set(round_: Play) -> None:
    """However the coordinator shares out the two sets among the others."""
    members = round_.view.members
    for number in range(round_.view.parameters.corrupt + 1):
        twice = set(members[:number])
        others = [m for m in members if m not in twice]
        for size in range(len(others) + 1):
            first = set(next(combinations(others, size)))
            assert two_sets(round_, twice, first).count(True) <= 1


def test_one_put_back_disk_more_than_that_can_certify_both(round_: Play) -> None:
    """The bound is sharp where C + f is even, and one disk off where it is odd."""
    limits, members = round_.view.parameters, round_.view.members
    needed = 2 * limits.quorum - limits.committee
    assert limits.corrupt < needed <= limits.corrupt + 2
    others = members[needed:]
    first = set(others[: limits.quorum - needed])
    assert two_sets(round_, set(members[:needed]), first) == [True, True]
