import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import TypeAdapter

from coordinator.certificates import (
    KeyExists,
    KeyUnusable,
    check_flower_key,
    ensure_server_certificate,
    make_tls_authority,
    read_signing_key,
    write_signing_key,
)
from privacy.secure_sum.keys import Identity
from schemas.enrolment import FlowerKey

DAY = 86_400


@pytest.fixture
def now() -> int:
    import time

    return int(time.time())


def _shake_hands(tls: Path, ca: Path, name: str) -> str:
    """Connect as `name` over a socket pair; returns the TLS version, or raises."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(tls / "server.pem", tls / "server.key")
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    client_side.load_verify_locations(ca / "ca.pem")
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            with server_side.wrap_socket(there, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_side.wrap_socket(here, server_hostname=name) as wrapped:
            wrapped.send(b"x")
            return wrapped.version() or ""
    finally:
        here.close()
        thread.join(5)


def test_the_certificate_holds_for_loopback_and_the_names_given(tmp_path: Path, now: int) -> None:
    make_tls_authority(tmp_path, "Vlaanderen", now)
    ensure_server_certificate(tmp_path, ["regio.example", "10.1.2.3"], now)
    for name in ("127.0.0.1", "localhost", "regio.example", "10.1.2.3"):
        assert _shake_hands(tmp_path, tmp_path, name) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(tmp_path, tmp_path, "elders.example")


def test_another_authority_does_not_vouch_for_it(tmp_path: Path, now: int) -> None:
    for part in ("a", "b"):
        make_tls_authority(tmp_path / part, "same name", now)
        ensure_server_certificate(tmp_path / part, [], now)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(tmp_path / "a", tmp_path / "b", "127.0.0.1")


def test_a_good_certificate_stands_and_one_that_ends_soon_is_replaced(
    tmp_path: Path, now: int
) -> None:
    make_tls_authority(tmp_path, "Vlaanderen", now)
    ensure_server_certificate(tmp_path, ["a.example"], now)
    first = (tmp_path / "server.pem").read_bytes()
    ensure_server_certificate(tmp_path, ["a.example"], now + 300 * DAY)
    assert (tmp_path / "server.pem").read_bytes() == first
    ensure_server_certificate(tmp_path, ["a.example"], now + 370 * DAY)
    second = (tmp_path / "server.pem").read_bytes()
    assert second != first
    ensure_server_certificate(tmp_path, ["b.example"], now + 370 * DAY)
    assert (tmp_path / "server.pem").read_bytes() != second


def test_private_keys_are_for_their_owner_only(tmp_path: Path, now: int) -> None:
    make_tls_authority(tmp_path, "Vlaanderen", now)
    ensure_server_certificate(tmp_path, [], now)
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_tls_authority_is_never_replaced(tmp_path: Path, now: int) -> None:
    make_tls_authority(tmp_path, "Vlaanderen", now)
    with pytest.raises(KeyExists):
        make_tls_authority(tmp_path, "Vlaanderen", now)


def test_a_signing_key_comes_back_as_it_was(tmp_path: Path) -> None:
    identity = Identity(b"\x09" * 32)
    write_signing_key(tmp_path / "key", identity)
    assert read_signing_key(tmp_path / "key") == identity


@pytest.mark.parametrize("body", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "key").write_bytes(body)
    with pytest.raises(KeyUnusable):
        read_signing_key(tmp_path / "key")


def test_a_tls_key_is_not_a_signing_key(tmp_path: Path, now: int) -> None:
    make_tls_authority(tmp_path, "Vlaanderen", now)
    with pytest.raises(KeyUnusable):
        read_signing_key(tmp_path / "ca.key")


def line_of(curve: ec.EllipticCurve) -> str:
    public = ec.generate_private_key(curve).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.mark.parametrize(
    "line",
    ["", "ecdsa-sha2-nistp256 AAAA", "ssh-ed25519 " + "A" * 68, line_of(ec.SECP384R1()), "noise"],
)
def test_another_line_than_a_p256_one_is_no_flower_key(line: str) -> None:
    with pytest.raises(KeyUnusable):
        check_flower_key(line)


def test_a_p256_line_is_a_flower_key_and_has_the_form_that_is_sent() -> None:
    line = line_of(ec.SECP256R1())
    check_flower_key(line)
    assert TypeAdapter(FlowerKey).validate_python(line) == line
