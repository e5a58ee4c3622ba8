"""Flower's SecAgg+ on the same round, from its own primitives.

Its expensive steps repeat hundreds of times. Each is timed a few times and multiplied by the
count that its code (client mod and server workflow, flwr 1.41) makes in one round with every
node a neighbour of every other; the counts are printed.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from flwr.common.secure_aggregation.crypto.shamir import combine_shares, create_shares
from flwr.common.secure_aggregation.crypto.symmetric_encryption import (
    decrypt,
    encrypt,
    generate_shared_key,
)
from flwr.common.secure_aggregation.ndarrays_arithmetic import parameters_addition, parameters_mod
from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen
from flwr.supercore.primitives.asymmetric import (
    bytes_to_private_key,
    bytes_to_public_key,
    generate_key_pairs,
    private_key_to_bytes,
    public_key_to_bytes,
)

MODULUS = 2**32


@dataclass(frozen=True)
class Step:
    """One kind of step: seconds each, and how often in a round."""

    name: str
    seconds: float
    count: int

    @property
    def total(self) -> float:
        """Seconds in a round."""
        return self.seconds * self.count


def seconds(steps: Iterable[Step]) -> float:
    """All steps together."""
    return sum(step.total for step in steps)


def mean_seconds(action: Callable[[], object], times: int) -> float:
    """Mean processor time of some runs."""
    start = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - start) / times


class Primitives:
    """Keys and one vector, and the steps that node and server have in common."""

    def __init__(self, length: int, times: int) -> None:
        (mine, _), (_, theirs) = generate_key_pairs(), generate_key_pairs()
        self.private, self.public = private_key_to_bytes(mine), public_key_to_bytes(theirs)
        self.key = generate_shared_key(mine, theirs)
        self.seed = os.urandom(32)
        self.vector = [np.zeros(length, dtype=np.int64)]
        self.times = times

    def agree(self) -> object:
        """One shared key, from keys as they are stored."""
        return generate_shared_key(
            bytes_to_private_key(self.private), bytes_to_public_key(self.public)
        )

    def mask(self) -> object:
        """One mask, added."""
        shape = self.vector[0].shape
        return parameters_addition(self.vector, pseudo_rand_gen(self.key[:32], MODULUS, [shape]))

    def common(self, agreements: int, masks: int) -> tuple[Step, ...]:
        """Steps that both sides make."""
        reduce = mean_seconds(lambda: parameters_mod(self.vector, MODULUS), self.times)
        return (
            Step("agree", mean_seconds(self.agree, 20), agreements),
            Step("mask and add", mean_seconds(self.mask, 10), masks),
            Step("modulus", reduce, 1),
        )


def node_steps(with_: Primitives, n: int, threshold: int) -> tuple[Step, ...]:
    """What one node does, every other being its neighbour."""
    seed, private, peers = with_.seed, with_.private, n - 1
    plain = create_shares(seed, 2, 2)[0] + create_shares(private, 2, 2)[0]
    sealed = encrypt(with_.key, plain)
    return (
        Step("key pair", mean_seconds(generate_key_pairs, 20), 2),
        Step("share a seed", mean_seconds(lambda: create_shares(seed, threshold, n), 1), 1),
        Step("share a key", mean_seconds(lambda: create_shares(private, threshold, n), 1), 1),
        Step("encrypt", mean_seconds(lambda: encrypt(with_.key, plain), 20), peers),
        Step("decrypt", mean_seconds(lambda: decrypt(with_.key, sealed), 20), peers),
        *with_.common(2 * peers, 1 + peers),
    )


def server_steps(with_: Primitives, n: int, survivors: int) -> tuple[Step, ...]:
    """What the server does to unmask; it interpolates through all shares that it received."""
    seed_shares = create_shares(with_.seed, 2, survivors)
    key_shares = create_shares(with_.private, 2, survivors)
    dropped, peers = n - survivors, n - 1
    of_seed = mean_seconds(lambda: combine_shares(seed_shares), with_.times)
    of_key = mean_seconds(lambda: combine_shares(key_shares), with_.times)
    return (
        Step("open a seed", of_seed, survivors),
        Step("open a key", of_key, dropped),
        *with_.common(dropped * peers, survivors + dropped * peers),
    )
