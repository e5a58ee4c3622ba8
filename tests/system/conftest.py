"""One region of ten tapped centres, and its two rounds, for every test that needs them."""

from collections.abc import Iterator

import pytest
from scene import Scene, make_scene
from two_rounds import Missed, Survived, miss, survive


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = make_scene(tmp_path_factory.mktemp("region"))
    yield made
    made.region.stop()
    made.relay.close()


@pytest.fixture(scope="session")
def missed(scene: Scene) -> Missed:
    return miss(scene)


@pytest.fixture(scope="session")
def survived(scene: Scene, missed: Missed) -> Survived:
    """The second round comes after the first, of which it wakes the lost centres."""
    return survive(scene)
