"""Keys in files and TLS certificates: the one door to X.509 and PEM.

The coordinator is its own TLS authority (ECDSA P-256); the invitation carries its certificate,
so a centre trusts this coordinator and nobody else.
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chassis.errors import NotAllowed, WrongInput
from chassis.files import write_secret
from privacy.secure_sum.keys import Identity

_CA_DAYS, _SERVER_DAYS, _RENEW_DAYS = 3650, 397, 30
_EARLIER = timedelta(minutes=10)  # clocks of centres that run behind
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class KeyExists(NotAllowed):
    """There is a key in this place already; it is never replaced."""

    code = "key-exists"


class KeyUnusable(WrongInput):
    """The key file is missing, damaged, or sealed with another passphrase."""

    code = "key-unusable"


def write_private(path: Path, body: bytes) -> None:
    """Write a secret that only its owner can read. Raises KeyExists."""
    try:
        write_secret(path, body)
    except FileExistsError:
        raise KeyExists("{file} exists already; nothing was replaced", file=path) from None


def write_signing_key(path: Path, identity: Identity, passphrase: str | None = None) -> None:
    """Keep an Ed25519 key as PKCS #8 PEM, sealed if there is a passphrase. Raises KeyExists."""
    sealing: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        sealing = serialization.BestAvailableEncryption(passphrase.encode())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    write_private(path, identity.private.private_bytes(*form, sealing))


def read_signing_key(path: Path, passphrase: str | None = None) -> Identity:
    """Return an Ed25519 key. Raises KeyUnusable."""
    try:
        pem = path.read_bytes()
    except OSError:
        raise KeyUnusable("there is no key in {file}", file=path) from None
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except TypeError:
        raise KeyUnusable(
            "{file}: a sealed key needs its passphrase, an open one has none", file=path
        ) from None
    except ValueError:
        raise KeyUnusable("the passphrase does not open {file}", file=path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable("{file} is not a signing key", file=path)
    return Identity(key.private_bytes_raw())


def check_flower_key(line: str) -> None:
    """Raise KeyUnusable unless this is an ECDSA P-256 public key as an OpenSSH line."""
    try:
        key = serialization.load_ssh_public_key(line.encode())
    except ValueError:
        raise KeyUnusable("the Flower key is not an OpenSSH public key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise KeyUnusable("the Flower key is not an ECDSA P-256 key")


def _write_ec_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    write_private(path, key.private_bytes(*form, serialization.NoEncryption()))
    return key


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _started(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: int, days: int
) -> x509.CertificateBuilder:
    begin = datetime.fromtimestamp(now, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - _EARLIER)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def make_tls_authority(folder: Path, name: str, now: int) -> None:
    """Write `ca.key` and `ca.pem`. Raises KeyExists."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _write_ec_key(folder / "ca.key")
    subject = _named(f"{name} TLS")
    made = (
        _started(subject, subject, key.public_key(), now, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _still_good(path: Path, names: Iterable[str], now: int) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - datetime.fromtimestamp(now, UTC)
    return left > timedelta(days=_RENEW_DAYS) and set(held) == {_alternative(n) for n in names}


def ensure_server_certificate(folder: Path, names: Iterable[str], now: int) -> None:
    """Write `server.key` and `server.pem` for these names and loopback, unless good ones stand.

    A certificate with under 30 days left, or for other names, is replaced. Raises KeyUnusable.
    """
    wanted = sorted({*names, *_LOOPBACK})
    if _still_good(folder / "server.pem", wanted, now):
        return
    try:
        ca_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        ca = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    except (OSError, ValueError):
        raise KeyUnusable("there is no TLS authority in {file}", file=folder) from None
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise KeyUnusable("there is no TLS authority in {file}", file=folder)
    (folder / "server.key").unlink(missing_ok=True)
    key = _write_ec_key(folder / "server.key")
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    made = (
        _started(_named(wanted[-1]), ca.subject, key.public_key(), now, _SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(authority, critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(n) for n in wanted]), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
