"""How much a file may ask of the computer, and how a process is held to it."""

import importlib

MOST_COLUMNS = 16_384  # Excel's own
MOST_ROW = 4 * 2**20  # letters in one row, or in one line of it
MOST_FILE = 2_000 * 2**20
MOST_PACKED = 600 * 2**20
MOST_MEMORY = 1_024 * 2**20  # of the process that reads
MOST_SECONDS = 300
BLOCK_CELLS, BLOCK_LETTERS = 20_000, 2**20


def confine() -> None:
    """Hold this process to its limits from now on; where the system knows none, do nothing.

    It may write no file and start no process. Time is bounded by whoever started it as well.
    """
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # Windows
        return
    for name, most in (
        ("RLIMIT_AS", MOST_MEMORY),
        ("RLIMIT_CPU", MOST_SECONDS),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NPROC", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            resource.setrlimit(kind, (most, most))
