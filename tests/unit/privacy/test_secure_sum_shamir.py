"""Secret sharing: any quorum opens every secret, and one share fewer says nothing at all."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.secure_sum import shamir
from privacy.secure_sum.shamir import PRIME, combine, lagrange_at, split

SECRETS = st.lists(st.integers(0, PRIME - 1), min_size=1, max_size=6)
POINTS = st.lists(st.integers(1, 65_535), min_size=1, max_size=8, unique=True)


def tape(seed: int) -> Callable[[int], bytes]:
    return lambda size: hashlib.shake_256(f"{seed}".encode()).digest(size)


def coefficients(numbers: tuple[int, ...]) -> Callable[[int], bytes]:
    """Randomness that makes these numbers the polynomial's coefficients."""
    left: Iterator[int] = iter(numbers)
    return lambda size: b"".join(next(left).to_bytes(32, "big") for _ in range(size // 32))


@settings(max_examples=60)
@given(secrets=SECRETS, points=POINTS, seed=st.integers(0, 2**32), data=st.data())
def test_any_quorum_opens_every_secret(
    secrets: list[int], points: list[int], seed: int, data: st.DataObject
) -> None:
    threshold = data.draw(st.integers(1, len(points)))
    shares = split(secrets, threshold, points, tape(seed))
    quorum = data.draw(st.permutations(points))[:threshold]
    weights = lagrange_at(0, quorum)
    opened = [combine(weights, [shares[x][k] for x in quorum]) for k in range(len(secrets))]
    assert opened == secrets


@settings(max_examples=40)
@given(secret=st.integers(0, PRIME - 1), points=POINTS, seed=st.integers(0, 2**32))
def test_every_share_lies_on_the_polynomial_of_any_quorum(
    secret: int, points: list[int], seed: int
) -> None:
    threshold = (len(points) + 1) // 2
    shares = {x: row[0] for x, row in split([secret], threshold, points, tape(seed)).items()}
    quorum = points[-threshold:]
    known = [shares[x] for x in quorum]
    assert all(combine(lagrange_at(x, quorum), known) == share for x, share in shares.items())
    assert combine(lagrange_at(0, quorum), known) == secret


@pytest.mark.parametrize("threshold", [1, 2, 3])
@pytest.mark.parametrize("points", [(1, 2, 3), (1, 3, 6), (2, 4, 5)])
def test_over_gf_7_fewer_shares_than_the_threshold_are_uniform_whatever_the_secret(
    monkeypatch: pytest.MonkeyPatch, threshold: int, points: tuple[int, ...]
) -> None:
    """Every secret with every polynomial: perfect secrecy, by counting."""
    monkeypatch.setattr(shamir, "PRIME", 7)
    for seen in combinations(points, threshold - 1):
        for secret in range(7):
            views = Counter(
                tuple(split([secret], threshold, points, coefficients(drawn))[x][0] for x in seen)
                for drawn in product(range(7), repeat=threshold - 1)
            )
            assert views == Counter(dict.fromkeys(product(range(7), repeat=threshold - 1), 1))


@pytest.mark.parametrize("threshold", [2, 3])
def test_over_gf_7_the_threshold_opens_each_secret_under_each_polynomial(
    monkeypatch: pytest.MonkeyPatch, threshold: int
) -> None:
    monkeypatch.setattr(shamir, "PRIME", 7)
    for secret, *drawn in product(range(7), repeat=threshold):
        shares = split([secret], threshold, (1, 2, 4, 6), coefficients(tuple(drawn)))
        for quorum in combinations(shares, threshold):
            weights = lagrange_at(0, quorum)
            assert combine(weights, [shares[x][0] for x in quorum]) == secret


def test_secrets_shared_together_get_polynomials_of_their_own() -> None:
    rows = split([5, 5, 5], 2, (1,), tape(1))
    assert len(set(rows[1])) == 3


@pytest.mark.parametrize("outside", [PRIME, 2**256 - 1])
def test_a_draw_outside_the_field_is_drawn_again(outside: int) -> None:
    draws, sizes = [outside.to_bytes(32, "big"), (7).to_bytes(32, "big")], []

    def random(size: int) -> bytes:
        sizes.append(size)
        return draws.pop(0)

    assert split([1], 2, (1,), random) == {1: [8]}
    assert sizes == [32, 32]


def test_the_largest_draw_inside_the_field_is_taken() -> None:
    assert split([1], 2, (1,), lambda _: (PRIME - 1).to_bytes(32, "big")) == {1: [0]}


def test_with_nobody_to_share_with_there_are_no_shares() -> None:
    assert split([1], 1, (), tape(1)) == {}


def test_the_largest_secret_and_the_largest_points_do_not_spill_into_the_next_lane() -> None:
    points = tuple(range(65_535 - 41, 65_536))
    top = (PRIME - 1).to_bytes(32, "big")
    shares = split([PRIME - 1, 0, PRIME - 1], 41, points, lambda size: top * (size // 32))
    weights = lagrange_at(0, points[:41])
    opened = [combine(weights, [shares[x][k] for x in points[:41]]) for k in range(3)]
    assert opened == [PRIME - 1, 0, PRIME - 1]


@pytest.mark.parametrize("secret", [-1, PRIME, 2**256])
def test_a_secret_outside_the_field_is_refused(secret: int) -> None:
    with pytest.raises(ValueError, match="field"):
        split([secret], 2, (1, 2), tape(1))


@pytest.mark.parametrize("points", [(0, 1), (1, 1), (1, 65_536), (-1, 2)])
def test_points_that_show_the_secret_or_stand_twice_are_refused(points: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="points"):
        split([1], 2, points, tape(1))


def test_a_secret_is_not_opened_with_a_share_too_few_or_too_many() -> None:
    weights = lagrange_at(0, (1, 2, 3))
    for shares in ([5, 6], [5, 6, 7, 8]):
        with pytest.raises(ValueError, match="zip"):
            combine(weights, shares)


def test_a_threshold_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        split([1], 0, (1, 2), tape(1))
