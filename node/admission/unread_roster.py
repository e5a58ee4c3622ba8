"""Has the owner read whom a round trusts? Rosters follow each other without anybody at a centre.

Whoever signs rosters could list made-up centres, or witnesses of their own, and open one centre's
list with them. So what the owner did not read counts as colluding, and no more may.
"""

from dataclasses import dataclass

from node.admission.refusal import UnreadRoster
from node.store import signed_documents
from node.store.database import Connection
from privacy.secure_sum.parameters import Policy, colluders
from schemas.names import look
from schemas.roster import Centre, Roster


def check_read(connection: Connection, roster: Roster, policy: Policy) -> None:
    """Raise UnreadRoster unless the committee is of the kind that the owner agreed to last, with
    no other witnesses, and no more centres are new since, or of another organisation, than may
    collude.

    An owner agrees to roster and programme together, so whoever agreed to neither is stopped
    before this.
    """
    agreed = signed_documents.last_approved(connection, "roster")
    if agreed is None:
        return
    known = agreed.signed.peek(Roster)
    if bool(roster.sitting) != bool(known.sitting):
        raise UnreadRoster("others certify and open the sums than those you agreed to")
    if any(known.listed.get(one.id) != one.key for one in roster.sitting):
        raise UnreadRoster("a witness sits of whom you did not read")
    read = {_run_by(one) for one in known.centres}
    new = sum(_run_by(one) not in read for one in roster.centres)
    if new > colluders(roster, policy.colluding):
        raise UnreadRoster("more centres are new to you than may collude")


@dataclass(frozen=True, slots=True)
class Unread:
    """A roster that came after the one the owner read: its epoch, and why this node answers no
    round before it is read, if it does not."""

    epoch: int
    why: str | None


def unread(connection: Connection, policy: Policy) -> Unread | None:
    """The newest roster, when the owner agreed to an older one and did not read it yet."""
    newest, agreed = (
        signed_documents.latest(connection, "roster"),
        signed_documents.last_approved(connection, "roster"),
    )
    if newest is None or agreed is None or newest.version <= agreed.version:
        return None
    try:
        check_read(connection, newest.signed.peek(Roster), policy)
    except UnreadRoster as refusal:
        return Unread(newest.version, str(refusal))
    return Unread(newest.version, None)


def _run_by(one: Centre) -> tuple[int, str, str]:
    return one.id, one.key, look(one.organisation)
