"""One region of ten tapped centres for every test that needs one."""

from collections.abc import Iterator

import pytest
from scene import Scene, make_scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = make_scene(tmp_path_factory.mktemp("region"))
    yield made
    made.region.stop()
    made.relay.close()
