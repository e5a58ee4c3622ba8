"""Inviting centres, and taking the keys of those that come.

EnrolRefusal
├── UnknownInvitation    the token is not one of ours, was revoked, or is for another centre
├── InvitationExpired    it came too late
├── InvitationUsed       another key came with it before
└── KeyTaken             another centre has this key
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from chassis.errors import NotAllowed, WrongInput
from chassis.store import audit_log
from coordinator.certificates import check_flower_key
from coordinator.home import Home, address_of, setting
from coordinator.store import centres
from coordinator.store.centres import Enrolled, Invited
from coordinator.store.database import Connection
from privacy.secure_sum.keys import check_kem
from privacy.secure_sum.shamir import RandomBytes
from schemas.enrolment import EnrolRequest, EnrolStatus, Invitation, Role
from schemas.names import Name
from schemas.roster import Organisation, RecognisedNumber, Roster
from schemas.round import KeyCard
from schemas.signed import BadSignature, Signed
from schemas.units import DAY, UnixSeconds

_MOST_ID = 2**16 - 1


class EnrolRefusal(NotAllowed):
    """The centre was not enrolled. Nothing was stored."""

    code = "enrol"


class UnknownInvitation(EnrolRefusal):
    """The token is not one of ours, was revoked, or is for another centre."""

    code = "invitation-unknown"


class InvitationExpired(EnrolRefusal):
    """It came too late."""

    code = "invitation-expired"


class InvitationUsed(EnrolRefusal):
    """Another key came with it before."""

    code = "invitation-used"


class KeyTaken(EnrolRefusal):
    """Another centre has this key."""

    code = "key-taken"


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom an operator invites."""

    name: str
    organisation: str
    recognised_number: str
    days: int = 14
    role: Role = "centre"

    def check(self) -> None:
        """Raise WrongInput on a field that no roster may hold."""
        try:
            TypeAdapter(Name).validate_python(self.name)
            TypeAdapter(Organisation).validate_python(self.organisation)
            if self.role == "centre":
                TypeAdapter(RecognisedNumber).validate_python(self.recognised_number)
        except ValidationError:
            raise WrongInput(
                "name, organisation and number are needed, not overlong, on one line, in letters "
                "of one alphabet and without characters that are not seen"
            ) from None
        if not 1 <= self.days <= 365:
            raise WrongInput("an invitation holds for 1 to 365 days")


def token_digest(token: str) -> str:
    """What the database knows of a token."""
    return hashlib.sha256(b"wegwijs/token\n" + token.encode()).hexdigest()


def invite(
    connection: Connection, folder: Path, guest: Guest, random_bytes: RandomBytes, now: int
) -> Invitation:
    """Reserve an id and make an invitation. Raises WrongInput."""
    guest.check()
    token = base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")
    number, expires = centres.next_id(connection), now + guest.days * DAY
    if number > _MOST_ID:
        raise NotAllowed("every id was given out; ids are never used twice")
    centres.invite(
        connection,
        Invited(
            number, token_digest(token), guest.name, guest.organisation,
            guest.recognised_number, expires, role=guest.role,
        ),
    )  # fmt: skip
    audit_log.note(connection, now, "invited", centre=number)
    return Invitation(
        url=address_of(connection).url,
        ca_pem=(Home(folder).tls / "ca.pem").read_text(),
        authority=setting(connection, "authority"),
        centre=number,
        name=guest.name,
        token=token,
        expires_at=UnixSeconds(expires),
        role=guest.role,
    )


def revoke(connection: Connection, centre_id: int, now: int) -> None:
    """Make an unused invitation worthless. Raises WrongInput."""
    if not centres.revoke(connection, centre_id, now):
        raise WrongInput("centre {id} has no open invitation", id=centre_id)
    audit_log.note(connection, now, "revoked", centre=centre_id)


def read_request(raw: bytes) -> EnrolRequest:
    """Read a centre's request and check its keys, before any of the database is touched.

    Raises KeyUnusable, BadCard, BadSignature or MalformedDocument.
    """
    signed = Signed.from_canonical(raw)
    request = signed.open(EnrolRequest, signed.peek(EnrolRequest).identity)
    card = request.card.open(KeyCard, request.identity)
    if card.id != request.centre:
        raise BadSignature("the key card is under another centre's id")
    check_kem(card)
    check_flower_key(request.flower_key)
    return request


def check_invited(connection: Connection, request: EnrolRequest) -> None:
    """Raise UnknownInvitation for a stranger, who then need not wait for the one that writes."""
    _invited(connection, request.centre, request.token)


def enrol(connection: Connection, request: EnrolRequest, now: int) -> EnrolStatus:
    """Take the keys of a request that was read. The same again is answered again.

    Raises EnrolRefusal.
    """
    invited = _invited(connection, request.centre, request.token)
    known = centres.of(connection, request.centre)
    if known is not None:
        if (known.key, known.flower_key) != (request.identity, request.flower_key.encode()):
            raise InvitationUsed("the invitation was used before, with other keys")
        return status_of(connection, known)
    if now > invited.expires_at:
        raise InvitationExpired("the invitation has expired; ask the region for a new one")
    _check_free(connection, request)
    new = Enrolled(
        request.centre, invited.name, invited.organisation, invited.recognised_number,
        request.identity, request.flower_key.encode(), request.card.canonical().decode(),
        "pending", now, role=invited.role,
    )  # fmt: skip
    centres.enrol(connection, new)
    centres.use(connection, invited.token_digest, now)
    audit_log.note(connection, now, "enrolled", centre=new.id, key=new.key)
    return status_of(connection, new)


def _invited(connection: Connection, centre_id: int, token: str) -> Invited:
    """Found by the token's hash, so how long it takes says nothing about a token."""
    invited = centres.invited(connection, token_digest(token))
    if invited is None or invited.centre != centre_id or invited.revoked_at is not None:
        raise UnknownInvitation("this invitation is not known here, or was revoked")
    return invited


def _check_free(connection: Connection, request: EnrolRequest) -> None:
    if centres.taken(connection, request.identity, request.flower_key.encode()):
        raise KeyTaken("another centre has this key; every centre makes its own")


def status_of(connection: Connection, known: Enrolled) -> EnrolStatus:
    """How far a centre has come."""
    signed = centres.latest(connection, "roster")
    listed = signed is not None and known.id in signed.peek(Roster).listed
    return EnrolStatus(
        centre=known.id, name=known.name, state="on_roster" if listed else known.state
    )


def status_by_token(connection: Connection, centre_id: int, token: str) -> EnrolStatus:
    """How far a centre has come, for who holds its token. Raises UnknownInvitation."""
    _invited(connection, centre_id, token)
    known = centres.of(connection, centre_id)
    if known is None:
        raise UnknownInvitation("no centre has come with this invitation yet")
    return status_of(connection, known)
