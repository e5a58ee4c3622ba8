"""What all tests share: no deadlines, as a busy machine is no defect; one thread for algebra."""

import os
import sys

# Before numpy is loaded. Two threads that wait for each other by spinning are many times slower
# than one whenever something else runs on the machine, as nodes and other tests do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import Phase, settings

settings.register_profile("wegwijs", deadline=None)
settings.register_profile(
    # Thousands of runs, each of which needs only one failing example, however large.
    "mutation",
    deadline=None,
    max_examples=10,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("wegwijs")


def pytest_runtest_setup() -> None:
    """Empty what mutated functions remember: a mutant is to answer itself, in each test."""
    mutated = os.environ.get("MUTATED")
    if mutated is None:
        return
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith(f"{mutated}."):
            for found in list(vars(module).values()):
                if hasattr(found, "cache_clear"):
                    found.cache_clear()
