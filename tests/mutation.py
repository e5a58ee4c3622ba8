"""Mutation tests of privacy/: does a test fail when one operator, number or call is changed?

    python -m tests.mutation noise secure_sum     # these; all subpackages when none is named
    python -m tests.mutation noise --survivors    # the changes that no test noticed

Each subpackage has a room of its own, mutants/<name>, where mutmut finds only that code and the
tests that pertain to it, so that a mutant costs a second or two. The rooms are kept: a second run
tries only functions that changed and mutants that survived. After a change of module-level
constants, or of tests that killed, remove mutants/ to start afresh. The results go to
docs/mutation.md.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "mutation.md"
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
LINKED = ("privacy", "schemas", "chassis", "node", "coordinator", "deploy", "benchmarks")

SUITES = {
    "accounting": ("test_accounting_*",),
    "audit": ("test_audit*",),
    "encode": ("test_encode_*", "test_measures_sensitivity*"),
    "estimate": ("test_estimate_*",),
    "inference": ("test_inference_*", "test_measures_*"),
    "measures": ("test_measures_*", "test_encode_*", "test_estimate_*"),
    "noise": ("test_noise_*",),
    "people": ("test_people_*", "test_encode_*"),
    "secure_sum": ("test_secure_sum_*",),
    "verify": ("test_verify*",),
}
"""Which test files of tests/unit/privacy and tests/protocol try a subpackage; not what is slow."""

FOLDERS = ("tests/unit/privacy", "tests/protocol")


def furnish(name: str) -> Path:
    """Make the room of one subpackage, or bring it up to date, and return it."""
    room = ROOT / "mutants" / name
    room.mkdir(parents=True, exist_ok=True)
    for package in LINKED:
        link = room / package
        if not link.is_symlink():
            link.symlink_to(ROOT / package)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    only = f'[tool.mutmut]\nonly_mutate = ["privacy/{name}/*", "privacy/{name}.py"]'
    (room / "pyproject.toml").write_text(settings.replace("[tool.mutmut]", only), encoding="utf-8")
    for tests in (room / "tests", room / "mutants" / "tests"):
        shutil.rmtree(tests, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, room / folder, ignore=_others(name))
    shutil.copytree(ROOT / "tests/fixtures", room / "tests/fixtures")
    for file in ("conftest.py", "quick.py"):
        shutil.copy(ROOT / "tests" / file, room / "tests" / file)
    return room


def _others(name: str) -> Callable[[str, list[str]], list[str]]:
    """Return a filter of the test files that try something else."""

    def skipped(_: str, files: list[str]) -> list[str]:
        return [
            file
            for file in files
            if file == "__pycache__"
            or (fnmatch(file, "test_*") and not any(fnmatch(file, one) for one in SUITES[name]))
        ]

    return skipped


def records(room: Path) -> list[Path]:
    """Return mutmut's files of results, of the modules that still exist."""
    inner = room / "mutants"
    found = sorted((inner / "privacy").rglob("*.py.meta"))
    return [one for one in found if (room / one.relative_to(inner)).with_suffix("").exists()]


def forget_survivors(room: Path) -> None:
    """Let mutants that survived be tried again, by the tests of today."""
    (room / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    for path in records(room):
        record = json.loads(path.read_text(encoding="utf-8"))
        codes = record["exit_code_by_key"]
        record["exit_code_by_key"] = {k: None if survived(v) else v for k, v in codes.items()}
        path.write_text(json.dumps(record, indent=4), encoding="utf-8")


def survived(exit_code: int | None) -> bool:
    """Say whether no test failed, or none was there: pytest's codes, and 33 of mutmut."""
    return exit_code in (0, 5, 33)


def outcomes(room: Path) -> dict[str, int | None]:
    """Return the exit code of the tests by mutant; `None` where they did not run yet."""
    codes: dict[str, int | None] = {}
    for path in records(room):
        codes |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def row(name: str, codes: dict[str, int | None]) -> str:
    """Return one line of the table; a mutant on which the tests hung counts as killed."""
    count = Counter(survived(code) for code in codes.values())
    share = 100 * count[False] / len(codes)
    return f"| {name} | {len(codes)} | {count[False]} | {count[True]} | {share:.1f} % |"


def report(name: str, line: str) -> None:
    """Write the line in the place of the subpackage's former one."""
    text = REPORT.read_text(encoding="utf-8")
    text, found = re.subn(rf"^\| {name} \|.*$", line, text, flags=re.MULTILINE)
    if not found:
        sys.exit(f"{REPORT} has no row for {name}")
    REPORT.write_text(text, encoding="utf-8")


def run(name: str) -> None:
    """Try the mutants of one subpackage and record the result."""
    room = furnish(name)
    forget_survivors(room)
    with (room / "run.log").open("w", encoding="utf-8") as log:
        shown = None if sys.stdout.isatty() else log  # a line of progress for each mutant
        command = [MUTMUT, "run", "--max-children", "1"]
        setting = {**os.environ, "MUTATED": f"privacy.{name}"}
        done = subprocess.run(command, cwd=room, stdout=shown, env=setting, check=False)
    codes = outcomes(room)
    if done.returncode or not codes or {None, 2} & set(codes.values()):
        sys.exit(f"{name}: not all mutants were tried, see {room / 'run.log'}")
    line = row(name, codes)
    report(name, line)
    print(line)


def show(name: str) -> None:
    """Print the differences that no test noticed."""
    room = ROOT / "mutants" / name
    for mutant, code in outcomes(room).items():
        if survived(code):
            subprocess.run([MUTMUT, "show", mutant], cwd=room, check=True)


def main() -> None:
    """Read the command line."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("subpackage", nargs="*", choices=[*SUITES, "all"], default="all")
    asked.add_argument("--survivors", action="store_true", help="show what survived; run nothing")
    chosen = asked.parse_args()
    for name in SUITES if "all" in chosen.subpackage else chosen.subpackage:
        show(name) if chosen.survivors else run(name)


if __name__ == "__main__":
    main()
