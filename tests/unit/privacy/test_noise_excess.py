"""Excess noise: what stays after a removal is the promised noise exactly, and not less."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from cast import tape
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from privacy.noise.cumulative import CumulativeTable
from privacy.noise.excess import (
    base_size,
    increment_sizes,
    remove,
    sampler_delta,
    share_in_parts,
)
from privacy.noise.polya import Polya
from privacy.noise.sampler import distance_bound
from privacy.noise.skellam import Skellam
from privacy.secure_sum.masks import keystream

HONEST = st.sets(st.integers(1, 400), min_size=1, max_size=9).map(sorted)
FAMILIES = [Skellam(60, 3), Polya(Fraction(1, 2), Fraction(2), 3)]
LEVELS = (3, 4, 6)


def seed(node: int, level: int) -> bytes:
    return tape(f"increment {level} of {node}")(32)


@given(HONEST)
def test_the_parts_of_a_share_make_the_share_of_each_level(honest: Sequence[int]) -> None:
    sizes = increment_sizes(honest)
    for level, needed in enumerate(honest):
        assert base_size(honest) + sum(sizes[level:], Fraction(0)) == Fraction(1, needed)
    assert all(size > 0 for size in sizes)


def masses(table: CumulativeTable) -> np.ndarray:  # type: ignore[type-arg]
    numbers = [table.cumulative(table.first + k) for k in range(table.atoms)]
    steps = [high - low for low, high in pairwise([0, *numbers])]
    return np.concatenate([np.zeros(table.first), [float(s / 2**128) for s in steps]])


@pytest.mark.parametrize("noise", FAMILIES)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_after_removal_honest_parts_convolve_to_the_whole_noise(
    noise: Skellam | Polya, level: int
) -> None:
    """Exact: tables of the parts that stay with h_k centres against the table of the whole."""
    whole = masses(noise.half(Fraction(1)))
    kept = (base_size(LEVELS), *increment_sizes(LEVELS)[level:])
    made = np.ones(1)
    for size in kept:
        part = masses(noise.half(size))
        for _ in range(LEVELS[level]):
            made = np.convolve(made, part)
    reach = min(len(whole), len(made))
    assert np.abs(made[:reach] - whole[:reach]).max() < 1e-12
    assert made[:reach].sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("noise", FAMILIES)
def test_what_is_removed_is_what_was_added_to_the_last_bit(noise: Skellam | Polya) -> None:
    length, nodes, level = 500, range(1, 7), 2
    shares, kept = np.zeros(length, np.int64), np.zeros(length, np.int64)
    for node in nodes:
        seeded = [keystream(seed(node, k)) for k in range(2)]
        shares += share_in_parts(noise, LEVELS, length, tape(f"base {node}"), seeded)
        kept += noise.part(base_size(LEVELS), length, tape(f"base {node}"))
    opened = {k: [keystream(seed(node, k)) for node in nodes] for k in range(level)}
    assert np.array_equal(remove(shares, noise, LEVELS, opened), kept)


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_share_with_a_seed_too_few_or_too_many_is_not_made(seeds: int) -> None:
    """Three levels have two increments; without one of them there would be too little noise."""
    seeded = [tape(f"increment {k}") for k in range(seeds)]
    with pytest.raises(ValueError, match="zip"):
        share_in_parts(FAMILIES[0], LEVELS, 5, tape("base"), seeded)


@pytest.mark.slow
def test_the_noise_that_stays_has_the_promised_variance_whatever_came() -> None:
    noise, length = Skellam(2**20, 60), 40_000
    honest = (60, 70, 80)
    for contributors, level in ((75, 0), (85, 1), (100, 2)):  # 15 or 20 of them may collude
        total = np.zeros(length, np.int64)
        for node in range(contributors):
            seeded = [keystream(seed(node, k)) for k in range(2)]
            total += share_in_parts(noise, honest, length, tape(f"fresh {node}"), seeded)
        opened = {
            k: [keystream(seed(node, k)) for node in range(contributors)] for k in range(level)
        }
        left = remove(total, noise, honest, opened)
        expected = 2**20 * contributors / honest[level]
        assert left.var() == pytest.approx(expected, rel=0.03)


def test_a_part_from_a_stream_has_the_distribution_of_fresh_randomness() -> None:
    noise = Skellam(40, 4)
    size = increment_sizes((4, 8))[0]
    drawn = noise.part(size, 100_000, keystream(seed(1, 0)))
    mean = float(noise.mu * size) / 2
    reach = np.arange(-6, 7)
    expected = stats.skellam.pmf(reach, mean, mean) * len(drawn)
    counts = np.array([(drawn == k).sum() for k in reach])
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 1e-4


def test_streams_of_other_seeds_are_unrelated() -> None:
    noise, size = Skellam(4_000, 4), Fraction(1, 8)
    first, second = (noise.part(size, 50_000, keystream(seed(1, k))) for k in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02


@pytest.mark.heavy
@pytest.mark.parametrize("noise", [Skellam(2**32, 6), Polya(Fraction(3, 10), Fraction(1), 6)])
def test_what_rounding_of_tables_adds_to_delta_counts_every_draw(noise: Skellam | Polya) -> None:
    honest, length, contributors, epsilon = (6, 7, 8), 4_044, 10, 3.0
    found = sampler_delta(noise, honest, length, contributors, epsilon)
    tables = [Fraction(1, 8), Fraction(1, 42), Fraction(1, 56)]
    distance = sum(distance_bound(noise.half(size)) for size in tables)
    added = (1 + math.e**3) * 2 * length * contributors * distance
    assert found == pytest.approx(added, rel=1e-9, abs=0)
    assert found < 2.0**-80
