"""A public key as six words that two people compare by telephone."""

import hashlib

from schemas.units import PublicKeyHex

_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"
_WORDS = 6


def key_words(key: PublicKeyHex) -> str:
    """Six words of five letters, 16 bits each, of a hash of the key: 96 bits.

    To make another key with the same words takes some 2^96 attempts.
    Source of the spelling: Wilkerson 2009, "A proposal for proquints" (arXiv:0901.4514).
    """
    digest = hashlib.sha256(b"wegwijs/key-words\n" + bytes.fromhex(key)).digest()
    return " ".join(_word(digest[2 * k : 2 * k + 2]) for k in range(_WORDS))


def _word(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    letters = (
        _CONSONANTS[number >> 12],
        _VOWELS[number >> 10 & 3],
        _CONSONANTS[number >> 6 & 15],
        _VOWELS[number >> 4 & 3],
        _CONSONANTS[number & 15],
    )
    return "".join(letters)
