"""The SuperLink as the fleet proxy reaches it: a few requests at a time over its Unix socket.

Connections are kept and found in constant time, however many nodes wait. The SuperLink works on
one request after another; more than a few in flight only make it switch between them.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httptools

Headers = Sequence[tuple[bytes, bytes]]

_IDLE = 4.0  # seconds; the SuperLink closes a connection after five


class Away(ConnectionError):
    """The SuperLink does not answer now."""


@dataclass(slots=True)
class Reply:
    """What the SuperLink said."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray, repr=False)


class _Line(asyncio.Protocol):
    """One connection: a request, its reply, and then the next."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._reply = Reply()
        self._waiter: asyncio.Future[Reply] | None = None
        self.used_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the way to write."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        self._fail()

    @property
    def open(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Send no more on it."""
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, raw: bytes) -> Reply:
        """Send a request and wait for its reply. Raises Away."""
        if self._transport is None or not self.open:
            raise Away("closed")
        self._parser = httptools.HttpResponseParser(self)
        self._reply = Reply()
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(raw)
        return await self._waiter

    def data_received(self, data: bytes) -> None:
        """Take a piece of the reply."""
        try:
            if self._parser is not None:
                self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail()
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._reply.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._reply.body += body

    def on_message_complete(self) -> None:
        """Called by the parser: the reply is whole."""
        if self._parser is None or self._waiter is None or self._waiter.done():
            return
        self._reply.status = self._parser.get_status_code()
        if not self._parser.should_keep_alive():
            self.close()
        self._parser = None
        self._waiter.set_result(self._reply)

    def _fail(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Away("the connection ended"))


class Upstream:
    """Sends requests in the order in which they came, `most` at a time."""

    def __init__(self, socket: Path, *, most: int = 8, seconds: float = 30.0) -> None:
        self._socket, self._most, self._seconds = socket, most, seconds
        self._turns: asyncio.Semaphore | None = None
        self._idle: list[_Line] = []

    async def post(self, path: bytes, headers: Headers, body: bytes) -> Reply:
        """Return the reply. Raises Away when there is none in time."""
        if self._turns is None:  # belongs to the loop that serves
            self._turns = asyncio.Semaphore(self._most)
        raw = _spell(path, headers, body)
        async with self._turns:
            line = await self._line()
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await line.ask(raw)
            except (TimeoutError, OSError) as failure:
                raise Away(type(failure).__name__) from None
            else:
                self._give_back(line)
                return reply
            finally:
                if line not in self._idle:
                    line.close()

    async def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        while self._idle:
            line = self._idle.pop()
            if line.open and loop.time() - line.used_at < _IDLE:
                return line
            line.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._seconds):
                _, made = await loop.create_unix_connection(_Line, str(self._socket))
                return made
        raise Away("no connection")

    def _give_back(self, line: _Line) -> None:
        line.used_at = asyncio.get_running_loop().time()
        if line.open:
            self._idle.append(line)


def _spell(path: bytes, headers: Headers, body: bytes) -> bytes:
    own = [(b"host", b"superlink"), (b"content-length", b"%d" % len(body))]
    lines = [b"POST " + path + b" HTTP/1.1", *(n + b": " + v for n, v in [*own, *headers])]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
