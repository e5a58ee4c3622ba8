"""What running processes have cost so far: seconds of the processor, and the most memory. Linux."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Ids of a process's children, whichever of its threads forked them."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def parts(coordinator: int) -> tuple[list[int], list[int]]:
    """(the coordinator's own processes, the SuperLinks that it runs)."""
    carriers = [one for one in children(coordinator) if "superlink" in _module(one)]
    return [coordinator, *(set(children(coordinator)) - set(carriers))], carriers


def _module(pid: int) -> str:
    """The module that a Python process was started with."""
    words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
    return words[words.index("-m") + 1] if "-m" in words else ""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, in seconds; its children not among them."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def peak_megabytes(pid: int) -> float:
    """The most memory a process has held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@dataclass(frozen=True)
class Spent:
    """Seconds of the processor by part: coordinator, SuperLink, all nodes."""

    coordinator: float
    superlink: float
    nodes: float

    @classmethod
    def now(cls, coordinator: int, nodes: list[int]) -> Self:
        """Read it; the web process is the coordinator's."""
        own, carriers = parts(coordinator)
        return cls(
            sum(map(cpu_seconds, own)),
            sum(map(cpu_seconds, carriers)),
            sum(map(cpu_seconds, nodes)),
        )

    def since(self, before: Self) -> Self:
        """What was spent between two moments."""
        return type(self)(
            self.coordinator - before.coordinator,
            self.superlink - before.superlink,
            self.nodes - before.nodes,
        )
