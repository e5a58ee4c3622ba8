"""Published vectors, and the same bytes computed a second way."""

import hashlib
import hmac
import json
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.secure_sum import labels
from privacy.secure_sum.keys import agreeing
from privacy.secure_sum.masks import Width, Words, add_masks, centre_lift, dtype

FIXTURES = Path(__file__).parents[2] / "fixtures" / "secure_sum"
HKDF_CASES = json.loads((FIXTURES / "hkdf_sha256.json").read_text())["cases"]
SEEDS = st.binary(min_size=32, max_size=32)
WIDTHS: tuple[Width, Width] = (32, 64)


def expand(seed: bytes, length: int, width: Width) -> Words:
    vector = np.zeros(length, dtype=dtype(width))
    add_masks(vector, [seed], [])
    return vector


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869, section 2, in its own words."""
    key = hmac.digest(salt or bytes(32), secret, "sha256")
    out, block = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


@pytest.mark.parametrize("case", HKDF_CASES, ids=lambda case: case["okm"][:8])
def test_hkdf_gives_the_published_keys_through_the_library_and_through_the_rfc(
    case: dict[str, str],
) -> None:
    ikm, salt, info, okm = (bytes.fromhex(case[key]) for key in ("ikm", "salt", "info", "okm"))
    library = labels.HKDF(algorithm=labels.hashes.SHA256(), length=len(okm), salt=salt, info=info)
    assert library.derive(ikm) == okm
    assert hkdf(ikm, salt, info, len(okm)) == okm


@given(secret=st.binary(max_size=96), salt=st.binary(max_size=64), context=st.binary(max_size=8))
def test_a_derived_key_is_hkdf_under_protocol_label_and_context(
    secret: bytes, salt: bytes, context: bytes
) -> None:
    info = b"wegwijs-sum/1|pair-seed|" + context
    assert labels.derive(secret, "pair-seed", context, salt=salt) == hkdf(secret, salt, info, 32)


def test_a_digest_is_sha256_over_length_prefixed_parts() -> None:
    spelled = (13).to_bytes(8, "big") + b"wegwijs-sum/1" + (4).to_bytes(8, "big") + b"desc"
    spelled += (2).to_bytes(8, "big") + b"ab" + bytes(8)
    assert labels.digest("desc", b"ab", b"") == hashlib.sha256(spelled).digest()
    assert labels.digest("desc", b"a", b"b") != labels.digest("desc", b"ab", b"")


def test_a_mask_is_aes_256_ctr_in_little_endian_words() -> None:
    """NIST FIPS 197, C.3 key; the all-zero counter block."""
    words = expand(bytes(range(32)), 4, 32)
    assert [f"{word:08x}" for word in words] == ["b60090f2", "d09f492a", "6a9af3a9", "80772edd"]
    wide = expand(bytes(range(32)), 2, 64)
    assert [f"{word:016x}" for word in wide] == ["d09f492ab60090f2", "80772edd6a9af3a9"]


def test_a_shared_secret_is_the_one_of_rfc_7748() -> None:
    """RFC 7748, section 6.1."""
    bob = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    alice_public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    assert agreeing(bob)(alice_public).hex() == shared


@pytest.mark.parametrize(
    ("width", "length"),
    [
        *((32, length) for length in (1, 65_535, 65_536, 65_537, 196_613)),
        *((64, length) for length in (1, 32_767, 32_768, 32_769, 98_309)),
    ],
)
def test_a_mask_longer_than_a_block_is_one_unbroken_key_stream(width: Width, length: int) -> None:
    seed = bytes(range(32))
    stream = Cipher(AES256(seed), CTR(bytes(16))).encryptor().update(bytes(length * width // 8))
    assert np.array_equal(expand(seed, length, width), np.frombuffer(stream, dtype(width)))


@pytest.mark.parametrize("seeds", [255, 256, 257, 520])
def test_every_one_of_many_masks_is_added_and_subtracted_once(seeds: int) -> None:
    keys = [number.to_bytes(32, "big") for number in range(seeds)]
    vector = np.zeros(40, dtype(32))
    add_masks(vector, keys, keys[: seeds // 2])
    left = np.sum([expand(key, 40, 32) for key in keys[seeds // 2 :]], axis=0, dtype="<u4")
    assert np.array_equal(vector, left)


@settings(max_examples=50)
@given(
    seeds=st.lists(SEEDS, max_size=5),
    length=st.integers(1, 300),
    width=st.sampled_from(WIDTHS),
    data=st.data(),
)
def test_masks_added_and_subtracted_cancel_at_both_widths(
    seeds: list[bytes], length: int, width: Width, data: st.DataObject
) -> None:
    words = data.draw(st.binary(min_size=length * width // 8, max_size=length * width // 8))
    vector = np.frombuffer(words, dtype(width)).copy()
    add_masks(vector, seeds, [])
    add_masks(vector, [], data.draw(st.permutations(seeds)))
    assert vector.tobytes() == words


@given(
    numbers=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=9),
    width=st.sampled_from(WIDTHS),
)
def test_centre_lift_undoes_reduction_modulo_two_to_the_width(
    numbers: list[int], width: Width
) -> None:
    residues = np.array([number % 2**width for number in numbers], dtype=dtype(width))
    assert centre_lift(residues).tolist() == numbers


@pytest.mark.parametrize("width", WIDTHS)
def test_centre_lift_reads_the_upper_half_as_negative(width: Width) -> None:
    edge = 2 ** (width - 1)
    residues = np.array([0, edge - 1, edge, 2**width - 1], dtype=dtype(width))
    assert centre_lift(residues).tolist() == [0, edge - 1, -edge, -1]
