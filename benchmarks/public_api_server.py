"""The server that `benchmarks.public_api` asks: a real port on forty releases, while rounds run.

    python -m benchmarks.public_api_server FOLDER PORT

The rounds are whole ones of ten centres in memory, nodes included, in a process beside the one
that answers, as in the service; it works half of the time: more than a coordinator does in a real
round.
"""

import os
import sys
import time
from multiprocessing import Process
from pathlib import Path

from benchmarks.region import answer, make_region
from benchmarks.secure_sum import limits_of
from coordinator.enrol.office import Address
from coordinator.serve.ports import pages_port
from coordinator.store import CoordinatorStore

NODES, LENGTH = 10, 4_044


def rounds(server: int) -> None:
    """Round after round, at rest as long as at work, until the server's process is gone."""
    import numpy as np

    from privacy.secure_sum.contribute import NoisyVector

    region = make_region(NODES, LENGTH, limits_of)
    while os.getppid() == server:
        began = time.monotonic()
        noisy = NoisyVector(np.zeros(LENGTH, np.int64))
        arrived = {
            node: region.take(node, region.contribute(node, region.links(node), noisy))
            for node in region.identities
        }
        answer(region, arrived).sum()
        time.sleep(time.monotonic() - began)


def main() -> None:
    """Serve until killed."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    Process(target=rounds, args=(os.getpid(),), daemon=True).start()
    address = Address("127.0.0.1", port)
    pages_port(CoordinatorStore.open(folder), lambda: int(time.time()), address, port).run()


if __name__ == "__main__":
    main()
