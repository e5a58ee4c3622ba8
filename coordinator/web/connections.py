"""Who may connect to a port, and how many at once: counted before TLS, which has its own deadline.

accepted -> counted by address -> TLS within seconds -> served by `GuardedHttp`
               |-> too many ----> closed
"""

import asyncio
import ssl
from asyncio import sslproto
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from uvicorn.config import Config

from chassis.web.throttle import network_of
from coordinator.web.guarded_http import GuardedHttp, HttpLimits

_TLS_BYTES = 32 * 2**10


@dataclass(frozen=True, slots=True)
class PortLimits:
    """What one port takes. `spared`: addresses that stand for many, such as a proxy."""

    connections: int = 2_000
    from_one_address: int = 64
    handshake_seconds: float = 10.0
    spared: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    http: HttpLimits = field(default_factory=HttpLimits)


@dataclass
class Port:
    """Counts the connections of one port. Lives on one event loop, so it needs no lock."""

    limits: PortLimits = field(default_factory=PortLimits)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    _open: Counter[str] = field(default_factory=Counter, repr=False)

    def enter(self, address: str) -> bool:
        """Count a connection, if there is room for it."""
        if self._open.total() >= self.limits.connections:
            return False
        if self._open[address] >= self.limits.from_one_address and not self._spared(address):
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """It ended."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

    def _spared(self, address: str) -> bool:
        return address in self.limits.spared

    def protocol(self, **words: Any) -> asyncio.Protocol:
        """Make what serves one connection: uvicorn's `http` setting."""
        return _Connection(self, lambda: GuardedHttp(self.limits.http, **words))


class _Connection(asyncio.Protocol):
    """One connection: counted, then TLS, then HTTP."""

    def __init__(self, port: Port, make: Callable[[], asyncio.Protocol]) -> None:
        self._port, self._make = port, make
        self._inner: asyncio.Protocol | None = None
        self._early: list[bytes] = []
        self._address = ""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or close it."""
        address = network_of(transport.get_extra_info("peername"))
        if not self._port.enter(address):
            transport.abort()
            return
        self._address = address
        if self._port.tls is None:
            self._serve(transport)
        else:
            transport.pause_reading()  # the first bytes are for TLS
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._handshake(loop, transport, self._port.tls))

    async def _handshake(
        self, loop: asyncio.AbstractEventLoop, bare: asyncio.Transport, tls: ssl.SSLContext
    ) -> None:
        seconds = self._port.limits.handshake_seconds
        try:
            secured = await loop.start_tls(
                bare, self, tls, server_side=True, ssl_handshake_timeout=seconds
            )
        except (OSError, ssl.SSLError):
            secured = None
        if secured is None:
            bare.abort()
            self._leave()
        else:
            self._serve(secured)

    def _serve(self, transport: asyncio.Transport) -> None:
        self._inner = self._make()
        self._inner.connection_made(transport)
        early, self._early = self._early, []
        for data in early:
            self._inner.data_received(data)

    def _leave(self) -> None:
        if self._address:
            self._port.leave(self._address)
            self._address = ""

    def data_received(self, data: bytes) -> None:
        """Pass it on; the first request may come with the end of the handshake."""
        if self._inner is not None:
            self._inner.data_received(data)
        else:
            self._early.append(data)

    def eof_received(self) -> None:
        """The other side sends no more."""
        if self._inner is not None:
            self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give its place back."""
        self._leave()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The other side reads slowly."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It read again."""
        if self._inner is not None:
            self._inner.resume_writing()


def guarded(config: Config, port: Port) -> Config:
    """Have uvicorn serve through this port's protocol.

    On asyncio's own loop: in uvloop a connection reads on although it was paused before TLS. Its
    TLS keeps a buffer for each connection, of 256 kB if nobody says otherwise.
    """
    sslproto.SSLProtocol.max_size = _TLS_BYTES
    config.http = port.protocol  # type: ignore[assignment] # it calls it as it would a class
    config.loop = "asyncio"
    return config
