"""Documents from outside: only what the pinned authority signed, never an older one."""

from chassis.store import settings
from node.admission import restored
from node.admission.refusal import AdmissionRefusal, NotEnrolled
from node.store import signed_documents
from node.store.database import Connection
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.signed import Signed


class OldDocument(AdmissionRefusal):
    """A roster or programme that is older than the one this centre holds, or breaks its chain."""

    code = "old-document"


class ReusedId(OldDocument):
    """A roster gives the id of one centre to another."""

    code = "reused-id"


def _authority(connection: Connection) -> str:
    key = settings.get(connection, "authority")
    if key is None:
        raise NotEnrolled("this centre has not joined a region yet")
    return key.decode()


def take_roster(connection: Connection, signed: Signed) -> None:
    """Keep a roster if it is new. Raises BadSignature, OldPaper or ReusedId.

    A centre that slept through an epoch may miss the rosters between; it is given them when
    they can be had, and takes a later one without them, for the authority signed it.
    """
    held = signed_documents.latest(connection, "roster")
    if held is not None and held.signed == signed:
        return
    roster = signed.open(Roster, _authority(connection))
    if held is not None:
        if held.digest == roster.digest():
            return
        follows = roster.epoch > held.version
        if not follows or (roster.epoch == held.version + 1 and roster.previous != held.digest):
            raise OldDocument("the roster does not follow the one this centre holds")
        _check_ids(connection, roster)
    signed_documents.keep(
        connection,
        signed_documents.SignedDocument("roster", roster.epoch, roster.digest(), signed, None),
    )


def _check_ids(connection: Connection, roster: Roster) -> None:
    """An id that stood for one key on any roster held here never stands for another."""
    keys = roster.listed
    for held in signed_documents.every(connection, "roster"):
        for node, key in held.signed.document(Roster).listed.items():
            if keys.get(node, key) != key:
                raise ReusedId(f"id {node} stood for another centre's key before")


def take_programme(connection: Connection, signed: Signed) -> None:
    """Keep a programme if it is new; it counts only after the owner approves it."""
    held = signed_documents.latest(connection, "programme")
    if held is not None and held.signed == signed:
        return
    programme = signed.open(Programme, _authority(connection))
    if held is not None:
        if held.digest == programme.digest():
            return
        if programme.version <= held.version:
            raise OldDocument("the programme is not newer than the one this centre holds")
    signed_documents.keep(
        connection,
        signed_documents.SignedDocument(
            "programme", programme.version, programme.digest(), signed, None
        ),
    )
    restored.charge_forgotten(connection)
