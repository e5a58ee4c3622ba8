"""What a region of twenty centres publishes of one question: noise shares, sum, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from os import urandom

import numpy as np
from numpy.typing import NDArray

from benchmarks.region import answer, make_region
from benchmarks.truth.importing import Kept, programme
from benchmarks.truth.questions import Query
from benchmarks.truth.sources import CENTRES, Source
from privacy.encode.layout import Layout, make_layout
from privacy.estimate.figures import estimate
from privacy.noise.excess import base_size, remove, share_in_parts
from privacy.secure_sum.contribute import NoisyVector, excess_key, fresh_seed
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.parameters import Policy, parameters_of
from schemas.release import Figure

Vector = NDArray[np.int64]
LIMITS = partial(parameters_of, active=CENTRES, policy=Policy())
"""What every centre's policy asks for: a floor of 16, a fifth of the centres colluding."""


@dataclass(frozen=True)
class Measured:
    """A question at one price, with the vector of every centre before noise."""

    layout: Layout
    vectors: Sequence[Vector]

    def figures(self, honest: Sequence[int], rng: np.random.Generator) -> Sequence[Figure]:
        """One repeat: everybody is there, so all excess noise came off; sums modulo 2^64."""
        noise = self.layout.noise(honest[0])
        total = np.zeros(self.layout.length, dtype=np.int64)
        for vector in self.vectors:
            total += vector + noise.part(base_size(honest), self.layout.length, rng.bytes)
        return self.published(total, honest)

    def published(self, total: Vector, honest: Sequence[int]) -> Sequence[Figure]:
        """What the coordinator makes of a sum."""
        return estimate(total, self.layout, contributors=CENTRES, honest=honest[-1])

    def by_protocol(self) -> tuple[Sequence[Figure], bool]:
        """One repeat with keys, masks, certificate and opening; and whether the sum is exact.

        Each centre draws its share in parts, of which those that twenty centres can do without
        come off again with the seeds that the committee opened.
        """
        region = make_region(CENTRES, self.layout.length, LIMITS, self.layout.noise_variance)
        limits = region.view.parameters
        noise, honest = self.layout.noise(limits.honest), limits.honest_at
        arrived, plain = {}, np.zeros(self.layout.length, dtype=np.int64)
        for node, vector in zip(region.view.active, self.vectors, strict=True):
            spare = [fresh_seed(urandom) for _ in limits.levels]
            keys = [excess_key(region.view, seed) for seed in spare]
            streams = [keystream(key) for key in keys]
            share = share_in_parts(noise, honest, self.layout.length, urandom, streams)
            plain += vector + share
            made = region.contribute(node, region.links(node), NoisyVector(vector + share, spare))
            arrived[node] = region.take(node, made)
        summed = answer(region, arrived).sum()
        off = {level: [keystream(key) for key in keys] for level, keys in summed.spare.items()}
        total = remove(summed.total, noise, honest, off)
        return self.published(total, honest), bool(np.array_equal(summed.total, plain))


def measure(source: Source, query: Query, kept: Sequence[Kept], price: int) -> Measured:
    """Encode at every centre what the question asks."""
    asked = programme(source, query, price)
    layout = make_layout(asked, [ask.key for ask in asked.asks])
    return Measured(layout, [centre.vector(layout, asked) for centre in kept])


def honest_at() -> tuple[int, ...]:
    """Honest shares at the floor of a region of twenty, and at each level of attendance."""
    roster = make_region(CENTRES, 1, LIMITS).view.roster
    return parameters_of(roster, CENTRES, Policy()).honest_at
