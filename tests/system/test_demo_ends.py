"""However the demo is ended, none of its processes goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.demo.processes import wait_until

pytestmark = pytest.mark.system


def of_folder(folder: Path) -> list[str]:
    """Command lines of running processes that name this folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_text(encoding="utf-8", errors="replace").replace("\0", " ")
        except OSError:
            continue  # it ended meanwhile
        if str(folder) in line:
            found.append(line)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_demo_with_all_that_it_started(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    command = Path(sys.executable).with_name("wegwijs")
    demo = subprocess.Popen(
        [str(command), "demo", "--once", "--dir", str(folder)], stdout=subprocess.DEVNULL,
        # a shell starts what stands before an `&` so
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN),  # noqa: PLW1509 - no threads
    )  # fmt: skip
    try:
        wait_until(
            "the coordinator's processes", lambda: sum("coordinator" in line for line in
                                                       of_folder(folder)) >= 3, seconds=90,
        )  # fmt: skip
        demo.send_signal(number)
        demo.wait(40)
        deadline = time.monotonic() + 10
        while of_folder(folder) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert of_folder(folder) == []
    finally:
        demo.kill()
        demo.wait()
