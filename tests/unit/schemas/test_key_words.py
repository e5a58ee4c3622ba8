"""The six words of a key: by hand from a hash that another tool gives."""

import pytest

from schemas.key_words import key_words


def test_a_key_is_six_words_of_its_hash() -> None:
    """6e0e8db964f092ca7e12e1a1 is the beginning of the hash, by sha256sum."""
    assert key_words("00" * 32) == "kumav mukun kigub narap lumif vakod"


@pytest.mark.parametrize("place", [0, 13, 31])
def test_another_key_has_other_words(place: int) -> None:
    other = bytes(1 if k == place else 0 for k in range(32))
    assert key_words(other.hex()).split()[0] != key_words("00" * 32).split()[0]
