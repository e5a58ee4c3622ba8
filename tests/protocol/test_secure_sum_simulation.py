"""The adversary's view can be made without the honest inputs, from their sum alone.

The generator of masks is replaced by an ideal one: a table of uniform vectors, one for each
seed. For any inputs with the same sum there is a table, shifted in places that the adversary
never sees, under which every byte it receives is the same. A shift maps uniform tables to
uniform tables, one to one: so the two views are equally likely, and the view says nothing that
the sum does not.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from adversary import secret_of
from cast import Play, make_cast, play
from leakage import Adversary
from numpy.typing import NDArray
from transcript import fresh_ciphertexts, link_by

from privacy.secure_sum.close import sum_up, unmask_request
from privacy.secure_sum.contribute import pair_mask, self_mask
from privacy.secure_sum.masks import Words

pytestmark = pytest.mark.slow

LENGTH = 6
CASES = [
    (corrupt, inside)
    for corrupt in (1, 3, 5)
    for inside in ((1, 2, 3, 4, 5), (1, 2, 3, 4), (1, 2, 4, 5), (2, 3, 4, 5))
]


@dataclass
class IdealTable:
    """Uniform vectors by seed, repeatable; `shifts` are added to some of them."""

    shifts: dict[bytes, NDArray[np.int64]] = field(default_factory=dict)

    def add(self, vector: Words, plus: Sequence[bytes], minus: Sequence[bytes]) -> None:
        """In the place of `add_masks`."""
        for seed in plus:
            vector += self._entry(seed, vector)
        for seed in minus:
            vector -= self._entry(seed, vector)

    def _entry(self, seed: bytes, like: Words) -> Words:
        raw = hashlib.shake_256(b"ideal" + seed).digest(like.nbytes)
        uniform = np.frombuffer(raw, like.dtype)
        shift = self.shifts.get(seed)
        return uniform if shift is None else uniform + shift.astype(like.dtype)


Run = Callable[[Mapping[int, NDArray[np.int64]], IdealTable], Play]


@pytest.fixture(params=[(32, 0), (64, 0), (32, 7)])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Play one cast's round, all tapes fixed, with these inputs and this table, before a
    committee of centres or of witnesses."""
    width, witnesses = request.param
    ciphertexts = fresh_ciphertexts(make_cast(5, witnesses=witnesses))

    def of(inputs: Mapping[int, NDArray[np.int64]], table: IdealTable) -> Play:
        monkeypatch.setattr("privacy.secure_sum.contribute.add_masks", table.add)
        monkeypatch.setattr("privacy.secure_sum.close.add_masks", table.add)
        cast = make_cast(5, witnesses=witnesses)
        link_by(cast, ciphertexts)
        return play(cast, length=LENGTH, width=width, vectors=inputs)

    return of


def view_of(round_: Play, inside: Sequence[int]) -> list[bytes]:
    """Every byte that reaches coordinator and colluder, then the sum."""
    closed = round_.close(inside)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = [round_.respond(closed, dg, marks, member) for member in round_.view.members]
    requests = [unmask_request(round_.view, closed, marks, m) for m in round_.view.members]
    said: list[bytes] = [round_.descriptor.canonical()]
    said += [sent.message for sent in round_.sent.values()]
    said += [message.to_bytes() for message in (*marks, *requests, *answers)]
    return [*said, sum_up(round_.view, closed, dg, marks, answers).total.tobytes()]


def real_inputs() -> dict[int, NDArray[np.int64]]:
    random = np.random.default_rng(7)
    return {node: random.integers(-1000, 1000, LENGTH) for node in range(1, 6)}


def simulated_inputs(
    real: Mapping[int, NDArray[np.int64]], corrupt: int, inside: Sequence[int]
) -> dict[int, NDArray[np.int64]]:
    """Zeros for honest centres; the first of them in the set gets the sum of those in the set."""
    made = {node: np.zeros(LENGTH, np.int64) for node in real} | {corrupt: real[corrupt]}
    honest = [node for node in inside if node != corrupt]
    made[honest[0]] = np.sum([real[node] for node in honest], axis=0)
    return made


def shifts(
    round_: Play,
    corrupt: int,
    inside: Sequence[int],
    difference: Mapping[int, NDArray[np.int64]],
) -> dict[tuple[int, int], tuple[bytes, NDArray[np.int64]]]:
    """Secret -> (its mask's seed, shift): hides the difference of inputs in unseen entries."""
    seen, found = round_.view, {}
    opening = seen.members[: seen.parameters.threshold]
    root, *others = [node for node in inside if node != corrupt]
    for node in others:  # this node's input moves by `difference`, the root's by the opposite
        seed = secret_of(round_, root, node, opening)
        found[root, node] = pair_mask(seen, seed, root, node), -difference[node]
    for node in seen.active:
        if node not in inside and node != corrupt:
            seed = secret_of(round_, node, node, opening)
            found[node, node] = self_mask(seen, seed), difference[node]
    return found


@pytest.mark.parametrize(("corrupt", "inside"), CASES)
def test_the_view_is_bit_for_bit_the_one_simulated_from_the_sum(
    run: Run, corrupt: int, inside: tuple[int, ...]
) -> None:
    real = real_inputs()
    simulated = simulated_inputs(real, corrupt, inside)
    round_ = run(real, IdealTable())
    view = view_of(round_, inside)
    difference = {node: real[node] - simulated[node] for node in real}
    hidden = shifts(round_, corrupt, inside, difference)
    assert view == view_of(run(simulated, IdealTable(dict(hidden.values()))), inside)

    adversary = Adversary(round_, (corrupt,), round_.view)
    known = adversary._known(dict.fromkeys(adversary.honest, (inside,)))
    assert not known & hidden.keys()  # the shifted entries are of seeds that it cannot open


def test_without_the_shift_the_views_differ(run: Run) -> None:
    real, inside = real_inputs(), (1, 2, 3, 4)
    simulated = simulated_inputs(real, 5, inside)
    assert view_of(run(real, IdealTable()), inside) != view_of(run(simulated, IdealTable()), inside)


def test_inputs_with_another_sum_cannot_be_hidden_by_any_shift(run: Run) -> None:
    real, inside = real_inputs(), (1, 2, 3, 4)
    simulated = simulated_inputs(real, 5, inside)
    simulated[1] = simulated[1] + 1
    round_ = run(real, IdealTable())
    difference = {node: real[node] - simulated[node] for node in real}
    hidden = shifts(round_, 5, inside, difference)
    other = view_of(run(simulated, IdealTable(dict(hidden.values()))), inside)
    assert view_of(round_, inside)[-1] != other[-1]
