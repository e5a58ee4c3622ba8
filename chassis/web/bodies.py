"""Bodies of answers, made once: what is public never changes until the next release.

A body knows its ETag and its compressed forms, each computed when the first reader asks for it.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Literal

import brotli

Life = Literal["for-good", "ask-again"]
Coding = Literal["br", "gzip"]

_SMALL = 860  # bytes; below it the headers weigh more than what compression saves
_MOST = 64 * 2**20
_PLACES = 64


@dataclass(frozen=True)
class Body:
    """What an answer says; `headers`: those of this answer alone."""

    raw: bytes = field(repr=False)
    media_type: str
    life: Life = "ask-again"
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tag(self) -> str:
        """The first half of its SHA-256, hexadecimal."""
        return sha256(self.raw).hexdigest()[:32]

    @property
    def compressible(self) -> bool:
        """Whether a compressed form is worth its while."""
        return len(self.raw) > _SMALL and not self.media_type.startswith(("font/", "image/png"))

    def coded(self, coding: Coding | None) -> bytes:
        """Return the bytes in this coding."""
        if coding == "br":
            return self._br
        return self._gzip if coding == "gzip" else self.raw

    @cached_property
    def _br(self) -> bytes:
        return bytes(brotli.compress(self.raw, quality=5))

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self.raw, compresslevel=6, mtime=0)


@dataclass
class Bodies:
    """Those read last, up to `most` bytes; safe to use from several threads."""

    most: int = _MOST
    _held: "OrderedDict[Hashable, Body]" = field(default_factory=OrderedDict, repr=False)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)
    _making: tuple[Lock, ...] = field(
        default_factory=lambda: tuple(Lock() for _ in range(_PLACES)), repr=False
    )

    def get(self, key: Hashable, make: Callable[[], Body]) -> Body:
        """Return the body under this key, made at most once at a time. Raises what `make` does."""
        if (held := self._find(key)) is not None:
            return held
        with self._making[hash(key) % _PLACES]:
            held = self._find(key)
            return held if held is not None else self._keep(key, make())

    def _find(self, key: Hashable) -> Body | None:
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
            return held

    def _keep(self, key: Hashable, body: Body) -> Body:
        with self._lock:
            self._held[key] = body
            self._bytes += _weight(body)
            while self._bytes > self.most and len(self._held) > 1:
                self._bytes -= _weight(self._held.popitem(last=False)[1])
        return body


def _weight(body: Body) -> int:
    """About the bytes that it takes, with its compressed forms."""
    return 1_000 + len(body.raw) * 3 // 2
