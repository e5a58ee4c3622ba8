"""A centre's real service that also writes down what nobody else may see.

    tapped_node.py FOLDER TAP POLL UNHURRIED

TAP/vector-<round>.npy   the noisy vector before it is masked
TAP/kept-<round>.npy     the same without the noise that a sum over everybody can do without
TAP/sent-<port>.bin      every byte handed to a socket, before TLS makes it unreadable
TAP/at-<step>            it waits at a step, for as long as TAP/hold-<step> is there:
                         `computing` (nothing is stored yet), `sending` (stored, not sent yet)
"""

import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from node import service
from node.rounds import contribution
from privacy.noise.excess import remove
from privacy.noise.skellam import Skellam
from privacy.secure_sum.contribute import excess_key
from privacy.secure_sum.masks import keystream

_MOST_SECONDS = 400
_ANSWER = b"/v1/fleet/push-messages"


def _wait_at(tap: Path, step: str) -> None:
    hold, deadline = tap / f"hold-{step}", time.monotonic() + _MOST_SECONDS
    if hold.exists():
        (tap / f"at-{step}").touch()
        while hold.exists() and time.monotonic() < deadline:
            time.sleep(0.05)


def _tap_vector(tap: Path) -> None:
    original = contribution.contribute

    def contribute(view: Any, identity: Any, keys: Any, links: Any, noisy: Any, rnd: Any) -> Any:
        limits, number = view.parameters, view.descriptor.announcement.round
        noise = Skellam(view.descriptor.noise_variance, limits.honest)
        streams = {k: [keystream(excess_key(view, seed))] for k, seed in enumerate(noisy.spare)}
        kept = remove(noisy.values, noise, limits.honest_at, streams)
        for name, values in (("kept", kept), ("vector", noisy.values)):
            path = tap / f"{name}-{number}.npy"
            np.save(path.with_suffix(".part.npy"), values)
            path.with_suffix(".part.npy").replace(path)
        _wait_at(tap, "computing")
        return original(view, identity, keys, links, noisy, rnd)

    contribution.contribute = contribute


def _tap_network(tap: Path) -> None:
    def tapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: socket.socket, data: Any, *more: Any, **words: Any) -> Any:
            given = b"".join(map(bytes, data)) if isinstance(data, list | tuple) else bytes(data)
            if _ANSWER in given[:100]:
                _wait_at(tap, "sending")
            with (tap / f"sent-{self.getsockname()[1]}.bin").open("ab") as sink:
                sink.write(given)
            return original(self, data, *more, **words)

        return call

    for kind, names in (
        (ssl.SSLSocket, ("send", "write")),
        (socket.socket, ("send", "sendall", "sendto", "sendmsg")),
    ):
        for name in names:
            setattr(kind, name, tapped(getattr(kind, name)))


def main() -> None:
    folder, tap, poll, unhurried = sys.argv[1:5]
    _tap_vector(Path(tap))
    _tap_network(Path(tap))
    service.run(Path(folder), poll=float(poll), unhurried=float(unhurried))


if __name__ == "__main__":
    main()
