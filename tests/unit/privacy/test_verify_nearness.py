"""How near a published number has to be to the one that is made again."""

import pytest

from privacy.verify import _near


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (1_000.0, 1_000.0009, True),
        (1_000.0, 1_000.0011, False),
        (-1_000.0, -1_000.0009, True),
        (0.0, 9e-7, True),
        (0.0, 1.1e-6, False),
        (None, None, True),
        (None, 0.0, False),
        (0.0, None, False),
    ],
)
def test_numbers_are_the_same_to_a_millionth(
    old: float | None, new: float | None, same: bool
) -> None:
    """Of the number, and of 1 where it is small: other machines round elsewhere."""
    assert _near(old, new) == same
