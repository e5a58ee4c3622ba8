"""Our commands by the name that a shell calls them, in this process: a second less each time."""

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from unittest.mock import patch


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@cache
def programs() -> Mapping[str, Callable[[], object]]:
    """Every program that is installed, by name: what its script calls."""
    found = distribution("wegwijs").entry_points.select(group="console_scripts")
    return {one.name: one.load() for one in found}


def run(*words: object, stdin: bytes = b"", language: str = "en", **environment: str) -> Said:
    """Run a command to its end. Nobody sits at a terminal; what is not caught is raised."""
    given = list(map(str, words))
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        patch.dict(os.environ, {"WEGWIJS_LANG": language, **environment}),
        patch.object(sys, "argv", given),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            programs()[given[0]]()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Said(code, out.getvalue(), err.getvalue())
