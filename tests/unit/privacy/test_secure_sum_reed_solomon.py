"""Reed-Solomon decoding against worked examples, whole small fields, and plain search."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.secure_sum.reed_solomon import Code, Decoded, Undecodable
from privacy.secure_sum.shamir import PRIME, split


def value(coefficients: Sequence[int], x: int, prime: int) -> int:
    return sum(c * x**k for k, c in enumerate(coefficients)) % prime


def test_the_worked_example_of_the_literature() -> None:
    """RS(7, 3) over GF(7), points 0 to 6, message 3x^2 + 2x + 1, errors at 1 and 4: the example
    that Wikipedia, "Reed-Solomon error correction", works through for several decoders."""
    sent, received = (1, 6, 3, 6, 1, 2, 2), (1, 5, 3, 6, 3, 2, 2)
    code = Code(tuple(range(7)), 3, 7)
    assert code.decode(sent) == Decoded(1, frozenset())
    assert code.decode(received) == Decoded(1, frozenset({1, 4}))


def test_a_line_by_hand() -> None:
    """2 + 3x over GF(31) at 1 to 5 is 5, 8, 11, 14, 17; one value in three more is corrected."""
    assert Code((1, 2, 3, 4, 5), 2, 31).decode((5, 8, 30, 14, 17)) == Decoded(2, frozenset({3}))


def nearest(word: Sequence[int], points: Sequence[int], size: int, prime: int) -> Decoded | None:
    """Plain search through every polynomial of the field."""
    for coefficients in product(range(prime), repeat=size):
        wrong = [x for x, v in zip(points, word, strict=True) if value(coefficients, x, prime) != v]
        if 2 * len(wrong) <= len(points) - size:
            return Decoded(coefficients[0], frozenset(wrong))
    return None


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("size", "length", "prime"), [(1, 3, 7), (2, 3, 7), (2, 4, 7), (1, 4, 5), (3, 4, 5), (4, 4, 5)]
)
def test_every_word_of_a_small_field_decodes_as_plain_search_says(
    size: int, length: int, prime: int
) -> None:
    points = tuple(range(1, length + 1))
    code = Code(points, size, prime)
    for word in product(range(prime), repeat=length):
        try:
            found: Decoded | None = code.decode(word)
        except Undecodable:
            found = None
        assert found == nearest(word, points, size, prime)


def patterns(points: Sequence[int], most: int) -> Iterator[dict[int, int]]:
    """Every way to be wrong at up to `most` points of GF(7): by how much, where."""
    for count in range(most + 1):
        for places in combinations(points, count):
            for shifts in product(range(1, 7), repeat=count):
                yield dict(zip(places, shifts, strict=True))


def test_every_pattern_of_two_wrong_shares_of_six_is_corrected_and_named() -> None:
    points = (1, 2, 3, 4, 5, 6)
    code = Code(points, 2, 7)
    for line in ((0, 0), (3, 0), (0, 5), (4, 6)):
        for errors in patterns(points, 2):
            word = [(value(line, x, 7) + errors.get(x, 0)) % 7 for x in points]
            assert code.decode(word) == Decoded(line[0], frozenset(errors))


@given(data=st.data(), size=st.integers(1, 8), spare=st.integers(0, 12))
def test_over_thirty_one_elements_whatever_fits_the_bound_is_corrected(
    data: st.DataObject, size: int, spare: int
) -> None:
    points = tuple(data.draw(st.permutations(range(31)))[: size + spare])
    line = data.draw(st.lists(st.integers(0, 30), min_size=size, max_size=size))
    places = data.draw(st.permutations(points))[: data.draw(st.integers(0, spare // 2))]
    shift = data.draw(st.integers(1, 30))
    word = [(value(line, x, 31) + (shift if x in places else 0)) % 31 for x in points]
    assert Code(points, size, 31).decode(word) == Decoded(line[0], frozenset(places))


@given(data=st.data(), threshold=st.integers(1, 6), spare=st.integers(0, 8))
def test_shamirs_shares_are_corrected(data: st.DataObject, threshold: int, spare: int) -> None:
    points = tuple(range(1, threshold + spare + 1))
    secret = data.draw(st.integers(0, PRIME - 1))
    randomness = data.draw(st.randoms(use_true_random=False))
    shares = split([secret], threshold, points, randomness.randbytes)
    liars = data.draw(st.permutations(points))[: spare // 2]
    word = [
        (shares[x][0] + (data.draw(st.integers(1, PRIME - 1)) if x in liars else 0)) % PRIME
        for x in points
    ]
    assert Code(points, threshold).decode(word) == Decoded(secret, frozenset(liars))


@pytest.mark.parametrize(("size", "values"), [(3, (1, 2)), (0, (1, 2)), (2, (1,)), (2, (1, 2, 3))])
def test_too_few_values_or_other_counts_decode_to_nothing(
    size: int, values: tuple[int, ...]
) -> None:
    with pytest.raises(Undecodable):
        Code((1, 2), size, 7).decode(values)
