"""The coordinator's folder: where its database, keys and certificates are.

DIR/coordinator.db, or database.url    the store
DIR/coordinator.key                    Ed25519, signs rounds
DIR/tls/{ca,server}.{key,pem}          the public port and the SuperLink
DIR/superexec.secret                   lets this process, and no other, drive the SuperLink
DIR/flower/                            the SuperLink's own files
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chassis.errors import NotYet, WrongInput
from chassis.store import audit_log, settings
from coordinator.certificates import (
    ensure_server_certificate,
    make_tls_authority,
    read_signing_key,
    write_private,
    write_signing_key,
)
from coordinator.store import CoordinatorStore
from coordinator.store.database import Connection
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.shamir import RandomBytes
from schemas.names import Name

Clock = Callable[[], int]


_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside one coordinator's folder."""

    folder: Path

    @property
    def tls(self) -> Path:
        """Folder of the certificates."""
        return self.folder / "tls"

    @property
    def superexec_secret(self) -> Path:
        """File with the 32 bytes that the SuperLink asks of its executor."""
        return self.folder / "superexec.secret"

    @property
    def flower(self) -> Path:
        """Folder of the SuperLink."""
        return self.folder / "flower"

    def identity(self) -> Identity:
        """Return the key that signs rounds. Raises KeyUnusable."""
        return read_signing_key(self.folder / "coordinator.key")

    def renew_certificate(self, address: "Address", now: int) -> None:
        """Write a server certificate when there is none, or it ends soon."""
        ensure_server_certificate(self.tls, (address.host, *address.names), now)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the public port listens, and the names it is reached by (the first is public).

    `forwarders`: addresses of proxies that are believed about whom they forward for.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()
    forwarders: tuple[str, ...] = ()

    @property
    def public_host(self) -> str:
        """The name in invitations."""
        return self.names[0] if self.names else self.host

    @property
    def url(self) -> str:
        """`https://host:port`, as centres reach it."""
        host = self.public_host
        return f"https://[{host}]:{self.port}" if ":" in host else f"https://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new coordinator is told."""

    name: str
    authority: str
    address: Address
    database_url: str | None = field(default=None, repr=False)


def found(folder: Path, founding: Founding, random_bytes: RandomBytes, now: int) -> Identity:
    """Make store, key, certificates and secret. Raises WrongInput or StoreExists."""
    authority = founding.authority.strip().lower()
    if len(authority) != 64 or not set(authority) <= set("0123456789abcdef"):
        raise WrongInput("the authority's key is 64 hexadecimal digits: see authority show-key")
    check_region(founding.name)
    address = founding.address
    for host in (address.host, *address.names):
        _check_host(host)
    for forwarder in address.forwarders:
        _check_address(forwarder)
    if not address.names and address.host in ("0.0.0.0", "::"):  # noqa: S104 - refused, not bound
        raise WrongInput("say with --public-name under which name centres reach this address")
    store = CoordinatorStore.create(folder, founding.database_url)
    home, identity = Home(folder), Identity.new(random_bytes)
    write_signing_key(folder / "coordinator.key", identity)
    make_tls_authority(home.tls, founding.name, now)
    home.renew_certificate(address, now)
    write_private(home.superexec_secret, random_bytes(32))
    with store.begin() as connection:
        for key, value in {
            "name": founding.name, "authority": authority, "coordinator": identity.public_hex,
            "host": address.host, "port": str(address.port), "names": " ".join(address.names),
            "forwarders": " ".join(address.forwarders),
        }.items():  # fmt: skip
            settings.put(connection, key, value)
        audit_log.note(connection, now, "founded", coordinator=identity.public_hex)
    return identity


def check_region(name: str) -> None:
    """Raises WrongInput unless a region can be called so."""
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise WrongInput(
            "the region needs a name on one line, in letters of one alphabet"
        ) from None


def _check_host(text: str) -> None:
    """A numeric address, or a name as certificates hold it (RFC 1123, section 2.1)."""
    try:
        ip_address(text)
    except ValueError:
        if len(text) > 253 or not _HOST.fullmatch(text):
            raise WrongInput(
                "{text} is no address of a computer; give a name such as wegwijs.example.org, or "
                "numbers",
                text=text,
            ) from None


def _check_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        raise WrongInput(
            "{text} is no address of a proxy; give numbers, such as 10.0.0.5", text=text
        ) from None


def setting(connection: Connection, key: str) -> str:
    """Return a setting that `found` made. Raises NotYet."""
    value = settings.text(connection, key)
    if value is None:
        raise NotYet("init was not finished here; start again in an empty folder")
    return value


def address_of(connection: Connection) -> Address:
    """Return where the public port is."""
    names, forwarders = (tuple(setting(connection, key).split()) for key in ("names", "forwarders"))
    return Address(setting(connection, "host"), int(setting(connection, "port")), names, forwarders)
