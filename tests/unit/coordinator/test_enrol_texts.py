import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import coordinator
from chassis.texts import Texts

ROOT = Path(coordinator.__file__).parent
PARTS = ("authority", "enrol", "release", "store")
FILES = sorted(
    [*ROOT.glob("cli.py"), *ROOT.glob("commands_*.py"), ROOT / "service.py"]
    + [
        ROOT / "rounds" / name
        for name in ("desk.py", "naming.py", "papers.py", "transcripts.py", "waiting.py")
    ]
    + [path for part in PARTS for path in (ROOT / part).glob("*.py")]
)
NOT_SAID = {"name", "code"}


def _first_texts(call: ast.Call) -> Iterator[str]:
    """Both sentences of a count."""
    for one in call.args[:2]:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value


def _first_text(call: ast.Call) -> Iterator[str]:
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        yield call.args[0].value


def _messages(path: Path) -> Iterator[str]:
    """First arguments of t(...), texts()(...) and of what is raised."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _first_text(node.exc)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "t.count":
            yield from _first_texts(node)
        elif isinstance(node, ast.Call):
            called = node.func.func if isinstance(node.func, ast.Call) else node.func
            if isinstance(called, ast.Name) and called.id in ("t", "texts"):
                yield from _first_text(node)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


MESSAGES = sorted({(path.name, text) for path in FILES for text in _messages(path)})


@pytest.mark.parametrize(("file", "text"), MESSAGES, ids=lambda value: str(value)[:40])
def test_every_sentence_of_a_command_has_its_dutch(file: str, text: str) -> None:
    dutch = Texts.load(ROOT / "locale", "nl")(text)
    assert dutch != text or text == "open" or text.startswith("{id}"), (
        f"{file}: no Dutch for {text!r}"
    )
    assert _fields(dutch) == _fields(text)
