"""What strangers may do to a port, over real sockets on 127.0.0.1; a good client is served on."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from served_port import LARGE, Served, serving

from coordinator.certificates import ensure_server_certificate, make_tls_authority
from coordinator.web.connections import PortLimits, network_of
from coordinator.web.guarded_http import HttpLimits
from coordinator.web.ports import limits_of

SHORT = HttpLimits(
    head_bytes=4_000, headers=20, head_seconds=0.6, body_bytes=300_000, body_seconds=0.6,
    body_speed=20_000, read_seconds=0.8,
)  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(PortLimits(http=SHORT)) as made:
        yield made


def said(line: socket.socket, seconds: float = 5) -> bytes:
    """All that comes until the other side ends the connection; fails when it does not."""
    line.settimeout(seconds)
    got = bytearray()
    with suppress(ConnectionError):
        while data := line.recv(65_536):
            got += data
    return bytes(got)


@pytest.mark.parametrize(
    "start", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"\r\n\r\n"]
)
def test_half_a_request_is_not_waited_for(served: Served, start: bytes) -> None:
    before = served.heard.requests
    began = time.monotonic()
    with served.line() as line:
        line.sendall(start)
        served.good()
        assert said(line).startswith(b"HTTP/1.1 408")
    assert 0.4 < time.monotonic() - began < 3
    assert served.heard.requests == before + 1  # the good one


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b""])
def test_a_head_that_drips_is_not_waited_for(served: Served, first: bytes) -> None:
    began = time.monotonic()
    with served.line() as line:
        line.sendall(first)
        with suppress(ConnectionError):
            for _ in range(40):
                line.sendall(b"X-a: b\r\n" if first else b"\r\n")
                time.sleep(0.05)
                if time.monotonic() - began > 1.5:
                    break
        assert b"408" in said(line)[:20]
    assert time.monotonic() - began < 3
    served.good()


def test_the_second_request_of_a_connection_is_waited_for_no_longer(served: Served) -> None:
    with served.line() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n")
        answer = said(line)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in answer


def test_a_connection_may_idle_between_requests_longer_than_a_head_may_take(
    served: Served,
) -> None:
    bare = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    for _ in range(2):
        bare.request("POST", "/", body=b"x" * 1_000)
        assert bare.getresponse().read() == b"good"
        time.sleep(1.0)
    bare.request("GET", "/")
    assert bare.getresponse().read() == b"good"
    bare.close()


@pytest.mark.parametrize(
    "head",
    [
        b"X: " + b"a" * 100_000, b"X" * 100_000 + b": a", b"\r\n".join([b"X: a"] * 200),
        b"\r\n".join([b"X: " + b"a" * 300] * 19),
    ],
    ids=["long value", "long name", "many", "many bytes"],
)  # fmt: skip
def test_a_huge_head_is_refused_and_reaches_nobody(served: Served, head: bytes) -> None:
    before = served.heard.requests
    with served.line() as line:
        with suppress(ConnectionError):
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")
        answer = said(line)
    assert answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400")) or answer == b""
    assert served.heard.requests == before
    served.good()


def test_a_head_of_120_megabytes_is_cut_off_after_a_few_thousand_bytes(served: Served) -> None:
    sent = 0
    with served.line() as line:
        line.sendall(b"GET /")
        with suppress(ConnectionError):
            for _ in range(120):
                line.sendall(b"a" * 1_000_000)
                sent += 1
    assert sent < 20  # what the kernel's buffers take
    served.good()


def test_a_long_address_is_refused(served: Served) -> None:
    with served.line() as line:
        line.sendall(b"GET /" + b"a" * 4_100 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert said(line).startswith(b"HTTP/1.1 431")


def test_a_body_that_drips_is_not_waited_for_but_a_steady_one_is(served: Served) -> None:
    began = time.monotonic()
    with served.line() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
        with suppress(ConnectionError):
            while time.monotonic() - began < 3:
                line.sendall(b"x")
                time.sleep(0.05)
        assert said(line)[:12] in (b"HTTP/1.1 408", b"")
    assert time.monotonic() - began < 2.5
    with served.line() as line:
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 60000\r\n\r\n"
        )
        for _ in range(20):
            line.sendall(b"x" * 3_000)
            time.sleep(0.05)
        assert said(line).startswith(b"HTTP/1.1 200")


def test_a_chunked_body_without_end_is_cut_off(served: Served) -> None:
    began, sent = time.monotonic(), 0
    with served.line() as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            while time.monotonic() - began < 10:
                line.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
                sent += 10_000
    assert time.monotonic() - began < 9
    assert sent < 20_000_000
    served.good()


def test_a_reader_who_stops_reading_is_let_go(served: Served) -> None:
    with served.line() as line:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        _until(lambda: served.counted._open)
        _until(lambda: not served.counted._open)  # while it reads nothing
        served.good()
        assert len(said(line)) < len(LARGE)


def test_a_header_of_other_letters_does_no_harm(served: Served) -> None:
    with served.line() as line:
        line.sendall("GET / HTTP/1.1\r\nHost: a\r\nX: é☃\r\nConnection: close\r\n\r\n".encode())
        assert said(line)[:9] == b"HTTP/1.1 "
    served.good()


def test_one_address_holds_a_few_connections_and_another_is_served() -> None:
    with serving(PortLimits(from_one_address=4, spared=frozenset())) as served:
        held = [served.line() for _ in range(4)]
        for line in held:
            line.sendall(b"GET / HTTP/1.1\r\n")
        with served.line() as fifth:
            assert said(fifth) == b""
        bare = http.client.HTTPConnection(
            "127.0.0.1", served.port, timeout=5, source_address=("127.0.0.2", 0)
        )
        bare.request("GET", "/")
        assert bare.getresponse().read() == b"good"
        bare.close()
        for line in held:
            line.close()
        _until(lambda: not served.counted._open)
        served.good()


def test_a_port_holds_so_many_connections_in_all() -> None:
    with serving(PortLimits(connections=3)) as served:
        held = [served.line() for _ in range(3)]
        with served.line() as fourth:
            assert said(fourth) == b""
        for line in held:
            line.close()
        _until(lambda: not served.counted._open)
        served.good()


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    make_tls_authority(tmp_path, "test", int(time.time()))
    ensure_server_certificate(tmp_path, [], int(time.time()))
    return tmp_path


def test_a_handshake_that_is_never_finished_is_given_up_and_counted_meanwhile(tls: Path) -> None:
    limits = PortLimits(from_one_address=3, handshake_seconds=0.8, spared=frozenset())
    with serving(limits, tls) as served:
        held = [served.line() for _ in range(3)]
        held[0].sendall(b"\x16\x03\x01")
        with served.line() as fourth:
            assert said(fourth) == b""
        for line in held:
            assert said(line) == b""
        _until(lambda: not served.counted._open)
        trust = ssl.create_default_context(cafile=str(tls / "ca.pem"))
        bare = http.client.HTTPSConnection("127.0.0.1", served.port, context=trust, timeout=5)
        bare.request("POST", "/", body=b"x" * 100_000)
        assert bare.getresponse().read() == b"good"
        bare.close()
        _until(lambda: not served.counted._open)


def test_who_speaks_no_tls_is_not_served(tls: Path) -> None:
    with serving(PortLimits(), tls) as served:
        with served.line() as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"HTTP/" not in said(line)
        assert served.heard.requests == 0


@pytest.mark.parametrize(("forwarders", "seen"), [((), "127.0.0.1"), (("127.0.0.1",), "9.9.9.9")])
def test_a_forwarded_address_is_believed_only_of_who_was_named(
    forwarders: tuple[str, ...], seen: str
) -> None:
    with serving(limits_of(forwarders), forwarders=forwarders) as served:
        bare = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
        bare.request("GET", "/", headers={"X-Forwarded-For": "9.9.9.9"})
        bare.getresponse().read()
        bare.close()
        assert served.heard.client == seen


def test_connections_are_counted_by_what_one_customer_has() -> None:
    assert network_of(("192.0.2.7", 1)) == "192.0.2.7"
    assert network_of(("::ffff:192.0.2.7", 1)) == "192.0.2.7"
    assert network_of(("2001:db8::1", 1)) == network_of(("2001:db8::2:3", 1)) == "2001:db8::/64"
    assert network_of(("2001:db8:0:1::1", 1)) != network_of(("2001:db8::1", 1))
    assert network_of(None) == ""


def _until(true: object, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)
