"""Approval, the roster the authority is asked to sign, and installing what it signed.

WrongPaper    signed by another key, or not for this coordinator
OldPaper      not the next one: its epoch, version or previous digest does not follow
"""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from chassis.errors import NotAllowed, NotYet, WrongInput
from chassis.store import audit_log, settings
from coordinator.home import setting
from coordinator.store import centres
from coordinator.store.centres import Enrolled
from coordinator.store.database import Connection
from schemas.document import MalformedDocument
from schemas.enrolment import RosterCandidate
from schemas.programme import Programme
from schemas.roster import Centre, Organisation, Roster, Witness, check_witnesses
from schemas.signed import BadSignature, Signed
from schemas.units import DAY, UnixSeconds

OPERATOR = "operator"
"""Setting: which organisation runs this coordinator."""


class WrongDocument(NotAllowed):
    """Signed by another key, or not for this coordinator."""

    code = "wrong-document"


class OldDocument(NotAllowed):
    """It does not follow the one that is installed."""

    code = "old-document"


def approve(connection: Connection, ids: Iterable[int] | None, now: int) -> tuple[int, ...]:
    """Approve these pending centres (None: all). Returns their ids. Raises WrongInput."""
    pending = {c.id for c in centres.enrolled(connection) if c.state == "pending"}
    wanted = pending if ids is None else set(ids)
    if strange := wanted - pending:
        raise WrongInput("centre {id} does not wait for approval", id=min(strange))
    if not wanted:
        raise NotYet("no centre waits for approval")
    centres.approve(connection, wanted)
    for centre_id in sorted(wanted):
        audit_log.note(connection, now, "approved", centre=centre_id)
    return tuple(sorted(wanted))


def approved(connection: Connection) -> list[Enrolled]:
    """Centres that an operator approved, by id."""
    return [c for c in centres.enrolled(connection) if c.state == "approved"]


def candidate(
    connection: Connection, now: int, *, days: int = 400, without: frozenset[int] = frozenset()
) -> RosterCandidate:
    """Return the roster the authority is asked to sign. Raises NotYet or WrongInput."""
    known = [one for one in approved(connection) if one.id not in without]
    listed = tuple(
        Centre(
            id=c.id, name=c.name, key=c.key, organisation=c.organisation,
            recognised_number=c.recognised_number,
        )
        for c in known
        if c.role == "centre"
    )  # fmt: skip
    if not listed:
        raise NotYet("no centre is approved yet: see pending")
    signed = centres.latest(connection, "roster")
    last = signed.peek(Roster) if signed else None
    witnesses, operator = _witnesses(known), settings.text(connection, OPERATOR)
    try:
        check_witnesses(listed, witnesses, operator)
    except ValueError as error:
        raise WrongInput(
            "{why}. Say who runs the coordinator with --operator, or leave a witness out with "
            "--without",
            why=str(error),
        ) from None
    return RosterCandidate(
        epoch=last.epoch + 1 if last else 1,
        previous=last.digest() if last else None,
        coordinator=setting(connection, "coordinator"),
        valid_from=UnixSeconds(now),
        valid_until=UnixSeconds(now + days * DAY),
        centres=listed,
        operator=operator,
        witnesses=witnesses,
    )


def _witnesses(known: Iterable[Enrolled]) -> tuple[Witness, ...]:
    return tuple(
        Witness(id=one.id, name=one.name, key=one.key, organisation=one.organisation)
        for one in known
        if one.role == "witness"
    )


def name_operator(connection: Connection, operator: str) -> None:
    """Note who runs this coordinator, for the roster. Raises WrongInput."""
    try:
        TypeAdapter(Organisation).validate_python(operator)
    except ValidationError:
        raise WrongInput(
            "who runs the coordinator is a name on one line, in letters of one alphabet"
        ) from None
    settings.put(connection, OPERATOR, operator)


def read_signed(raw: bytes) -> Signed:
    """Read a signed document; a line break at the end does no harm. Raises WrongInput."""
    try:
        return Signed.from_canonical(raw.strip())
    except MalformedDocument:
        raise WrongInput("this is not a document that the authority signed") from None


def install_roster(connection: Connection, signed: Signed, now: int) -> Roster:
    """Install a roster; the installed one again changes nothing. Raises WrongPaper, OldPaper."""
    try:
        roster = signed.open(Roster, setting(connection, "authority"))
    except (BadSignature, MalformedDocument):
        raise WrongDocument("this is not a roster signed by this region's authority") from None
    held = centres.latest(connection, "roster")
    last = held.peek(Roster) if held else None
    if last is not None and last.digest() == roster.digest():
        return roster
    if roster.coordinator != setting(connection, "coordinator"):
        raise WrongDocument("the roster names another coordinator")
    if roster.epoch != (last.epoch + 1 if last else 1) or roster.previous != (
        last.digest() if last else None
    ):
        raise OldDocument("the roster does not follow the one that is installed")
    known = {(c.id, c.key, c.role) for c in approved(connection)}
    listed = {(c.id, c.key, "centre") for c in roster.centres}
    if not known >= listed | {(w.id, w.key, "witness") for w in roster.witnesses}:
        raise WrongDocument("the roster names a centre or witness that is not approved here")
    centres.keep_paper(connection, "roster", roster.epoch, roster.digest(), signed)
    audit_log.note(connection, now, "roster", epoch=roster.epoch, centres=len(roster.ids))
    return roster


def install_programme(connection: Connection, signed: Signed, now: int) -> Programme:
    """Install a programme; the installed one again changes nothing.

    Raises WrongPaper or OldPaper.
    """
    try:
        programme = signed.open(Programme, setting(connection, "authority"))
    except (BadSignature, MalformedDocument, ValidationError):
        raise WrongDocument("this is not a programme signed by this region's authority") from None
    held = centres.latest(connection, "programme")
    last = held.peek(Programme) if held else None
    if last is not None and last.digest() == programme.digest():
        return programme
    if programme.valid_until <= now:
        raise OldDocument("the programme has expired")
    if last is not None and programme.version <= last.version:
        raise OldDocument("version {version} is installed; a change needs a higher one",
                       version=last.version)  # fmt: skip
    centres.keep_paper(connection, "programme", programme.version, programme.digest(), signed)
    audit_log.note(
        connection, now, "programme", version=programme.version, asks=len(programme.asks)
    )
    return programme
