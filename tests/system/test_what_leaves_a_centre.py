"""What leaves a centre in two rounds of real processes: masked numbers, over TLS, and no more.

Everything that a node hands to the network is overheard and searched for what was planted.
"""

import base64
import re
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scene import PLANTED, RELAYED, Scene
from sentinels import found_in, joined, secrets_of
from two_rounds import Survived

from deploy.demo.processes import wait_until
from node.store import cipher

pytestmark = pytest.mark.system


def test_the_scanner_finds_every_sentinel_where_it_does_stand(
    scene: Scene, survived: Survived
) -> None:
    in_file = scene.centre(PLANTED).files.path.read_bytes()
    assert set(found_in(in_file, scene.planted)) == set(scene.planted)
    secrets = secrets_of(scene.centre(PLANTED).folder)
    stored = {name: value for name, value in secrets.items() if name not in ("store key",
              "flower number")}  # fmt: skip
    content = _content_of(scene, PLANTED)
    assert set(found_in(content, stored)) == set(stored)
    everything = {**scene.planted, **secrets}
    for before in range(3):  # wherever a value begins inside a longer base64 text
        long = base64.b64encode(b"." * before + joined(everything.values()))
        assert set(found_in(long, everything)) == set(everything)


def _content_of(scene: Scene, node: int) -> bytes:
    """All values in a centre's store, decrypted."""
    folder = scene.centre(node).folder
    connection = cipher.connect(folder / cipher.DATABASE, cipher.key_of(folder))
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        asked = [f'SELECT * FROM "{name}"' for (name,) in tables.fetchall()]  # noqa: S608
        rows = [row for question in asked for row in connection.execute(question)]
    finally:
        connection.close()
    values = [value for row in rows for value in row if value is not None]
    return joined(v if isinstance(v, bytes) else str(v).encode() for v in values)


def test_what_a_node_hands_to_the_network_holds_no_record_and_no_secret(
    scene: Scene, survived: Survived
) -> None:
    sent = scene.sent(PLANTED)
    everything = {**scene.planted, **secrets_of(scene.centre(PLANTED).folder)}
    assert found_in(joined(sent), everything) == []


def _logged(survived: Survived) -> list[bytes]:
    """What the owner can see that left. An acknowledgement is alike at every centre, so that
    Flower, which stores equal objects once, may not ask this one for its bytes."""
    return [body for kind, _, body in survived.egress[PLANTED] if kind != "done"]


def _overheard(scene: Scene, survived: Survived) -> bytes:
    """All that the node sent, its last logged message included: a log comes before its bytes."""
    last = _logged(survived)[-1]
    wait_until("the last bytes", lambda: last in joined(scene.sent(PLANTED)), seconds=60)
    return joined(scene.sent(PLANTED))


def test_what_a_node_hands_to_the_network_was_all_overheard(
    scene: Scene, survived: Survived
) -> None:
    """The control of the one before: what must leave is found."""
    sent = _overheard(scene, survived)
    assert survived.received[PLANTED] in sent
    assert b"POST /v1/fleet/activate-node" in sent
    assert all(body in sent for body in _logged(survived))


def test_a_node_sends_no_byte_of_a_round_that_its_owner_cannot_see(
    scene: Scene, survived: Survived
) -> None:
    sent = _overheard(scene, survived)
    frames = {match.start() for match in re.finditer(b"WGW1", sent)}
    listed = {
        match.start()
        for _, _, body in survived.egress[PLANTED]
        for match in re.finditer(re.escape(body), sent)
    }
    assert frames == listed


def test_what_a_node_fetches_is_named_by_a_digest_or_by_a_round_that_it_answered(
    scene: Scene, survived: Survived
) -> None:
    paths = set(re.findall(rb"GET (\S+) HTTP/1.1", _overheard(scene, survived)))
    documents = {path for path in paths if re.fullmatch(rb"/api/v1/documents/[0-9a-f]{64}", path)}
    assert len(documents) >= 5  # roster, programme, cards, and of two rounds the prekeys
    with scene.store(PLANTED).begin() as connection:
        answered = connection.exec_driver_sql("SELECT rid FROM round").scalars().all()
    assert paths - documents <= {b"/api/v1/ended/" + rid.hex().encode() for rid in answered}


def test_a_masked_vector_is_not_the_vector_in_any_place(survived: Survived) -> None:
    for node, masked in survived.masked.items():
        plain = survived.vectors[node].astype(masked.dtype)
        assert not np.any(masked == plain), node


def _z(values: NDArray[Any], cells: int) -> float:
    """How many standard errors chi-square is from what uniform values give."""
    counts = np.bincount(values, minlength=cells)
    expected = len(values) / cells
    chi2 = float(((counts - expected) ** 2).sum() / expected)
    return (chi2 - (cells - 1)) / (2 * (cells - 1)) ** 0.5


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_masked_vectors_are_uniform_chance_and_the_vectors_are_not(
    survived: Survived, kind: Any
) -> None:
    cells = 2 ** (8 * np.dtype(kind).itemsize)
    masked = np.concatenate([v.view(kind) for v in survived.masked.values()])
    plain = np.concatenate([v.astype("<i8").view(kind) for v in survived.vectors.values()])
    assert abs(_z(masked, cells)) < 5
    assert _z(plain, cells) > 50


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, body) of TLS records; a last one that was cut off is left out."""
    at = 0
    while at + 5 <= len(stream):
        kind, major, minor, size = struct.unpack_from(">BBBH", stream, at)
        assert kind in (20, 21, 22, 23), "not a TLS record"
        assert (major, minor) in ((3, 1), (3, 3))
        assert size <= 2**14 + 256
        body = stream[at + 5 : at + 5 + size]
        if len(body) == size:
            yield kind, body
        at += 5 + size


def _version(server_hello: bytes) -> int:
    """The version a ServerHello chose: its extension 43, else the old field (RFC 8446, 4.1.3)."""
    assert server_hello[0] == 2
    at = 4 + 2 + 32
    at += 1 + server_hello[at] + 2 + 1
    end = at + 2 + struct.unpack_from(">H", server_hello, at)[0]
    at += 2
    while at < end:
        kind, size = struct.unpack_from(">HH", server_hello, at)
        if kind == 43:
            return int(struct.unpack_from(">H", server_hello, at + 4)[0])
        at += 4 + size
    return int(struct.unpack_from(">H", server_hello, 4)[0])


def test_everything_between_a_node_and_the_region_is_tls(scene: Scene, survived: Survived) -> None:
    answered = [one for one in scene.relay.connections if one.server]
    assert len(answered) >= 2  # before and after the coordinator was killed
    for one in answered:
        for stream, hello in ((one.client, 1), (one.server, 2)):
            kinds = list(_records(bytes(stream)))
            assert kinds[0][0] == 22
            assert kinds[0][1][0] == hello
        version = _version(next(_records(bytes(one.server)))[1])
        assert version in (0x0303, 0x0304)


def test_who_listens_to_the_line_reads_no_word_and_no_number(
    scene: Scene, survived: Survived
) -> None:
    heard = joined(bytes(s) for one in scene.relay.connections for s in (one.client, one.server))
    spoken = joined(scene.sent(RELAYED))
    body = survived.received[RELAYED]
    for word in (b"POST /v1/fleet", b"HTTP/1.1", b"flwr-public-key", b"WGW1", body[:64]):
        assert word in spoken or word == b"HTTP/1.1"
        assert word not in heard
    assert len(heard) > len(body)  # the contribution did go this way
    secrets = secrets_of(scene.centre(RELAYED).folder)
    assert found_in(heard, secrets) == []


def test_a_plain_http_request_gets_no_page(scene: Scene) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    address = ("127.0.0.1", scene.region.port)
    with socket.create_connection(address, timeout=20) as bare:
        bare.sendall(asked)
        plain = _all_of(bare)
    assert b"HTTP/" not in plain
    assert b"<" not in plain
    context = ssl.create_default_context(cafile=str(scene.region.ca))
    with (
        socket.create_connection(address, timeout=20) as bare,
        context.wrap_socket(bare, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(asked)
        assert b"HTTP/1.1" in _all_of(line)[:20]


def _all_of(line: socket.socket) -> bytes:
    got, deadline = bytearray(), time.monotonic() + 30
    try:
        while (data := line.recv(65536)) and time.monotonic() < deadline:
            got += data
    except ConnectionError:
        pass
    return bytes(got)
