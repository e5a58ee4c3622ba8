"""Starts our commands from a process that has loaded their libraries already.

    python -m deploy.demo.warm      reads one JSON line for each command, answers one when it ends

A command then starts in a tenth of a second instead of a whole one, of which a demo of ten centres
needs some forty. Each is still a process of its own that runs what the installed executable runs,
with the same words, folders and exit codes.
"""

import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

MAINS = {
    "wegwijs-node": "node.cli",
    "wegwijs-coordinator": "coordinator.cli",
    "wegwijs": "deploy.cli",
}
LOADED = (
    *MAINS.values(),
    "coordinator.enrolment.approval",
    "coordinator.rounds.forecast",
    "coordinator.rounds.waiting",
    "node.importing.commit",
    "node.importing.sheets.read",
    "node.enrolment.joining",
    "node.store.database",
    "privacy.accounting.conversion",
    "privacy.verify",
)
"""What commands load when they run; loaded once here."""


_OUT = ((1, "out"), (2, "err"))


def _run(order: Mapping[str, Any]) -> NoReturn:
    """Become the command: its words, its environment, its output files."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(order["env"])
    null = os.open(os.devnull, os.O_RDONLY)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for stream, target in ((0, null), *((n, os.open(order[k], flags, 0o600)) for n, k in _OUT)):
        os.dup2(target, stream)
    sys.argv = list(order["words"])
    code: object = 0
    try:
        importlib.import_module(MAINS[order["words"][0]]).main()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _ended(running: dict[int, int]) -> None:
    """Tell which commands ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        answer = {"id": running.pop(pid), "code": os.waitstatus_to_exitcode(status)}
        os.write(1, json.dumps(answer).encode() + b"\n")


def main() -> None:
    """Fork a command for each line, until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which then closes us
    for name in LOADED:
        importlib.import_module(name)
    running: dict[int, int] = {}
    waiting = b""
    while True:
        if select.select([0], [], [], 0.02 if running else 1.0)[0]:
            read = os.read(0, 65_536)
            if not read:
                return
            *lines, waiting = (waiting + read).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    _run(order)
                running[pid] = order["id"]
        _ended(running)


if __name__ == "__main__":
    main()
