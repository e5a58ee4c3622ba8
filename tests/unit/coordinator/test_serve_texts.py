"""Every text of the pages: in Dutch too, used, and saying no more than figures can."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from word_lint import FORBIDDEN

import coordinator.serve
from coordinator.serve.words.sentences import texts

OWN = texts("nl").catalogues[0]
DUTCH = {message: (text,) for message, text in OWN.messages.items()} | dict(OWN.forms)
ROOT = Path(coordinator.serve.__file__).parent


Forms = tuple[str, ...]
"""A message: one text, or those for one and for more."""


def _of_templates() -> Iterator[Forms]:
    for path in (ROOT / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        yield from ((found,) for found in re.findall(r'\bt\("([^"]+)"', text))
        yield from re.findall(r'\bt\.count\("([^"]+)", "([^"]+)"', text)


def _of_code() -> Iterator[Forms]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called, first = node.func, node.args[0]
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name == "t" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield (first.value,)
            if name == "count" and len(node.args) == 3:
                yield tuple(
                    str(one.value) for one in node.args[:2] if isinstance(one, ast.Constant)
                )


MESSAGES = sorted({*_of_templates(), *_of_code()})


@pytest.mark.parametrize("message", MESSAGES)
def test_every_text_of_a_page_has_its_dutch_with_the_same_fields(message: Forms) -> None:
    dutch = DUTCH[message[0]]
    assert [_fields(one) for one in message] == [_fields(one) for one in dutch]


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)}


def test_no_dutch_text_is_left_over() -> None:
    raised = {
        node.value
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(DUTCH) <= {*(one for one, *_ in MESSAGES), *raised}


ALL = {text for forms in (*MESSAGES, *DUTCH.values()) for text in forms}


@pytest.mark.parametrize("message", sorted(ALL))
def test_no_text_says_more_than_figures_can(message: str) -> None:
    assert not FORBIDDEN.search(message)
