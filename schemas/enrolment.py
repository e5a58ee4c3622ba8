"""How a centre joins a region: invitation, request, status; and the roster before its signature.

InvitationError
├── MistypedInvitation   the text is not, or not wholly, an invitation
└── ExpiredInvitation    its date has passed
"""

import base64
import binascii
import hashlib
import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.document import Document, MalformedDocument
from schemas.names import Name
from schemas.roster import (
    Centre,
    Operator,
    Witness,
    Witnesses,
    check_witnesses,
    sitting_of,
    sizes_of,
)
from schemas.signed import Signed
from schemas.units import CentreId, Digest, Moment, PublicKeyHex, UnixSeconds

_PREFIX = "wegwijs1:"
_CHECK_BYTES = 8
_MOST_CHARACTERS = 20_000

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""32 random bytes, base64url."""

FlowerKey = Annotated[
    str, StringConstraints(pattern=r"^ecdsa-sha2-nistp256 [A-Za-z0-9+/=]{120,200}$")
]
"""An ECDSA P-256 public key as an OpenSSH line, without a comment."""

EnrolState = Literal["pending", "approved", "on_roster"]

Role = Literal["centre", "witness"]
"""What one is invited as."""


class InvitationError(ValueError):
    """The invitation cannot be used. Nothing was stored."""

    code: ClassVar[str] = "invitation"


class MistypedInvitation(InvitationError):
    """The text is not, or not wholly, an invitation."""

    code = "invitation-mistyped"


class ExpiredInvitation(InvitationError):
    """The date of the invitation has passed."""

    code = "invitation-expired"


class Invitation(Document):
    """What a centre needs to find its region and be recognised there, once.

    >>> Invitation.from_text(invitation.to_text()) == invitation
    True
    """

    url: str = Field(
        pattern=r"^https://[A-Za-z0-9._:\[\]-]{1,255}$", description="the public address"
    )
    ca_pem: str = Field(
        max_length=8_000, pattern=r"^[\x20-\x7e\r\n]*$", description="its TLS authority"
    )
    authority: PublicKeyHex = Field(description="who signs rosters and programmes")
    centre: CentreId
    name: Name
    token: Token = Field(repr=False)
    expires_at: Moment
    role: Role = "centre"

    def to_text(self) -> str:
        """Return one line of text with a check on typing and copying errors."""
        raw = self.canonical()
        body = hashlib.sha256(raw).digest()[:_CHECK_BYTES] + raw
        return _PREFIX + base64.urlsafe_b64encode(body).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the line; line breaks and spaces in it do no harm. Raises MistypedInvitation."""
        packed = re.sub(r"\s", "", text)
        if not packed.startswith(_PREFIX) or len(packed) > _MOST_CHARACTERS:
            raise MistypedInvitation("this is not an invitation of Wegwijs")
        try:
            encoded = packed.removeprefix(_PREFIX).encode("ascii")
            body = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), b"-_", validate=True)
            invitation = cls.from_canonical(body[_CHECK_BYTES:])
        except (UnicodeEncodeError, binascii.Error, MalformedDocument):
            raise MistypedInvitation("the invitation was not copied whole") from None
        if invitation.to_text() != packed:
            raise MistypedInvitation("the invitation was not copied whole")
        return invitation

    def check_date(self, now: UnixSeconds) -> None:
        """Raise ExpiredInvitation after the last moment."""
        if now > self.expires_at:
            raise ExpiredInvitation("the invitation has expired; ask the region for a new one")


class EnrolRequest(Document):
    """A centre's keys, with the token that proves it was invited. Signed by `identity`."""

    centre: CentreId
    token: Token = Field(repr=False)
    identity: PublicKeyHex
    flower_key: FlowerKey
    card: Signed = Field(description="the centre's key card, signed by `identity`")


class EnrolStatus(Document):
    """How far a centre has come."""

    centre: CentreId
    name: Name
    state: EnrolState


class RosterCandidate(Document):
    """What the coordinator proposes and the authority may sign, after adding the seed."""

    epoch: int = Field(ge=1, lt=2**63)
    previous: Digest | None
    coordinator: PublicKeyHex
    valid_from: Moment
    valid_until: Moment
    centres: tuple[Centre, ...] = Field(min_length=1, max_length=2**16)
    operator: Operator = None
    witnesses: Witnesses = ()

    @model_validator(mode="after")
    def _valid_for_a_while(self) -> Self:
        if self.valid_until <= self.valid_from:
            raise ValueError("a roster ends after it begins")
        check_witnesses(self.centres, self.witnesses, self.operator)
        return self

    @property
    def sitting(self) -> tuple[Witness, ...]:
        """The witnesses that would be the committee, as of a roster."""
        return sitting_of(self.witnesses)

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of all centres, ascending."""
        return tuple(centre.id for centre in self.centres)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many centres each organisation runs, as of a roster."""
        return sizes_of(self.centres)
