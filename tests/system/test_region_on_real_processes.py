"""Two rounds of ten centres, every one a real process: what survives, and what is charged.

The rounds are in `two_rounds.py`. What leaves a centre in them: `test_what_leaves_a_centre.py`.
"""

import base64
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scene import Said, Scene, run, sentence_of
from two_rounds import ALL, COMPUTING, LOST, SENDING, Missed, Survived

from chassis.store import settings
from deploy.demo.check import charged
from node.store import rounds
from schemas.message import Frame

pytestmark = pytest.mark.system


def test_a_round_below_its_floor_is_not_closed(missed: Missed) -> None:
    said = sentence_of(missed.refused, 3)
    assert "7 centres answered and 8 are needed" in said
    assert "nothing was lost" in said
    assert missed.state_after_refusal == "OPEN"


def test_while_a_round_is_open_who_contributed_is_charged_and_who_did_not_is_not(
    missed: Missed,
) -> None:
    assert missed.meanwhile[1]["charges"]
    assert not missed.meanwhile[LOST[0]]["charges"]


def test_after_a_round_is_given_up_every_ledger_is_exactly_as_before(missed: Missed) -> None:
    assert missed.after == missed.before
    assert all(not ledger["charges"] for ledger in missed.after.values())


def test_a_round_outlives_the_kill_of_its_coordinator(survived: Survived) -> None:
    assert 1 <= survived.contributions_at_the_kill < len(ALL)
    assert survived.release.in_sum == ALL


def test_every_centre_is_charged_once_for_the_round_that_was_finished(
    survived: Survived,
) -> None:
    found = charged(survived.ledgers, survived.release.in_sum)
    assert (found.twice, found.not_in_sum) == (0, 0)
    for ledger in survived.ledgers.values():
        paid = Counter(charge["cohort"] for charge in ledger["charges"])
        assert set(paid) == set(survived.release.cohorts)
        assert set(paid.values()) == {len(survived.release.asks)}
        assert {charge["round"] for charge in ledger["charges"]} == {survived.number}


def test_the_sum_is_bit_for_bit_the_plain_sum_of_the_noisy_vectors(survived: Survived) -> None:
    """All ten came, so that what was published has no more noise than eight honest shares."""
    total = np.frombuffer(base64.b64decode(survived.release.sum), "<i8")
    assert survived.release.honest == 8
    assert np.array_equal(total, np.sum(list(survived.kept.values()), axis=0))
    assert not np.array_equal(total, np.sum(list(survived.vectors.values()), axis=0))
    without_one = total - survived.kept[1]
    assert not np.array_equal(total, without_one)


def test_a_node_killed_while_it_computes_had_spent_nothing_and_computes_anew(
    survived: Survived,
) -> None:
    assert survived.stored_when_computing is None
    assert survived.charges_when_computing[COMPUTING]["charges"] == []
    again = survived.vectors[COMPUTING]
    assert not np.array_equal(survived.first_vector, again)  # fresh noise; the first is gone
    assert _contributions_of(survived, COMPUTING) == [survived.received[COMPUTING]]


def test_a_node_killed_before_it_sends_sends_the_very_bytes_that_it_stored(
    survived: Survived,
) -> None:
    assert len(survived.charges_when_sending[SENDING]["charges"]) > 0
    assert survived.stored_when_sending == survived.received[SENDING]
    assert _contributions_of(survived, SENDING) == [survived.stored_when_sending]


def _contributions_of(survived: Survived, node: int) -> list[bytes]:
    left = survived.egress[node]
    return [
        Frame.from_bytes(body).parts[0]
        for kind, number, body in left
        if (kind, number) == ("contribution", survived.number)
    ]


def _verify(scene: Scene, path: Path) -> Said:
    return run("wegwijs", "verify", path, "--authority", scene.region.authority_key)


def test_anyone_can_verify_the_release(scene: Scene, survived: Survived) -> None:
    said = _verify(scene, survived.release_file)
    assert said.code == 0, said
    assert "10 of 10 centres are in the sum" in said.out


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(rb'\\"sum\\":\\"[^"]{400}', id="the sum"),
        pytest.param(rb'\\"estimate\\":[1-9]', id="a figure"),
        pytest.param(rb'"signature":"[0-9a-f]{8}', id="a signature"),
        pytest.param(rb'\\"in_sum\\":\[1', id="who is in the sum"),
    ],
)
def test_a_release_with_one_changed_byte_is_refused(
    scene: Scene, survived: Survived, tmp_path: Path, place: bytes
) -> None:
    raw = bytearray(survived.release_file.read_bytes())
    found = re.search(place, raw)
    assert found is not None
    last = found.end() - 1
    raw[last] = ord("1") if raw[last] != ord("1") else ord("2")
    changed = tmp_path / "changed.json"
    changed.write_bytes(raw)
    said = sentence_of(_verify(scene, changed), 3)
    assert said.startswith("Refused:")


def test_each_centre_knows_that_it_is_in_the_sum(scene: Scene, survived: Survived) -> None:
    for node in ALL:
        with scene.store(node).begin() as connection:
            states = {one.number: one.outcome for one in rounds.all_rounds(connection)}
            assert states[survived.number] == "in_sum"
            assert settings.get(connection, "token") is not None
