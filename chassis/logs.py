"""Structured log lines on stderr: when, how grave, who speaks, what. Never data.

An unexpected error is logged by its type and place, not its message: messages of libraries
quote what they choke on.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from schemas.names import visible


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        what = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            what = f"{what}: {place(record.exc_info[1])}"
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "who": record.name,
            "what": what,
        }
        return visible(json.dumps(line, ensure_ascii=False))


def _ours_or_grave(record: logging.LogRecord) -> bool:
    """Whether to write a record; some libraries set their own level when imported."""
    return record.name.startswith("wegwijs") or record.levelno >= logging.WARNING


def start() -> None:
    """Send the log of this process to stderr; libraries speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_ours_or_grave)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("wegwijs").setLevel(logging.INFO)


def place(error: BaseException) -> str:
    """`Type at file:line` of an unexpected error, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}"
