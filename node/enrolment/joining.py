"""Joining a region, and agreeing to its programme: what is stored, in which order.

Keys are made and stored before anything is sent; the region is pinned only after it has
answered. So a wrong invitation leaves nothing behind, and a crash at any line is mended by
running the command again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.errors import Refusal
from chassis.store import audit_log, settings
from node.admission.committee_demands import demanded
from node.admission.pinned_authority import take_programme, take_roster
from node.admission.refusal import AdmissionRefusal
from node.enrolment.coordinator_client import EnrolClient
from node.enrolment.own_keys import identity, kem_key
from node.store import NodeStore, records, signed_documents
from node.store.database import Connection
from privacy.secure_sum.keys import Identity, KemKey
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.shamir import RandomBytes
from schemas.document import MalformedDocument
from schemas.enrolment import EnrolRequest, EnrolStatus, Invitation, InvitationError
from schemas.key_words import key_words
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.signed import BadSignature, Signed
from schemas.units import UnixSeconds

Connect = Callable[[str, str], EnrolClient]


class JoinRefusal(Refusal):
    """This centre does not join, or does not agree. Nothing was changed."""

    code = "join"
    exit_code = 3


class WrongInvitation(JoinRefusal):
    """Mistyped or expired."""

    code = "wrong-invitation"
    exit_code = 2


class OtherRegion(JoinRefusal):
    """This store belongs to another centre or region already."""

    code = "other-region"
    exit_code = 4


class NotJoined(JoinRefusal):
    """`join` was not run here."""

    code = "not-joined"
    exit_code = 4


class HoldsClients(JoinRefusal):
    """The store holds clients, and the invitation is for a witness."""

    code = "holds-clients"


class NotOnRoster(JoinRefusal):
    """The authority has not put this centre on the roster yet."""

    code = "not-on-roster"
    exit_code = 4


class WrongDocument(JoinRefusal):
    """Not signed by the pinned authority, or older than what this centre holds."""

    code = "wrong-document"


class ExpiredProgramme(JoinRefusal):
    """Its date has passed."""

    code = "programme-expired"


_INVITATION = {
    "invitation-mistyped": "This is not a whole invitation. Nothing was changed. Copy it again, "
    "from wegwijs1: to the end.",
    "invitation-expired": "The invitation has expired. Nothing was changed. Ask the region for a "
    "new one.",
}


def read_invitation(text: str, now: int) -> Invitation:
    """Read and check an invitation. Raises WrongInvitation."""
    try:
        invitation = Invitation.from_text(text)
        invitation.check_date(UnixSeconds(now))
    except InvitationError as error:
        raise WrongInvitation(_INVITATION[error.code]) from None
    return invitation


def words_of(store: NodeStore) -> str:
    """The six words of this centre's identity key, after joining."""
    with store.begin() as connection:
        return key_words(identity(connection).public_hex)


def join(
    store: NodeStore, invitation: Invitation, connect: Connect, random_bytes: RandomBytes, now: int
) -> EnrolStatus:
    """Send this centre's keys and pin the region. Raises JoinRefusal or EnrolFailure."""
    with store.begin() as connection:
        _check_same(connection, invitation)
        _check_no_clients(connection, invitation)
        flower_line = _make_keys(connection, random_bytes)
        me = identity(connection)
        card = _card(connection, me, invitation.centre, random_bytes)
    request = EnrolRequest(
        centre=invitation.centre,
        token=invitation.token,
        identity=me.public_hex,
        flower_key=flower_line,
        card=card,
    )
    with connect(invitation.url, invitation.ca_pem) as client:
        status = client.enrol(Signed.seal(request, me.private))
    with store.begin() as connection:
        _check_same(connection, invitation)
        _check_no_clients(connection, invitation)
        if settings.get(connection, "node") is None:
            _pin(connection, invitation, card)
            audit_log.note(connection, now, "joined", centre=invitation.centre, url=invitation.url)
    return status


def _check_same(connection: Connection, invitation: Invitation) -> None:
    node, authority = (
        settings.get(connection, "node"),
        settings.get(connection, "authority"),
    )
    mine = (str(invitation.centre).encode(), invitation.authority.encode())
    if node is not None and (node, authority) != mine:
        raise OtherRegion(
            "This store belongs to another centre or region already. Nothing was changed. Make "
            "another store with init for this invitation."
        )


def _check_no_clients(connection: Connection, invitation: Invitation) -> None:
    """A witness holds no clients, whichever came first: the file or the invitation."""
    if invitation.role == "witness" and records.count(connection):
        raise HoldsClients(
            "This store holds clients, and the invitation is a witness's, which holds none. "
            "Nothing was changed. Make another store with init for this invitation."
        )


def _make_keys(connection: Connection, random_bytes: RandomBytes) -> str:
    """Make each key once. Returns the public line of the Flower key."""
    from node.enrolment.flower_key import load_key, new_key, private_pem, public_line

    if settings.get(connection, "identity") is None:
        settings.put(connection, "identity", Identity.new(random_bytes).seed)
        settings.put(connection, "kem", KemKey.new(random_bytes).seed)
        settings.put(connection, "flower", private_pem(new_key()))
    return public_line(load_key(settings.get(connection, "flower") or b"")).decode().strip()


def _card(connection: Connection, me: Identity, centre: int, random_bytes: RandomBytes) -> Signed:
    """The card to enrol with. A restored store makes its own in its first round, so until then
    it sends one that nobody will use."""
    if settings.get(connection, "kem") is None:
        return KemKey.new(random_bytes).card(me, centre)
    held = settings.get(connection, "card")
    return Signed.from_canonical(held) if held else kem_key(connection).card(me, centre)


def _pin(connection: Connection, invitation: Invitation, card: Signed) -> None:
    for key, value in {
        "authority": invitation.authority, "node": str(invitation.centre),
        "url": invitation.url, "ca": invitation.ca_pem, "token": invitation.token,
        "name": invitation.name, "role": invitation.role,
    }.items():  # fmt: skip
        settings.put(connection, key, value.encode())
    settings.put(connection, "card", card.canonical())


@dataclass(frozen=True, slots=True)
class Proposal:
    """The documents a centre is asked to agree to; `before`: those it agreed to last.

    A document that merely arrived with a round, and that nobody read, is not a version before.
    """

    roster: Roster
    programme: Programme
    roster_before: Roster | None
    before: Programme | None
    approved: bool
    signed_roster: Signed
    signed_programme: Signed
    policy: Policy
    witness: bool


def _setting(connection: Connection, key: str) -> str:
    value = settings.get(connection, key)
    if value is None:
        raise NotJoined("This centre has not joined a region yet. First: join INVITATION.")
    return value.decode()


def fetch(store: NodeStore, connect: Connect, now: int) -> Proposal:
    """Fetch roster and programme and check them; stores nothing.

    Raises JoinRefusal or EnrolFailure.
    """
    with store.begin() as connection:
        url, ca = _setting(connection, "url"), _setting(connection, "ca")
    with connect(url, ca) as client:
        roster, programme = client.roster(), client.programme()
    with store.begin() as connection:
        return _proposal(connection, roster, programme, now)


def _proposal(
    connection: Connection, signed_roster: Signed, signed_programme: Signed, now: int
) -> Proposal:
    authority = _setting(connection, "authority")
    try:
        roster = signed_roster.open(Roster, authority)
        programme = signed_programme.open(Programme, authority)
    except (BadSignature, MalformedDocument):
        raise WrongDocument(
            "A document of the region was not signed by the authority of your invitation. Nothing "
            "was changed. Warn the region."
        ) from None
    if roster.listed.get(int(_setting(connection, "node"))) != identity(connection).public_hex:
        raise NotOnRoster(
            "The authority has not put this centre on the roster yet. Nothing was changed: try "
            "again later."
        )
    if programme.valid_until <= now:
        raise ExpiredProgramme(
            "The programme has expired. Nothing was approved. The region has to publish a new one."
        )
    agreed = signed_documents.last_approved(connection, "programme")
    same = agreed is not None and agreed.digest == programme.digest()
    listed = signed_documents.last_approved(connection, "roster")
    return Proposal(
        roster=roster,
        programme=programme,
        roster_before=listed.signed.peek(Roster) if listed else None,
        before=agreed.signed.peek(Programme) if agreed else None,
        approved=same,
        signed_roster=signed_roster,
        signed_programme=signed_programme,
        policy=demanded(connection, Policy()),
        witness=settings.get(connection, "role") == b"witness",
    )


def agree(store: NodeStore, proposal: Proposal, now: int) -> None:
    """Store the documents and the owner's approval, in one transaction. Raises WrongPaper."""
    programme = proposal.programme
    with store.begin() as connection:
        try:
            take_roster(connection, proposal.signed_roster)
            take_programme(connection, proposal.signed_programme)
        except (BadSignature, AdmissionRefusal):
            raise WrongDocument(
                "A document of the region is older than the one this centre holds. Nothing was "
                "changed. Warn the region."
            ) from None
        signed_documents.approve(connection, "roster", proposal.roster.epoch, now)
        if not proposal.approved:
            signed_documents.approve(connection, "programme", programme.version, now)
            audit_log.note(connection, now, "approved", programme=programme.id,
                       version=programme.version)  # fmt: skip
