"""The bytes of the protocol do not change unnoticed."""

import numpy as np
from transcript import SURVIVORS, frozen, run


def test_every_message_of_the_frozen_round_is_byte_for_byte_as_before() -> None:
    file = frozen()
    round_, digests = run(file["ciphertexts"])
    changed = [name for name in digests if digests[name] != file["sha256"].get(name)]
    assert changed == []
    assert digests.keys() == file["sha256"].keys()
    assert np.array_equal(round_.total(SURVIVORS, SURVIVORS, (1, 4)), round_.plain(SURVIVORS))


def test_another_ciphertext_changes_the_contributions_of_its_pair_alone() -> None:
    file = frozen()
    ciphertexts = dict(file["ciphertexts"])
    ciphertexts["2-4"] = ciphertexts["2-4"][:-2] + "00"
    _, digests = run(ciphertexts)
    changed = {name for name in digests if digests[name] != file["sha256"].get(name)}
    assert {name for name in changed if name.startswith(("contribution", "link"))} == {
        "link 2-4", "contribution 2", "contribution 4",
    }  # fmt: skip
    assert "round id" not in changed
    assert "sum" not in changed
