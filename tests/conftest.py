"""What all tests share: no deadlines, as a busy machine is no defect; one thread for algebra.

Tests that share what is dear to make (a file with its fixtures; the region of real processes) stay
in one process of `pytest -n`; tests that time themselves are marked `alone`, and run apart.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import NoReturn

# Before numpy is loaded. Two threads that wait for each other by spinning are many times slower
# than one whenever something else runs on the machine, as nodes and other tests do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import Phase, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

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


REGION = re.compile(r"\bScene\b")
"""What stands in every file that looks at the region of real processes."""


class Together(LoadFileScheduling):
    """A file stays in one process, and so do all files that look at the region."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        text = (self.config.rootpath / file).read_text(encoding="utf-8")
        return "the region of real processes" if REGION.search(text) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """For `--dist loadfile`."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


MISSING = "Not on this machine"
"""How a skip for want of a program begins, so that the end of the run can repeat it."""


@pytest.fixture(scope="session")
def wanting() -> Callable[[str], NoReturn]:
    """Leave out what needs a Debian package that is not here; where everything is asked, fail."""

    def leave_out(package: str) -> NoReturn:
        sentence = f"{MISSING}: {package} (make packages)"
        if "CI" in os.environ:
            pytest.fail(sentence)
        pytest.skip(sentence)

    return leave_out


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last what was not tested because this machine lacks a program."""
    skipped = terminalreporter.stats.get("skipped", [])
    wanting = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in skipped
        if isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]
    )
    for reason, count in sorted(wanting.items()):
        terminalreporter.write_line(f"NOT TESTED: {count} tests: {reason}", red=True, bold=True)


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
