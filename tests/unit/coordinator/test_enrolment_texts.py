import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import coordinator
from chassis.texts import Texts

ROOT = Path(coordinator.__file__).parent
PARTS = ("authority", "enrolment", "releases", "store", "commands")
FILES = sorted(
    [*ROOT.glob("*.py")]
    + [
        ROOT / "rounds" / name
        for name in (
            "committee.py",
            "fault_sentences.py",
            "in_force.py",
            "operator_actions.py",
            "transcripts.py",
            "waiting.py",
        )
    ]
    + [path for part in PARTS for path in (ROOT / part).glob("*.py")]
)
NOT_SAID = {"name", "code"}


Forms = tuple[str, ...]
"""A message: one text, or those for one and for more."""


def _first(call: ast.Call, forms: int = 1) -> Iterator[Forms]:
    given = [one.value for one in call.args[:forms] if isinstance(one, ast.Constant)]
    texts = tuple(one for one in given if isinstance(one, str))
    if texts:
        yield texts


def _messages(path: Path) -> Iterator[Forms]:
    """First arguments of t(...), texts()(...) and of what is raised."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _first(node.exc)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "t.count":
            yield from _first(node, 2)
        elif isinstance(node, ast.Call):
            called = node.func.func if isinstance(node.func, ast.Call) else node.func
            if isinstance(called, ast.Name) and called.id in ("t", "texts"):
                yield from _first(node)


def _dutch(text: str) -> Forms:
    t = Texts.load(ROOT / "locale", "nl")
    return next((known.forms[text] for known in t.catalogues if text in known.forms), (t(text),))


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


MESSAGES = sorted({(path.name, text) for path in FILES for text in _messages(path)})


@pytest.mark.parametrize(("file", "text"), MESSAGES, ids=lambda value: str(value)[:40])
def test_every_sentence_of_a_command_has_its_dutch(file: str, text: Forms) -> None:
    dutch = _dutch(text[0])
    assert dutch != text or text[0] == "open" or text[0].startswith("{id}"), f"{file}: {text}"
    assert [_fields(one) for one in dutch] == [_fields(one) for one in text]
