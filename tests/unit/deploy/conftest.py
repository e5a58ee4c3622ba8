"""The default programme with its synthetic clients, encoded once."""

import pytest

from deploy.errors import Foreseen
from schemas.catalogue.default import FULL, programme_of_year
from schemas.units import UnixSeconds


@pytest.fixture(scope="session")
def foreseen() -> Foreseen:
    return Foreseen.of(
        programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33), FULL)
    )
