"""What it costs a centre that pair secrets outlive X25519: one ML-KEM encapsulation a pair.

A node of n makes links to the higher ids and opens those of the lower ones, once, and then turns
a ratchet each round. Times are of the processor; beside them the two X25519 agreements a pair
that a round takes anyway.
"""

import os
import time
from dataclasses import dataclass

from privacy.secure_sum.keys import Identity, KemKey, RoundKeys, agreeing
from privacy.secure_sum.links import HigherEnd, LinkState, accept_link, make_link
from schemas.round import KeyCard
from schemas.signed import Signed
from schemas.units import CentreId

LEAST = 30
"""Peers that are timed; a node's time is that of so many times its peers."""


@dataclass(frozen=True)
class LinkCost:
    """For one node of `nodes`: seconds once, and in each round; bytes it hands in, on average."""

    nodes: int
    making: float
    ratchet: float
    x25519: float
    bytes_sent: float

    def __str__(self) -> str:
        """For people."""
        return (
            f"links of a node of {self.nodes}: {1000 * self.making:.0f} ms and "
            f"{self.bytes_sent / 1000:.0f} kB once; ratchet {1000 * self.ratchet:.1f} ms a round, "
            f"beside {1000 * self.x25519:.0f} ms of X25519"
        )


def _timed(start: float) -> float:
    return time.process_time() - start


def measure(nodes: int) -> LinkCost:
    """Make and open links of one pair many times over, with the code that nodes run."""
    low, high = Identity.new(os.urandom), Identity.new(os.urandom)
    kem_low, kem_high = KemKey.new(os.urandom), KemKey.new(os.urandom)
    mine = kem_low.card(low, CentreId(1)).peek(KeyCard)
    theirs = kem_high.card(high, CentreId(2)).peek(KeyCard)

    def make() -> tuple[Signed, LinkState]:
        return make_link(low, mine, theirs, 1)

    start = time.process_time()
    made = [make() for _ in range(LEAST)]
    making = _timed(start)
    start = time.process_time()
    opened = [
        accept_link(signed, low.public_hex, mine.generation, HigherEnd(kem_high, theirs, 0, 1))
        for signed, _ in made
    ]
    opening = _timed(start)
    if [state.key for state in opened] != [state.key for _, state in made]:
        raise SystemExit("the two ends of a link disagree")
    start = time.process_time()
    for state in opened:
        state.at(state.round + 1)
    ratchet = _timed(start)
    keys = RoundKeys.new(os.urandom)
    mask_public, channel_public = RoundKeys.new(os.urandom).public
    start = time.process_time()
    for _ in range(LEAST):
        agreeing(keys.mask)(mask_public)
        agreeing(keys.channel)(channel_public)
    agreed = _timed(start)
    each, peers = 1 / LEAST, nodes - 1
    return LinkCost(
        nodes,
        making=(making + opening) / 2 * each * peers,
        ratchet=ratchet * each * peers,
        x25519=agreed * each * peers,
        bytes_sent=len(made[0][0].canonical()) * peers / 2,
    )
