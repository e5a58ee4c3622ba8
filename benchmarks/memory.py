"""The most memory that an action takes, beyond what is held before it. Linux and glibc."""

import ctypes
import tracemalloc
from collections.abc import Callable
from pathlib import Path

_PROCESS = Path("/proc/self")


def peak_bytes(action: Callable[[], object]) -> int:
    """The larger of what Python and numpy allocate and of what the process grows by.

    The first misses what OpenSSL holds; the second misses what fits in pages already free. The
    action runs twice, the first time for the pages of the libraries it needs.
    """
    tracemalloc.start()
    action()
    traced = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    ctypes.CDLL(None).malloc_trim(0)
    (_PROCESS / "clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = _resident("VmRSS")
    action()
    return max(traced, _resident("VmHWM") - before)


def _resident(name: str) -> int:
    lines = (_PROCESS / "status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))
