"""Texts that templates and code ask a catalogue for, found in the files of a folder."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

Forms = tuple[str, ...]
"""A message: one text, or those for one and for more."""


def said_in(folder: Path) -> set[Forms]:
    """Every message of the templates and of the code of a folder."""
    return {*_of_templates(folder), *_of_code(folder)}


def _of_templates(folder: Path) -> Iterator[Forms]:
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        yield from ((found,) for _, found in re.findall(r"""\bt\((["'])(.+?)\1""", text))
        yield from re.findall(r'\bt\.count\("([^"]+)", "([^"]+)"', text)


def _of_code(folder: Path) -> Iterator[Forms]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called, first = node.func, node.args[0]
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name == "t" and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield (first.value,)
            if name == "count" and len(node.args) == 3:
                both = node.args[:2]
                yield tuple(str(one.value) for one in both if isinstance(one, ast.Constant))


def constants_in(folder: Path) -> set[str]:
    """Every text of the code: some messages are raised first and translated later."""
    return {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def fields(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
