"""A pytest plugin for mutation runs: no test asks for more examples than the profile gives."""

import pytest
from hypothesis import settings

SETTINGS = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cap what tests ask for themselves."""
    profile = settings()
    for test in {getattr(item, "function", None) for item in items}:
        asked = getattr(test, SETTINGS, None)
        if asked and asked.max_examples > profile.max_examples:
            capped = settings(asked, max_examples=profile.max_examples, phases=profile.phases)
            setattr(test, SETTINGS, capped)
