"""Processes that hold the centres of a benchmark: orders go in, answers come out."""

import json
import subprocess
import sys
import tempfile
from typing import Any


class NodeProcess:
    """One process with some of the centres."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "benchmarks.region_nodes"]
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - as long as it runs
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def order(self, do: str, **words: object) -> None:
        """Send an order without waiting."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps({"do": do, **words}) + "\n")
            self._process.stdin.flush()

    def done(self) -> Any:
        """Wait for the answer to the last order."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self._log.seek(0)
            raise SystemExit("a process with centres ended:\n" + self._log.read()[-3_000:])
        return json.loads(line)["said"]

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
