"""Fixtures of the protocol tests."""

import pytest
from cast import Play, make_cast, play


@pytest.fixture(scope="session")
def five() -> Play:
    """A round of five centres, f = 1, t = 2, q = 4, floor 4."""
    return play(make_cast(5))
