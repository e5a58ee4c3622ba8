"""The small region as fixtures: made once, and copied for each test."""

from pathlib import Path

import pytest
from small_region import Small, copy_of, make_small

from schemas.message import Kind


@pytest.fixture(scope="session")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Small:
    made = make_small(tmp_path_factory.mktemp("region") / "made")
    made.opened()
    return made


@pytest.fixture(scope="session")
def _given(_opened: Small, tmp_path_factory: pytest.TempPathFactory) -> Small:
    made = copy_of(_opened, tmp_path_factory.mktemp("region") / "given")
    made.region.ticks(1)
    assert made.region.status(1)["contributions"] == 7
    return made


@pytest.fixture(scope="session")
def _contributed(_given: Small, tmp_path_factory: pytest.TempPathFactory) -> Small:
    made = copy_of(_given, tmp_path_factory.mktemp("region") / "contributed")
    made.region.ask("close", 1)
    made.region.ticks(2)
    assert made.carrier.last(Kind.CERTIFY, 1)
    return made


@pytest.fixture
def opened(_opened: Small, tmp_path: Path) -> Small:
    """Round 1 has a descriptor; no centre has contributed yet."""
    return copy_of(_opened, tmp_path / "region")


@pytest.fixture
def given(_given: Small, tmp_path: Path) -> Small:
    """Everybody contributed to round 1; no set was closed."""
    return copy_of(_given, tmp_path / "region")


@pytest.fixture
def contributed(_contributed: Small, tmp_path: Path) -> Small:
    """Everybody contributed to round 1 and signed its set; nothing was unmasked."""
    return copy_of(_contributed, tmp_path / "region")
