"""Every environment variable that is read and every setting that is kept stands in the docs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ("schemas", "privacy", "chassis", "node", "coordinator", "deploy", "benchmarks", "tests")
SCRIPTS = ("Makefile", "deploy/packages", "tests/bare_machine", ".ci/run")
DOCUMENTED = set(
    re.findall(r"`([A-Za-z_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))
)
EVERYBODYS = {"PATH", "HOME"}
"""Which every machine has, and which mean what they always mean."""

Trees = dict[str, ast.Module]


@pytest.fixture(scope="module")
def trees() -> Trees:
    paths = sorted(path for folder in PYTHON for path in (ROOT / folder).rglob("*.py"))
    assert len(paths) > 400
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_bytes())
        for path in paths
    }


@pytest.fixture(scope="module")
def constants(trees: Trees) -> dict[str, set[str]]:
    """Names of texts at the top of any module."""
    found: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                        found.setdefault(target.id, set()).add(node.value.value)
    return found


def texts_of(node: ast.expr, constants: dict[str, set[str]]) -> set[str]:
    """What an argument can be: a text, or a constant of that name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.Name | ast.Attribute):
        return constants.get(node.id if isinstance(node, ast.Name) else node.attr, set())
    return set()


def variables_read(tree: ast.Module) -> Iterator[ast.expr]:
    """The name of each variable that is asked of the environment, or named to typer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if re.search(r"environ\.(get|setdefault|pop)$|getenv$", called):
                yield node.args[0]
            yield from (one.value for one in node.keywords if one.arg == "envvar")
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            yield node.slice
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "os.environ":
            yield node.left


@pytest.mark.heavy
def test_every_environment_variable_that_is_read_is_documented(
    trees: Trees, constants: dict[str, set[str]]
) -> None:
    asked = [name for tree in trees.values() for name in variables_read(tree)]
    unknown = [ast.unparse(name) for name in asked if not texts_of(name, constants)]
    assert unknown == [], "names of variables that are put together cannot be documented"
    texts = {text for name in asked for text in texts_of(name, constants)}
    read = {text for text in texts if re.fullmatch("[A-Z][A-Z_]+", text)} - EVERYBODYS
    assert len(read) > 12
    assert sorted(read - DOCUMENTED) == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_variable_that_a_script_may_be_given_is_documented(script: str) -> None:
    text = (ROOT / script).read_text(encoding="utf-8")
    given = set(re.findall(r"^([A-Z_]+) \?=", text, re.MULTILINE))
    given |= set(re.findall(r"\$\{([A-Z_]+):-", text))
    assert sorted(given - DOCUMENTED - EVERYBODYS) == []


def settings_kept(tree: ast.Module) -> Iterator[ast.expr]:
    """The key of each setting that is read from a store or written to it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in ("get", "put", "setting", "_setting") and (
            ast.unparse(node.args[0]) == "connection"
        ):
            yield node.args[1]


@pytest.mark.parametrize("server", ["node", "coordinator"])
def test_every_setting_that_a_server_reads_or_keeps_is_documented(
    trees: Trees, constants: dict[str, set[str]], server: str
) -> None:
    own = {name: tree for name, tree in trees.items() if name.partition(".")[0] == server}
    kept = {
        text
        for tree in own.values()
        for key in settings_kept(tree)
        for text in texts_of(key, constants)
    }
    assert len(kept) > 5
    assert sorted(kept - DOCUMENTED) == []


def test_every_setting_of_a_backup_is_documented() -> None:
    from node.store.backup import KEPT_SETTINGS, LEFT_SETTINGS

    assert sorted({*KEPT_SETTINGS, *LEFT_SETTINGS} - DOCUMENTED) == []


def test_nothing_is_documented_that_no_code_names(trees: Trees) -> None:
    everything = {
        node.value
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    scripts = "".join((ROOT / script).read_text(encoding="utf-8") for script in SCRIPTS)
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    named = {name for cells in tables for name in re.findall(r"`([A-Za-z_]+)`", cells)}
    assert len(named) > 40
    texts = "\n".join(text for text in everything if "\n" in text or " " in text)
    assert (
        sorted(name for name in named if name not in everything and name not in scripts + texts)
        == []
    )
