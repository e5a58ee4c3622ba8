"""Two rounds of ten centres, every one a real process: what leaves a centre, and what survives.

In the first round three centres are killed before they contribute, so it is given up. In the
second a node is killed while it computes, another before it sends what it stored, three are
asleep, and then the coordinator is killed too; everybody comes back and the round ends.
"""

import base64
import re
import signal
import socket
import ssl
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scene import PLANTED, RELAYED, Said, Scene, run, sentence_of
from sentinels import found_in, joined, secrets_of

from coordinator.rounds.opening import view_of
from coordinator.store import CoordinatorStore
from coordinator.store import rounds as their_rounds
from deploy.demo.check import charged
from deploy.demo.processes import wait_until
from node.store import cipher, papers, rounds
from privacy.secure_sum.wire import Contribution
from schemas.message import Frame
from schemas.release import Release

pytestmark = pytest.mark.system

ALL = tuple(range(1, 11))
LOST = (3, 7, 10)
COMPUTING, SENDING = 4, 5
ASLEEP = (6, 8, 9)
SECONDS = 300.0

Ledgers = dict[int, Any]


@dataclass
class Missed:
    """The first round: what was seen in it."""

    before: Ledgers
    meanwhile: Ledgers
    refused: Said
    state_after_refusal: str
    after: Ledgers


@dataclass
class Survived:
    """The second round: what was seen in it."""

    number: int
    contributions_at_the_kill: int
    stored_when_computing: bytes | None
    charges_when_computing: Ledgers
    first_vector: NDArray[np.int64]
    stored_when_sending: bytes
    charges_when_sending: Ledgers
    ledgers: Ledgers
    egress: dict[int, list[tuple[str, int | None, bytes]]]
    release_file: Path
    release: Release
    received: dict[int, bytes]
    masked: dict[int, NDArray[np.uint64]]
    vectors: dict[int, NDArray[np.int64]]


@pytest.fixture(scope="module")
def missed(scene: Scene) -> Missed:
    region, before = scene.region, scene.ledgers()
    number = scene.announce()
    region.wait_for(number, "prekeys=10", seconds=SECONDS)
    for node in LOST:
        scene.centre(node).service.kill()
    region.coordinate("round", "open", str(number))
    region.wait_for(number, "contributions=7", seconds=SECONDS)
    spent = {node: scene.centre(node).run("ledger") for node in (1, LOST[0])}
    folder = ("--dir", str(region.coordinator))
    refused = run("wegwijs-coordinator", "round", "close", str(number), *folder)
    state = region.round_status(number)["state"]
    region.coordinate("round", "abandon", str(number))
    region.wait_for(number, "state=ABANDONED", seconds=SECONDS)
    region.wait_for(number, "told=7", seconds=SECONDS)
    return Missed(before, spent, refused, state, scene.ledgers())


@pytest.fixture(scope="module")
def survived(scene: Scene, missed: Missed) -> Survived:
    region = scene.region
    for node in LOST:
        scene.centre(node).service.start()
    number = scene.announce()
    region.wait_for(number, "prekeys=10", seconds=SECONDS)
    scene.hold(COMPUTING, "computing")
    scene.hold(SENDING, "sending")
    for node in ASLEEP:
        scene.signal(node, signal.SIGSTOP)
    region.coordinate("round", "open", str(number))
    region.wait_for(number, "contributions=5", seconds=SECONDS)
    scene.wait_at(COMPUTING, "computing")
    scene.wait_at(SENDING, "sending")
    for node in (COMPUTING, SENDING):
        scene.centre(node).service.kill()
    answered = region.round_status(number)["contributions"]
    region.service.kill()

    first = np.load(scene.tap(COMPUTING) / f"vector-{number}.npy")
    nothing, whole = (_message(scene, node, number) for node in (COMPUTING, SENDING))
    charges = {node: scene.centre(node).run("ledger") for node in (COMPUTING, SENDING)}

    scene.let_go(COMPUTING, "computing")
    scene.let_go(SENDING, "sending")
    for node in ASLEEP:
        scene.signal(node, signal.SIGCONT)
    for node in (COMPUTING, SENDING):
        scene.centre(node).service.start()
    region.service.start()
    wait_until("the coordinator again", region._serving, seconds=SECONDS)
    region.wait_for(number, "contributions=10", seconds=SECONDS)
    region.coordinate("round", "close", str(number))
    done = region.wait_for(number, "state=PUBLISHED", seconds=SECONDS)
    region.wait_for(number, "told=10", seconds=SECONDS)
    path = scene.fetch(done["release"])
    received, masked = _received(scene, number)
    return Survived(
        number, answered, nothing, {COMPUTING: charges[COMPUTING]}, first, whole or b"",
        {SENDING: charges[SENDING]}, scene.ledgers(), scene.egress((PLANTED, COMPUTING, SENDING)),
        path, Release.from_canonical(path.read_bytes()), received, masked,
        {node: np.load(scene.tap(node) / f"vector-{number}.npy") for node in ALL},
    )  # fmt: skip


def _message(scene: Scene, node: int, number: int) -> bytes | None:
    """The contribution that a node stored for a round."""
    with scene.store(node).begin() as connection:
        found = [one for one in rounds.all_rounds(connection) if one.number == number]
    return found[0].message if found else None


def _received(scene: Scene, number: int) -> tuple[dict[int, bytes], dict[int, NDArray[np.uint64]]]:
    """What the coordinator has of each centre, and the masked vectors in it."""
    with CoordinatorStore.open(scene.region.coordinator).begin() as connection:
        stored = their_rounds.of(connection, number)
        assert stored is not None
        view = view_of(connection, stored)
        raw = their_rounds.answers(connection, number, "contribution")
    return raw, {node: Contribution.from_bytes(one, view).vector for node, one in raw.items()}


def test_a_round_below_its_floor_is_not_closed(missed: Missed) -> None:
    said = sentence_of(missed.refused, 3)
    assert "7 centres answered and 8 are needed" in said
    assert "nothing was lost" in said
    assert missed.state_after_refusal == "OPEN"


def test_while_a_round_is_open_who_contributed_is_charged_and_who_did_not_is_not(
    missed: Missed,
) -> None:
    assert missed.meanwhile[1]["charges"]
    assert not missed.meanwhile[LOST[0]]["charges"]


def test_after_a_round_is_given_up_every_ledger_is_exactly_as_before(missed: Missed) -> None:
    assert missed.after == missed.before
    assert all(not ledger["charges"] for ledger in missed.after.values())


def test_a_round_outlives_the_kill_of_its_coordinator(survived: Survived) -> None:
    assert 1 <= survived.contributions_at_the_kill < len(ALL)
    assert survived.release.in_sum == ALL


def test_every_centre_is_charged_once_for_the_round_that_was_finished(
    survived: Survived,
) -> None:
    found = charged(survived.ledgers, survived.release.in_sum)
    assert (found.twice, found.not_in_sum) == (0, 0)
    for ledger in survived.ledgers.values():
        paid = Counter(charge["cohort"] for charge in ledger["charges"])
        assert set(paid) == set(survived.release.cohorts)
        assert set(paid.values()) == {len(survived.release.asks)}
        assert {charge["round"] for charge in ledger["charges"]} == {survived.number}


def test_the_sum_is_bit_for_bit_the_plain_sum_of_the_noisy_vectors(survived: Survived) -> None:
    total = np.frombuffer(base64.b64decode(survived.release.sum), "<i8")
    assert np.array_equal(total, np.sum(list(survived.vectors.values()), axis=0))
    without_one = total - survived.vectors[1]
    assert not np.array_equal(total, without_one)


def test_a_node_killed_while_it_computes_had_spent_nothing_and_computes_anew(
    survived: Survived,
) -> None:
    assert survived.stored_when_computing is None
    assert survived.charges_when_computing[COMPUTING]["charges"] == []
    again = survived.vectors[COMPUTING]
    assert not np.array_equal(survived.first_vector, again)  # fresh noise; the first is gone
    assert _contributions_of(survived, COMPUTING) == [survived.received[COMPUTING]]


def test_a_node_killed_before_it_sends_sends_the_very_bytes_that_it_stored(
    survived: Survived,
) -> None:
    assert len(survived.charges_when_sending[SENDING]["charges"]) > 0
    assert survived.stored_when_sending == survived.received[SENDING]
    assert _contributions_of(survived, SENDING) == [survived.stored_when_sending]


def _contributions_of(survived: Survived, node: int) -> list[bytes]:
    left = survived.egress[node]
    return [
        Frame.from_bytes(body).parts[0]
        for kind, number, body in left
        if (kind, number) == ("contribution", survived.number)
    ]


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


def test_what_a_node_hands_to_the_network_was_all_overheard(
    scene: Scene, survived: Survived
) -> None:
    """The control of the one before: what must leave is found."""
    sent = joined(scene.sent(PLANTED))
    assert survived.received[PLANTED] in sent
    assert b"POST /v1/fleet/activate-node" in sent
    for kind, _, body in survived.egress[PLANTED]:
        assert body in sent, kind


def test_a_node_sends_no_byte_of_a_round_that_its_owner_cannot_see(
    scene: Scene, survived: Survived
) -> None:
    sent = joined(scene.sent(PLANTED))
    frames = {match.start() for match in re.finditer(b"WGW1", sent)}
    listed = {
        match.start()
        for _, _, body in survived.egress[PLANTED]
        for match in re.finditer(re.escape(body), sent)
    }
    assert frames == listed


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


def _verify(scene: Scene, path: Path) -> Said:
    return run("wegwijs", "verify", path, "--authority", scene.region.authority_key)


def test_anyone_can_verify_the_release(scene: Scene, survived: Survived) -> None:
    said = _verify(scene, survived.release_file)
    assert said.code == 0, said
    assert "10 of 10 centres are in the sum" in said.out


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(rb'"sum":"[^"]{400}', id="the sum"),
        pytest.param(rb'"estimate":[1-9]', id="a figure"),
        pytest.param(rb'"signature":"[0-9a-f]{8}', id="a signature"),
        pytest.param(rb'"in_sum":\[1', id="who is in the sum"),
    ],
)
def test_a_release_with_one_changed_byte_is_refused(
    scene: Scene, survived: Survived, tmp_path: Path, place: bytes
) -> None:
    raw = bytearray(survived.release_file.read_bytes())
    found = re.search(place, raw)
    assert found is not None
    last = found.end() - 1
    raw[last] = ord("1") if raw[last] != ord("1") else ord("2")
    changed = tmp_path / "changed.json"
    changed.write_bytes(raw)
    said = sentence_of(_verify(scene, changed), 3)
    assert said.startswith("Refused:")


def test_each_centre_knows_that_it_is_in_the_sum(scene: Scene, survived: Survived) -> None:
    for node in ALL:
        with scene.store(node).begin() as connection:
            states = {one.number: one.outcome for one in rounds.all_rounds(connection)}
            assert states[survived.number] == "in_sum"
            assert papers.get(connection, "token") is not None
