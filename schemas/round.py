"""Documents of a round, in the order in which they are made: key card, link, announcement,
prekey, descriptor. All travel as signed envelopes.
"""

from typing import Literal

from pydantic import Field

from schemas.document import Document
from schemas.signed import Signed
from schemas.units import (
    DAY,
    AskKey,
    CentreId,
    CohortText,
    Digest,
    Generation,
    HexBytes,
    Moment,
    PublicKeyHex,
    RoundNumber,
    SignatureHex,
    Slug,
)

STUCK_DAYS = 30
"""After so many days a round without an end is stuck, unless a coordinator sets another number."""

NoiseFamily = Literal["skellam", "polya"]


class KeyCard(Document):
    """A node's long-lived ML-KEM-768 key; signed by its identity."""

    id: CentreId
    generation: Generation
    kem_public: HexBytes = Field(min_length=2368, max_length=2368, description="1184 bytes")


class Link(Document):
    """One encapsulation, from the lower id to the higher one's card; signed by the lower."""

    lo: CentreId
    hi: CentreId
    generation_lo: Generation
    generation_hi: Generation
    base: RoundNumber = Field(description="the round in which the ratchet of this pair starts")
    ciphertext: HexBytes = Field(min_length=2176, max_length=2176, description="1088 bytes")


def link_tag(signed: Signed) -> bytes:
    """Names one signed link, in 8 bytes."""
    return bytes.fromhex(signed.signature[:16])


class Announcement(Document):
    """The coordinator says what it will ask; nodes that want in answer with a prekey."""

    round: RoundNumber
    roster: Digest
    programme: Digest
    period: Slug
    cohorts: tuple[CohortText, ...] = Field(min_length=1, max_length=4)
    asks: tuple[AskKey, ...] = Field(min_length=1, description="as in the programme")
    length: int = Field(ge=1, le=2**22, description="entries of the vector")
    width: Literal[32, 64]
    announced_at: Moment
    prekeys_until: Moment
    deadline_latest: Moment

    def stuck_after(self, days: int) -> int:
        """From then on the round is stuck, unless it was certified or abandoned; Unix seconds."""
        return max(self.announced_at + days * DAY, self.deadline_latest)


class Prekey(Document):
    """A node's keys for one round; signed by its identity. They are used once.

    A witness has no mask key: it adds nothing to the sum.
    """

    id: CentreId
    round: RoundNumber
    announcement: Digest
    mask_public: PublicKeyHex | None
    channel_public: PublicKeyHex
    links: tuple[CentreId, ...] = Field(description="peers whose link this node holds, sorted")


class Parameters(Document):
    """Numbers that fix who may be missing and who may lie. SECURE: all enter the round id."""

    committee: int = Field(ge=1, le=100, description="C, on the committee: centres or witnesses")
    corrupt: int = Field(ge=0, description="f, corrupt members tolerated")
    threshold: int = Field(ge=1, description="t = f + 1, shares that open a secret")
    quorum: int = Field(ge=1, description="q, signatures that certify a set")
    floor: int = Field(ge=1, description="u_min, fewest centres in a sum")
    honest: int = Field(ge=1, description="h_min, honest noise shares promised at the floor")
    levels: tuple[int, ...] = Field(
        default=(), max_length=16, description="attendance above the floor at which noise comes off"
    )

    @property
    def honest_at(self) -> tuple[int, ...]:
        """Honest shares at the floor and at each level: each centre more is an honest one more."""
        return (self.honest, *(self.honest + level - self.floor for level in self.levels))

    def reached(self, contributors: int) -> int:
        """How many levels a set of so many centres reaches; so many increments come off."""
        return sum(level <= contributors for level in self.levels)

    def honest_in(self, contributors: int) -> int:
        """Shares that are the whole noise of a set of so many, once excess noise is off."""
        return self.honest_at[self.reached(contributors)]


class Descriptor(Document):
    """The one round that a node's contribution belongs to; its hash is the round id."""

    announcement: Announcement
    prekeys: Digest = Field(description="hash of all prekeys, in the order of ids")
    active: tuple[CentreId, ...] = Field(description="centres that may contribute")
    witnesses: tuple[CentreId, ...] = Field(default=(), description="active ones, if they sit")
    parameters: Parameters
    noise: NoiseFamily
    noise_variance: int = Field(ge=1, description="of the noise of `honest` shares, rounded up")
    specification: Digest = Field(description="hash of the layout of the vector")
    deadline: Moment = Field(description="nothing is contributed after it")


class SignedHeader(Document):
    """What one contribution is, without its vector; signed by the centre."""

    id: CentreId
    vector: Digest
    commitments: Digest
    slots: Digest
    signature: SignatureHex


class SetSignature(Document):
    """One committee member's signature on the set of centres in the sum."""

    member: CentreId
    signature: SignatureHex


class Certificate(Document):
    """Shows, to anyone, that a quorum of the committee certified one set of centres."""

    descriptor: Signed
    prekeys: tuple[Signed, ...]
    headers: tuple[SignedHeader, ...] = Field(description="of the centres in the sum, by id")
    signatures: tuple[SetSignature, ...]
