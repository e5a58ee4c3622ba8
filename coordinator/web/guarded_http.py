"""HTTP with limits on what is not read yet: heads, their time, slow bodies, slow readers.

uvicorn's parser takes heads of any size and waits for them for ever; here a head has so many
bytes, headers and seconds, a body a least speed, and a reader who stops reading is let go.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_PHRASES = {408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one request may take. A body may last `body_seconds`, and longer at `body_speed`."""

    head_bytes: int = 32 * 1024
    headers: int = 64
    head_seconds: float = 10.0
    body_bytes: int = 17 * 2**20  # more than any address takes; each has its own limit
    body_seconds: float = 20.0
    body_speed: float = 16 * 1024.0  # bytes a second
    read_seconds: float = 60.0


class GuardedHttp(HttpToolsProtocol):
    """One connection of HTTP/1.1, which ends when a limit is passed."""

    def __init__(self, limits: HttpLimits, **words: Any) -> None:
        super().__init__(**words)
        self._limits = limits
        self._head, self._in_head = 0, True
        self._begun, self._completed = False, 0
        self._received, self._body_since = 0, 0.0
        self._refused = False
        self._waiting: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait(self._limits.head_seconds, self._head_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._stop(self._waiting)
        self._stop(self._reading)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        if self._refused or self.transport.is_closing():
            return
        completed = self._completed
        super().data_received(data)
        if self._refused or self.parser is None or not self._in_head:
            return
        if self._completed == completed:
            self._head += len(data)
        elif not self._begun:
            return  # a request ended with this piece, and no other began
        if self._head > self._limits.head_bytes:
            self._refuse(431)
        elif self._waiting is None:
            self._wait(self._limits.head_seconds, self._head_late)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._begun = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header of it."""
        if len(self.headers) < self._limits.headers:
            super().on_header(name, value)
        else:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        """The head is whole; the request starts."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.head_bytes:
            self._refuse(431)
        if self._refused:
            return
        self._in_head, self._received = False, 0
        self._body_since = self.loop.time()
        self._wait(self._limits.body_seconds, self._body_late)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        if self._refused:
            return
        self._received += len(body)
        if self._received > self._limits.body_bytes:
            self._refused = True
            self.transport.abort()
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._refused:
            return
        self._stop(self._waiting)
        self._waiting = None
        self._head, self._in_head = 0, True
        self._begun, self._completed = False, self._completed + 1
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The reader is slow; it has a while."""
        super().pause_writing()
        self._stop(self._reading)
        self._reading = self.loop.call_later(self._limits.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader read."""
        self._stop(self._reading)
        super().resume_writing()

    def _wait(self, seconds: float, late: Any) -> None:
        self._stop(self._waiting)
        self._waiting = self.loop.call_later(seconds, late)

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()

    def _head_late(self) -> None:
        self._refuse(408)

    def _body_late(self) -> None:
        allowed = self._limits.body_seconds + self._received / self._limits.body_speed
        left = self._body_since + allowed - self.loop.time()
        if left > 0:
            self._wait(left, self._body_late)
        elif self.cycle is None or self.cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Say why, and end the connection."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        line = b"HTTP/1.1 %d %s\r\n" % (status, _PHRASES[status])
        self.transport.write(line + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()
