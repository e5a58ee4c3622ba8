"""What the house forbids, looked for in every file: long modules, toy randomness, catch-alls."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "privacy", "chassis", "node", "coordinator", "deploy")
HOUSE = (*PACKAGES, "tests", "benchmarks")
MOST_LINES = 300

TOY = re.compile(r"np\.random|numpy\.random|RandomState|\bimport random\b|\bfrom random\b")
HANDLERS = {
    "node/rounds/flower.py",  # one request to a centre's service
    "chassis/commands.py",  # a command
    "chassis/web/headers.py",  # one request to the coordinator's pages
    "coordinator/service.py",  # one step of the rounds thread
    "coordinator/rounds/asking.py",  # one centre's message: it stops nobody else's
}
"""The one top-level handler of each process, and of each message."""
JUNK = re.compile(r"^(util|helper|common|constant|misc|compat|legacy|manager)s?(_.*|\..*)?$|^v\d+$")


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_a_module_is_no_longer_than_300_lines() -> None:
    lengths = {name(path): lines(path) for path in modules(*HOUSE)}
    assert len(lengths) > 400
    assert {path: count for path, count in lengths.items() if count > MOST_LINES} == {}


def test_noise_and_keys_come_from_no_toy_generator() -> None:
    toys = {
        name(path)
        for path in modules("schemas", "privacy", "chassis", "node", "coordinator")
        if TOY.search(path.read_text(encoding="utf-8"))
    }
    assert toys == set()


def _catch_alls(path: Path) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler) and _takes_everything(node.type):
            yield node


def _takes_everything(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_takes_everything(one) for one in caught.elts)
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")
    )


@pytest.mark.heavy
def test_only_the_top_of_a_process_catches_everything() -> None:
    found = [name(path) for path in modules(*PACKAGES) for _ in _catch_alls(path)]
    assert sorted(found) == sorted(HANDLERS)


def _echoes(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("typer.echo", "print"):
            yield node


def test_a_server_prints_nothing_whose_unseen_characters_are_not_spelled_out() -> None:
    """Texts from files and the network reach the terminal through `visible` alone."""
    found = [call for path in modules("chassis", "node", "coordinator") for call in _echoes(path)]
    assert len(found) == 3
    assert [
        ast.unparse(c) for c in found if not ast.unparse(c.args[0]).startswith("visible(")
    ] == []


def test_no_file_is_a_junk_drawer() -> None:
    shown = subprocess.run(
        ["git", "ls-files", "-z", *HOUSE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    files = shown.stdout.split("\0")[:-1]
    assert len(files) > 200
    parts = {part for file in files for part in Path(file).parts}
    assert sorted(part for part in parts if JUNK.match(part)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_imported_from_a_folder_that_only_developers_have(package: str) -> None:
    for path in modules(package):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) tests\b", text, re.MULTILINE), name(path)
        assert "/work/" not in text, name(path)


ONLY_TESTS_TAKE = {
    ("coordinator.store.links", "of"),  # one pair: the engine asks for all of one end
}
FOUND_BY_NAME = {"register", "upgrade", "__getattr__"}
"""Found without an import: commands of a node, migrations, what a package loads late."""


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _taken(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of all that a file imports, takes from a module, or names itself outside
    of the definition of that name."""
    tree, known = ast.parse(path.read_text(encoding="utf-8")), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, one.name) for one in node.names)
            known |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            known |= {one.asname or one.name: one.name for one in node.names}
    for top in tree.body:
        for node in ast.walk(top):
            if isinstance(node, ast.Name) and node.id != getattr(top, "name", None):
                yield _module(path), node.id
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield known.get(node.value.id, ""), node.attr


def _defined(path: Path) -> Iterator[tuple[str, str]]:
    for top in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(top, ast.FunctionDef | ast.ClassDef) and not (
            top.decorator_list and isinstance(top, ast.FunctionDef)
        ):
            yield _module(path), top.name


@pytest.mark.heavy
def test_no_function_or_class_of_the_product_is_there_for_tests_alone() -> None:
    taken = {one for path in modules(*PACKAGES) for one in _taken(path)}
    tried = {one for path in modules("benchmarks") for one in _taken(path)}
    made = {one for path in modules(*PACKAGES) for one in _defined(path)}
    assert len(made) > 1000
    alone = {(module, of) for module, of in made - taken if of not in FOUND_BY_NAME}
    assert alone - tried == ONLY_TESTS_TAKE
    core = {one for one in alone & tried if one[0].startswith("privacy.")}
    assert {one for one in core if not one[0].startswith("privacy.audit.")} == set()


QUANTILES = (0.674490, 1.281552, 1.644854, 1.959964, 2.326348, 2.575829)
"""Of the normal distribution: half-widths of intervals, in standard errors."""

LIMITS = ({0.05, 0.10, 0.20, 0.33}, {5, 10, 20, 33}, {0.2, 0.4, 0.8, 1.5})
"""Of the quality bands A to D: as a part of one, in percent, in smallest differences."""


def _numbers(node: ast.AST) -> set[float]:
    return {
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, int | float)
    }


def test_the_width_of_an_interval_and_the_limits_of_bands_stand_in_one_place_each() -> None:
    widths, limits = set(), set()
    for path in modules(*PACKAGES, "benchmarks"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = _numbers(node)
            if isinstance(node, ast.Constant) and any(
                abs(one - width) < 0.001 for one in found for width in QUANTILES
            ):
                widths.add(name(path))
            elif isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and any(
                few <= found for few in LIMITS
            ):
                limits.add(name(path))
    assert widths == {"privacy/inference/reach.py"}
    assert limits == {"privacy/inference/intervals.py"}


def _constants(path: Path) -> Iterator[tuple[str, float]]:
    """Names of a module that are numbers written out: `_SECONDS = 20.0`, `MOST = 64 * 2**20`."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and _is_number(node.value):
            value = eval(compile(ast.Expression(node.value), "", "eval"))  # noqa: S307 - numbers only
            yield ast.unparse(node.targets[0]).lstrip("_"), value


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def test_a_number_with_a_name_stands_once() -> None:
    where: dict[tuple[str, float], list[str]] = {}
    for path in modules(*PACKAGES):
        for constant in _constants(path):
            where.setdefault(constant, []).append(name(path))
    assert len(where) > 100
    assert {constant: places for constant, places in where.items() if len(places) > 1} == {}
