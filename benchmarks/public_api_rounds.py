"""Rounds beside the web process that `benchmarks.public_api` asks.

    python -m benchmarks.public_api_rounds     # until it is ended

Whole ones of ten centres in memory, nodes included, at rest as long as at work: more than a
coordinator does in a real round.
"""

import time

import numpy as np

from benchmarks.region import answer, make_region
from benchmarks.secure_sum import limits_of
from privacy.secure_sum.contribute import NoisyVector

NODES, LENGTH = 10, 4_044


def main() -> None:
    """Round after round."""
    region = make_region(NODES, LENGTH, limits_of)
    while True:
        began = time.monotonic()
        noisy = NoisyVector(np.zeros(LENGTH, np.int64))
        arrived = {
            node: region.take(node, region.contribute(node, region.links(node), noisy))
            for node in region.identities
        }
        answer(region, arrived).sum()
        time.sleep(time.monotonic() - began)


if __name__ == "__main__":
    main()
