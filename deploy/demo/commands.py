"""Our own commands, run to their end; started from a warm process."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_SECONDS = 300


class StepFailed(RuntimeError):
    """A command of the demo ended with an error; `sentence` is what it said itself."""

    def __init__(self, message: str, sentence: str | None = None) -> None:
        super().__init__(message)
        self.sentence = sentence or message


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What our processes get: one thread for arithmetic, output at once."""
    one_core = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **one_core, "PYTHONUNBUFFERED": "1", **extra}


@dataclass
class _Warm:
    """The warm process, and who waits for which command."""

    process: subprocess.Popen[bytes]
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    codes: dict[int, int] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @classmethod
    def start(cls) -> "_Warm":
        words = [sys.executable, "-m", "deploy.demo.warm"]
        warm = cls(
            subprocess.Popen(  # noqa: S603 - our own module, no shell
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment({})
            )
        )
        threading.Thread(target=warm.listen, name="warm", daemon=True).start()
        return warm

    def listen(self) -> None:
        """Take in which commands ended."""
        for line in self.process.stdout or ():
            answer = json.loads(line)
            with self.changed:
                self.codes[answer["id"]] = answer["code"]
                self.changed.notify_all()

    def run(self, words: tuple[str, ...], env: Mapping[str, str]) -> tuple[int, str, str]:
        """Return (exit code, output, errors)."""
        with tempfile.TemporaryDirectory(prefix="wegwijs-command-") as folder:
            out, err = Path(folder) / "out", Path(folder) / "err"
            with self.changed:
                number = next(self.numbers)
                order = {"id": number, "words": words, "env": dict(env), "out": str(out),
                         "err": str(err)}  # fmt: skip
                if self.process.stdin is not None:
                    self.process.stdin.write(json.dumps(order).encode() + b"\n")
                    self.process.stdin.flush()
                done = self.changed.wait_for(lambda: number in self.codes, _SECONDS)
            if not done:
                raise StepFailed(f"{words[0]} {words[1]} took longer than {_SECONDS} s")
            return self.codes.pop(number), out.read_text(), err.read_text()


_ONE_AT_A_TIME = threading.Lock()


@cache
def _started() -> _Warm:
    return _Warm.start()


def _warm() -> _Warm:
    with _ONE_AT_A_TIME:  # steps of a demo run side by side, and one warm process serves all
        return _started()


def command(*words: str, env: Mapping[str, str] | None = None) -> str:
    """Run one of our commands to its end and return what it printed. Raises StepFailed."""
    code, out, err = _warm().run(words, env or {})
    if code != 0:
        shown = " ".join(word if len(word) < 80 else word[:60] + "..." for word in words)
        said = err.strip()[-800:]
        raise StepFailed(f"{shown} ended with {code}: {said}", said)
    return out


def command_json(*words: str) -> Any:
    """Run a command with `--json` and return what it said."""
    return json.loads(command(*words, "--json"))
