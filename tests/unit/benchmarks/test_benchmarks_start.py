"""Benchmarks run rarely and long: that each still finds what it measures is looked at here."""

import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = ("benchmarks", "chassis", "coordinator", "deploy", "node", "privacy", "schemas")


def imported(path: Path) -> list[tuple[str, str]]:
    """(module, name) of everything of ours that a file imports."""
    found = []
    for step in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(step, ast.ImportFrom) and (step.module or "").split(".")[0] in OURS:
            found += [(step.module or "", alias.name) for alias in step.names]
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda p: p.stem)
def test_what_a_benchmark_imports_of_ours_is_there(path: Path) -> None:
    for module, name in imported(path):
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}")
