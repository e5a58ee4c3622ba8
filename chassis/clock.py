"""The time, as an argument: whoever needs it is handed a clock."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives Unix seconds."""


def unix_seconds() -> int:
    """The clock of this computer."""
    return int(time.time())
