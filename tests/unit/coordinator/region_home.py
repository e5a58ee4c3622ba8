"""A founded coordinator with its public application, and a centre that wants in; no sockets."""

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from starlette.testclient import TestClient

from coordinator.enrolment import approval, invitations
from coordinator.enrolment.invitations import Guest
from coordinator.home import Address, Founding, found
from coordinator.store import CoordinatorStore
from coordinator.web.enrol_api import enrol_router
from privacy.secure_sum.keys import Identity, KemKey
from schemas.catalogue.default import programme_of_year
from schemas.enrolment import EnrolRequest, Invitation
from schemas.roster import Roster
from schemas.signed import Signed
from schemas.units import UnixSeconds

DAY = 86_400


@dataclass
class Tape:
    """Repeatable bytes in place of the operating system's."""

    at: int = 0

    def __call__(self, size: int) -> bytes:
        self.at += 1
        return self.at.to_bytes(4, "big").rjust(size, b"\x11")


@dataclass
class FakeClock:
    """A clock that only tests move."""

    now: int

    def __call__(self) -> int:
        return self.now


@dataclass
class Region:
    """One coordinator and its authority."""

    folder: Path
    clock: FakeClock
    random: Tape = field(default_factory=Tape)
    authority: Identity = field(default_factory=lambda: Identity(b"\x21" * 32))

    def __post_init__(self) -> None:
        founding = Founding("Vlaanderen", self.authority.public_hex, Address("127.0.0.1", 8443))
        self.coordinator = found(self.folder, founding, self.random, self.clock())
        self.store = CoordinatorStore.open(self.folder)
        app = FastAPI()
        app.include_router(enrol_router(self.store, self.clock))
        self.client = TestClient(app)

    def invite(self, name: str = "Centrum A", days: int = 14) -> Invitation:
        with self.store.begin() as connection:
            guest = Guest(name, f"Org {name}", "123", days)
            return invitations.invite(connection, self.folder, guest, self.random, self.clock())

    def invite_witness(self, organisation: str) -> Invitation:
        with self.store.begin() as connection:
            guest = Guest(f"Witness of {organisation}", organisation, "", role="witness")
            return invitations.invite(connection, self.folder, guest, self.random, self.clock())

    def enrol(self, *requests: Signed) -> None:
        for request in requests:
            assert self.client.post("/api/v1/enrol", content=request.canonical()).status_code == 200

    def approve(self) -> None:
        with self.store.begin() as connection:
            approval.approve(connection, None, self.clock())

    def sign_roster(self) -> Signed:
        with self.store.begin() as connection:
            candidate = approval.candidate(connection, self.clock())
        body = Roster(**{name: getattr(candidate, name) for name in type(candidate).model_fields},
                      seed="33" * 32)  # fmt: skip
        return Signed.seal(body, self.authority.private)

    def sign_programme(self, days: int = 700, **changes: object) -> Signed:
        now = self.clock()
        made = programme_of_year(
            2024, "Vlaanderen", UnixSeconds(now - DAY), UnixSeconds(now + days * DAY)
        )
        return Signed.seal(made.model_copy(update=changes), self.authority.private)

    def install(self, roster: Signed | None = None, programme: Signed | None = None) -> None:
        with self.store.begin() as connection:
            if roster is not None:
                approval.install_roster(connection, roster, self.clock())
            if programme is not None:
                approval.install_programme(connection, programme, self.clock())


def flower_line() -> str:
    """A fresh Flower key."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        .decode()
    )


def request_of(
    invitation: Invitation, seed: int = 1, *, flower: str | None = None, **changes: object
) -> Signed:
    """What a centre with this identity seed sends."""
    me = Identity(bytes([seed]) * 32)
    fields: dict[str, object] = {
        "centre": invitation.centre,
        "token": invitation.token,
        "identity": me.public_hex,
        "flower_key": flower or flower_line(),
        "card": KemKey(bytes([seed]) * 64).card(me, invitation.centre),
    }
    return Signed.seal(EnrolRequest(**{**fields, **changes}), me.private)  # type: ignore[arg-type]
