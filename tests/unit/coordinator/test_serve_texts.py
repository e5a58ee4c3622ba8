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

NL = texts("nl")
ROOT = Path(coordinator.serve.__file__).parent


def _of_templates() -> Iterator[str]:
    for path in (ROOT / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        yield from re.findall(r'\bt\("([^"]+)"', text)
        for both in re.findall(r'\bt\.count\("([^"]+)", "([^"]+)"', text):
            yield from both


def _of_code() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called, first = node.func, node.args[0]
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name == "t" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            if name == "count" and len(node.args) == 3:
                yield from (one.value for one in node.args[:2] if isinstance(one, ast.Constant))


MESSAGES = sorted({*_of_templates(), *_of_code()})


@pytest.mark.parametrize("message", MESSAGES)
def test_every_text_of_a_page_has_its_dutch_with_the_same_fields(message: str) -> None:
    assert message in NL.messages
    fields = [{name for _, name, _, _ in Formatter().parse(m)} for m in (message, NL(message))]
    assert fields[0] == fields[1]


def test_no_dutch_text_is_left_over() -> None:
    raised = {
        node.value
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(NL.messages) <= {*MESSAGES, *raised}


@pytest.mark.parametrize("message", sorted({*MESSAGES, *NL.messages, *NL.messages.values()}))
def test_no_text_says_more_than_figures_can(message: str) -> None:
    assert not FORBIDDEN.search(message)
