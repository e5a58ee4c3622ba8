"""Masks: a 32-byte seed becomes a vector modulo 2^w by AES-256-CTR, little-endian words.

The block loop is outside and the loop over keys inside, so that the piece of the vector that
is being masked stays in the processor's cache while every key works on it. Keys come in groups:
a cipher holds half a kB, and a server removes 200,000 masks from a thousand nodes' sum.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from numpy.typing import NDArray

Width = Literal[32, 64]
Words = NDArray[np.uint32] | NDArray[np.uint64]

_BLOCK = 256 * 1024
_GROUP = 256
_ZERO_IV = bytes(16)


def dtype(width: Width) -> np.dtype[np.unsignedinteger]:
    """Little-endian unsigned integers of this width."""
    return np.dtype("<u4") if width == 32 else np.dtype("<u8")


def add_masks(vector: Words, plus: Sequence[bytes], minus: Sequence[bytes]) -> None:
    """Add the masks of the seeds in `plus`, subtract those in `minus`; in place, modulo 2^w.

    `vector` has shape (L,). A seed masks one vector ever: the counter starts at zero.
    """
    size = min(_BLOCK, vector.nbytes)
    zeros, stream = bytes(size), bytearray(size + 15)  # room that update_into asks for
    for keys, change in ((plus, np.add), (minus, np.subtract)):
        for first in range(0, len(keys), _GROUP):
            _apply(vector, keys[first : first + _GROUP], change, (zeros, stream))


def _apply(
    vector: Words, keys: Sequence[bytes], change: np.ufunc, room: tuple[bytes, bytearray]
) -> None:
    """Add or subtract the masks of a few keys; `room`: a block of zeros, and where it goes."""
    ciphers = [Cipher(AES256(key), CTR(_ZERO_IV)).encryptor() for key in keys]
    zeros, stream = room
    words = len(zeros) // vector.itemsize
    for start in range(0, len(vector), words):
        piece = vector[start : start + words]
        source = memoryview(zeros)[: piece.nbytes]
        mask = np.frombuffer(stream, dtype=vector.dtype, count=len(piece))
        for cipher in ciphers:
            cipher.update_into(source, stream)
            change(piece, mask, out=piece)


def keystream(seed: bytes) -> Callable[[int], bytes]:
    """Return a source of bytes that depends on the seed alone: the same stream as its mask."""
    cipher = Cipher(AES256(seed), CTR(_ZERO_IV)).encryptor()
    return lambda count: cipher.update(bytes(count))


def centre_lift(vector: Words) -> NDArray[np.int64]:
    """Read residues modulo 2^w as signed numbers in [-2^(w-1), 2^(w-1))."""
    signed = vector.view(np.int32 if vector.itemsize == 4 else np.int64)
    return signed.astype(np.int64)
