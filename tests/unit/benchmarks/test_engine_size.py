"""The benchmark of the engine alone plays a real round, and tells the engine from the centres."""

import pytest

from benchmarks.engine_size import measure


@pytest.mark.heavy
def test_a_small_region_comes_to_its_release_and_both_sides_are_counted() -> None:
    found = measure(9, 7)
    assert list(found.phases) == ["prekeys", "open", "contribute", "certify, unmask, sum"]
    assert found.engine == sum(phase.engine for phase in found.phases.values())
    assert all(phase.engine > 0 for phase in found.phases.values())
    assert found.phases["contribute"].centres > 0
    assert found.database_megabytes > 9 * found.entries * 4 / 1e6  # its masked vectors at least
