"""A round of four entries, worked by hand: who was planted, what is seen, what is guessed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from privacy.audit.bounds import Guesses
from privacy.audit.experiment import Setting, Trials, run

Vector = NDArray[np.int64]
SETTING = Setting(contributors=4, honest=2, length=4, shift=50)
SHARES = np.array([[1, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400], [1000, 2000, 3000, 4000]])
COIN = bytes([0b11, 0b10, 0b100, 0b1, 0b1])
"""The last bit of each byte plants a canary: in the first entry and the last; one byte is left."""


def played(setting: Setting = SETTING) -> tuple[Trials, list[Vector]]:
    """One round, and the vectors that went into its sum."""
    sent: list[Vector] = []

    def summed(vectors: Sequence[Vector]) -> Vector:
        sent.extend(vectors)
        return np.sum(vectors, axis=0)

    return run(setting, lambda node: SHARES[node], summed, lambda size: COIN[:size]), sent


def test_a_canary_stands_where_the_coin_says_so() -> None:
    trials, _ = played()
    assert trials.planted.tolist() == [True, False, False, True]
    assert trials.planted.dtype == np.bool_


def test_the_first_centre_sends_the_canaries_and_all_send_their_noise() -> None:
    before = SHARES.copy()
    _, sent = played()
    assert [vector.tolist() for vector in sent] == [
        [51, 2, 3, 54], [10, 20, 30, 40], [100, 200, 300, 400], [1000, 2000, 3000, 4000],
    ]  # fmt: skip
    assert (before == SHARES).all()


def test_colluders_take_their_own_noise_out_of_the_sum() -> None:
    """What stays is the noise of the first two centres, and the canaries."""
    trials, _ = played()
    assert trials.seen.tolist() == [61, 22, 33, 94]
    assert trials.residual.tolist() == [11, 22, 33, 44]


def test_without_colluders_all_noise_stays_in_the_sum() -> None:
    trials, _ = played(replace(SETTING, honest=4))
    assert trials.seen.tolist() == [1161, 2222, 3333, 4494]
    assert trials.seen.dtype == np.int64


def test_guesses_are_counted_from_the_threshold_on() -> None:
    trials = Trials(np.array([True, True, False, False, False]), np.array([5, 4, 5, 6, 3]), 1)
    assert trials.guesses(5) == Guesses(hits=1, planted=2, false_alarms=2, others=3)
    assert trials.guesses(5.5) == Guesses(hits=0, planted=2, false_alarms=1, others=3)
